import { NexoError } from '../../errors.ts';
import { serverInfo } from '../identity.ts';
import { domainFault, FAULT, isRecord, META, ProtocolFault } from '../protocol.ts';
import type { ToolAnswer } from '../server-tool.ts';
import type { RequestId } from './id-finder.ts';

/** What handling a request came to. `later`: the answer, if any, is sent by somebody else. */
export type Outcome =
  | {
      readonly kind: 'result';
      readonly result: Readonly<Record<string, unknown>>;
      /** How long a client of 2026-07-28 may keep it, in milliseconds, where that is not the method's usual time. */
      readonly freshMs?: number;
    }
  | { readonly kind: 'tool'; readonly answer: ToolAnswer }
  | { readonly kind: 'later' };

export const LATER: Outcome = { kind: 'later' };

/** Answers that a client may keep for a while in 2026-07-28, by method, in milliseconds: they last as long as we run. */
const FRESH_MS: Readonly<Record<string, number>> = {
  'server/discover': 60_000,
  'tools/list': 3_600_000,
  'resources/templates/list': 3_600_000,
  'prompts/list': 0,
  'resources/list': 0,
  'resources/read': 0,
};

export interface AnswerContext {
  readonly method: string;
  readonly isModern: boolean;
  /** Root of the workspace in use, as far as it is known. */
  readonly workspace: string | undefined;
}

/** The answer as JSON text, with what its revision wants on every result. */
export function outcomeJson(
  id: RequestId,
  outcome: Exclude<Outcome, { kind: 'later' }>,
  context: AnswerContext,
): string | Buffer {
  const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`;
  if (outcome.kind === 'tool') return toolAnswerJson(head, outcome.answer, context);
  return `${head}${resultJson(outcome, context)}}`;
}

function resultJson(outcome: Extract<Outcome, { kind: 'result' }>, context: AnswerContext): string {
  const { method, isModern, workspace } = context;
  const { result, freshMs = FRESH_MS[method] } = outcome;
  const own = result._meta;
  const meta = resultMeta(workspace, isModern, isRecord(own) ? own : undefined);
  return JSON.stringify({
    ...result,
    ...(isModern ? { resultType: 'complete' } : {}),
    ...(isModern && freshMs !== undefined ? { ttlMs: freshMs, cacheScope: 'private' } : {}),
    ...(meta === undefined ? {} : { _meta: meta }),
  });
}

/**
 * Ten thousand tasks are megabytes, so the JSON of the answer is made once and put in place twice: as it is, and as
 * the content of a string. Done on bytes, where that takes a third of the time that JSON.stringify needs.
 */
function toolAnswerJson(
  head: string,
  { json, isError, workspace, warning }: ToolAnswer,
  { isModern }: AnswerContext,
): Buffer {
  const own = warning === undefined ? undefined : { [META.warning]: warning };
  const meta = resultMeta(workspace, isModern, own);
  const rest = [
    ...(isError ? ['"isError":true'] : []),
    ...(isModern ? ['"resultType":"complete"'] : []),
    ...(meta === undefined ? [] : [`"_meta":${JSON.stringify(meta)}`]),
  ];
  const before = Buffer.from(`${head}{"content":[{"type":"text","text":"`);
  const between = Buffer.from('"}],"structuredContent":');
  const bytes = Buffer.from(json);
  const after = Buffer.from(`${rest.map((member) => `,${member}`).join('')}}}`);
  const answer = Buffer.allocUnsafe(
    before.length + 2 * bytes.length + between.length + bytes.length + after.length,
  );
  let end = before.copy(answer);
  end = writeEscaped(bytes, answer, end);
  end += between.copy(answer, end);
  end += bytes.copy(answer, end);
  end += after.copy(answer, end);
  return answer.subarray(0, end);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Writes JSON text as the content of a JSON string and returns where it ends. Text that JSON.stringify made holds no
 * control character and no broken surrogate, so only quotes and backslashes have to be escaped.
 */
function writeEscaped(json: Buffer, target: Buffer, start: number): number {
  let end = start;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] as number; // within bounds: the loop says so, and a check here would cost a millisecond
    if (byte === QUOTE || byte === BACKSLASH) target[end++] = BACKSLASH;
    target[end++] = byte;
  }
  return end;
}

function resultMeta(
  workspace: string | undefined,
  isModern: boolean,
  own: Readonly<Record<string, unknown>> | undefined,
): Record<string, unknown> | undefined {
  if (own === undefined && workspace === undefined && !isModern) return undefined;
  return {
    ...own,
    ...(workspace === undefined ? {} : { [META.workspace]: workspace }),
    ...(isModern ? { [META.serverInfo]: serverInfo() } : {}),
  };
}

/** An error answer. */
export function faultJson(id: RequestId | null, error: unknown): string {
  const fault = toFault(error);
  const { code, message, data } = fault;
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    error: { code, message, ...(data === undefined ? {} : { data }) },
  });
}

/** A failure that is neither the protocol's nor the domain's is a bug of ours: the client learns that it happened. */
function toFault(error: unknown): ProtocolFault {
  if (error instanceof ProtocolFault) return error;
  return error instanceof NexoError
    ? domainFault(error)
    : new ProtocolFault(FAULT.internal, 'Internal error');
}
