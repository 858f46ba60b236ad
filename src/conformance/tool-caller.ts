/** What came of one call. A failed one always has a `value` of the form `{error: message}`. */
export interface ToolOutcome {
  readonly failed: boolean;
  readonly value: unknown;
  /** Set when the call failed. */
  readonly message?: string;
  /** A fault that no fixture has to ask about, such as two forms of the answer that disagree. */
  readonly defect?: { readonly expected: string; readonly got: string };
}

/**
 * Calls the tools of one implementation on one project. `call` never rejects for a failing tool: refusals, protocol
 * errors and answers with an `error` are all failed outcomes. It throws CONFORMANCE_SERVER_FAILED when there is no
 * answer at all, and anything else for a bug of the implementation under test.
 */
export interface ToolCaller {
  call(tool: string, params: Readonly<Record<string, unknown>>): Promise<ToolOutcome>;
  /** Ends whatever was started for this caller. Never throws. */
  close(): Promise<void>;
}

/** The project of one case. */
export interface CaseProject {
  /** Absolute path of its folder. */
  readonly root: string;
  readonly harnessId: string;
}

/** Opens a caller on a project whose preconditions are in place. */
export type OpenToolCaller = (project: CaseProject) => Promise<ToolCaller>;

export function failedOutcome(message: string): ToolOutcome {
  return { failed: true, value: { error: message }, message };
}

/** The outcome of a call that returned `value`: an object with an `error` text counts as failed. */
export function returnedOutcome(value: unknown): ToolOutcome {
  const message = errorTextOf(value);
  return message === undefined ? { failed: false, value } : { failed: true, value, message };
}

export function errorTextOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('error' in value)) return undefined;
  return typeof value.error === 'string' ? value.error : undefined;
}
