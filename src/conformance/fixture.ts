import * as z from 'zod';

import { type Assertion, ExpectedSchema } from './assertion.ts';
import { parseJsonPath } from './json-path.ts';
import { statePathFault } from './state-path.ts';

/** The folders of a suite, in the order in which they run. */
export const FIXTURE_GROUPS = ['tools', 'scenarios', 'lifecycle'] as const;
export type FixtureGroup = (typeof FIXTURE_GROUPS)[number];

export const EVENT_TYPES = ['agent_spawn', 'agent_complete', 'agent_resume', 'session_end'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

const Params = z.record(z.string(), z.unknown());
const FieldPath = z.string().regex(/^\S+$/, 'is a field path without blanks');
const StatePath = z.string().superRefine((path, context) => {
  const fault = statePathFault(path);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});
const JsonPathText = z
  .string()
  .refine((text) => parseJsonPath(text) !== undefined, 'is not a path such as $.tasks[0].title');

const AssertionsSchema = z.record(JsonPathText, ExpectedSchema).meta({ id: 'assertions' });
const FileAssertionsSchema = z
  .record(StatePath, z.union([AssertionsSchema, z.null()]))
  .meta({ id: 'fileAssertions' });
/** The original fixture schema allows no lists here, but original fixtures have them. */
const FileContentSchema = z.union([z.record(z.string(), z.unknown()), z.array(z.unknown()), z.null()]);

const ActionSchema = z.strictObject({ tool: z.string().min(1), params: Params }).meta({ id: 'action' });
const EventSchema = z
  .strictObject({
    type: z.enum(EVENT_TYPES),
    params: Params.optional(),
    description: z.string().optional(),
  })
  .meta({ id: 'event' });

const CoversSchema = z
  .strictObject({
    state_schemas: z.record(z.string(), z.array(FieldPath)).optional(),
    return_value: z.record(z.string(), z.array(FieldPath)).optional(),
    description: z.string().optional(),
  })
  .refine(
    ({ state_schemas = {}, return_value = {} }) =>
      Object.keys({ ...state_schemas, ...return_value }).length > 0,
    'names neither state_schemas nor return_value',
  )
  .meta({ id: 'covers' });

const StepCommon = {
  description: z.string().optional(),
  assert_return: AssertionsSchema.optional(),
  assert_state: FileAssertionsSchema.optional(),
};
const StepSchema = z
  .union([
    z.strictObject({ ...StepCommon, action: ActionSchema }),
    z.strictObject({ ...StepCommon, event: EventSchema }),
  ])
  .meta({ id: 'step' });

const Common = {
  test_id: z.string().regex(/^[a-z][a-z0-9_-]*$/),
  description: z.string().min(10),
  covers: CoversSchema,
  uncovered_params: z.array(FieldPath).optional(),
  precondition: z.strictObject({ state_files: z.record(StatePath, FileContentSchema).optional() }).optional(),
  postcondition: z
    .strictObject({
      state_files: FileAssertionsSchema.optional(),
      return_value: AssertionsSchema.optional(),
      error: z.boolean().optional(),
      error_contains: z.string().optional(),
    })
    .meta({ id: 'postcondition' })
    .optional(),
};

const KINDS = {
  action: z.strictObject({ ...Common, action: ActionSchema }),
  event: z.strictObject({ ...Common, event: EventSchema }),
  steps: z.strictObject({ ...Common, steps: z.array(StepSchema).min(1) }),
} as const;

/** One case as a fixture file has it. A file holds one, or a list of them. */
export const FixtureSchema = z.union([KINDS.action, KINDS.event, KINDS.steps]);
type RawFixture = z.infer<typeof FixtureSchema>;
type RawStep = z.infer<typeof StepSchema>;

export type FileContent = Record<string, unknown> | readonly unknown[] | null;
export type Covers = z.infer<typeof CoversSchema>;

export type Operation =
  | { readonly kind: 'tool'; readonly tool: string; readonly params: Readonly<Record<string, unknown>> }
  | { readonly kind: 'event'; readonly type: EventType; readonly params: Readonly<Record<string, unknown>> };

export type FileExpectation =
  | { readonly kind: 'absent' }
  | { readonly kind: 'present' }
  | { readonly kind: 'json'; readonly assertions: readonly Assertion[] };

/** What has to hold after an operation. */
export interface Expectation {
  /** True: the call must fail. False: it must not. */
  readonly error?: boolean;
  readonly errorContains?: string;
  readonly returns: readonly Assertion[];
  readonly files: readonly { readonly path: string; readonly expected: FileExpectation }[];
}

export interface CaseStep {
  readonly description?: string;
  readonly operation: Operation;
  readonly expectations: readonly Expectation[];
}

/** One case, ready to run. */
export interface ConformanceCase {
  readonly id: string;
  readonly description: string;
  readonly group: FixtureGroup;
  /** Path of its file inside the suite, with `/`. */
  readonly file: string;
  /** Absent when the file claims nothing, which only the coverage check minds. */
  readonly covers?: Covers;
  readonly uncoveredParams: readonly string[];
  readonly preconditions: Readonly<Record<string, FileContent>>;
  readonly steps: readonly CaseStep[];
  /** A case of one operation, as opposed to a scenario. */
  readonly isSingle: boolean;
}

export interface FixtureFault {
  readonly path: string;
  readonly message: string;
}

/** Checks one raw case. Faults name the place inside the case. */
export function parseFixture(
  raw: unknown,
  place: { readonly group: FixtureGroup; readonly file: string },
): { readonly parsed: ConformanceCase } | { readonly faults: readonly FixtureFault[] } {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return { faults: [{ path: '', message: 'is not an object' }] };
  }
  const kinds = (['action', 'event', 'steps'] as const).filter((kind) => Object.hasOwn(raw, kind));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const found = kinds.length === 0 ? 'none' : kinds.join(' and ');
    return {
      faults: [{ path: '', message: `needs exactly one of action, event and steps, and has ${found}` }],
    };
  }
  const checked = KINDS[kind].extend({ covers: CoversSchema.optional() }).safeParse(raw);
  if (!checked.success) return { faults: checked.error.issues.map(toFault) };
  return { parsed: toCase(checked.data as LenientFixture, place) };
}

/** `covers` is only needed by the coverage check, so a suite without it still runs. */
type LenientFixture = RawFixture extends infer F
  ? F extends RawFixture
    ? Omit<F, 'covers'> & { covers?: Covers }
    : never
  : never;

function toFault(issue: z.core.$ZodIssue): FixtureFault {
  // Of a union that fits nowhere, the branch that came furthest says what is wrong.
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const best = issue.errors.toSorted((a, b) => depthOf(b) - depthOf(a))[0]?.[0];
    if (best !== undefined && best.path.length > 0) {
      const inner = toFault(best);
      return { path: [...issue.path.map(String), inner.path].join('.'), message: inner.message };
    }
  }
  if (issue.code === 'invalid_key' && issue.issues[0] !== undefined) {
    return { path: issue.path.map(String).join('.'), message: issue.issues[0].message };
  }
  return { path: issue.path.map(String).join('.'), message: issue.message };
}

function depthOf(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map(({ path }) => path.length));
}

function toCase(
  raw: LenientFixture,
  place: { readonly group: FixtureGroup; readonly file: string },
): ConformanceCase {
  const steps: CaseStep[] =
    'steps' in raw ? raw.steps.map(toStep) : [{ operation: toOperation(raw), expectations: [] }];
  const last = steps.at(-1);
  if (last !== undefined && raw.postcondition !== undefined) {
    const { state_files, return_value, error, error_contains } = raw.postcondition;
    const final: Expectation = {
      ...(error === undefined ? {} : { error }),
      ...(error_contains === undefined ? {} : { errorContains: error_contains }),
      returns: toAssertions(return_value),
      files: toFileExpectations(state_files),
    };
    steps[steps.length - 1] = { ...last, expectations: [...last.expectations, final] };
  }
  return {
    id: raw.test_id,
    description: raw.description,
    ...place,
    ...(raw.covers === undefined ? {} : { covers: raw.covers }),
    uncoveredParams: raw.uncovered_params ?? [],
    preconditions: raw.precondition?.state_files ?? {},
    steps,
    isSingle: !('steps' in raw),
  };
}

function toStep(raw: RawStep): CaseStep {
  return {
    ...(raw.description === undefined ? {} : { description: raw.description }),
    operation: toOperation(raw),
    expectations: [{ returns: toAssertions(raw.assert_return), files: toFileExpectations(raw.assert_state) }],
  };
}

function toOperation(
  raw: { readonly action: z.infer<typeof ActionSchema> } | { readonly event: z.infer<typeof EventSchema> },
): Operation {
  return 'action' in raw
    ? { kind: 'tool', tool: raw.action.tool, params: raw.action.params }
    : { kind: 'event', type: raw.event.type, params: raw.event.params ?? {} };
}

function toAssertions(raw: z.infer<typeof AssertionsSchema> = {}): Assertion[] {
  return Object.entries(raw).flatMap(([text, expected]) => {
    const path = parseJsonPath(text);
    return path === undefined ? [] : [{ path, expected }];
  });
}

function toFileExpectations(raw: z.infer<typeof FileAssertionsSchema> = {}): Expectation['files'] {
  return Object.entries(raw).map(([path, value]) => {
    if (value === null) return { path, expected: { kind: 'absent' } as const };
    const assertions = toAssertions(value);
    return {
      path,
      expected:
        assertions.length === 0 ? ({ kind: 'present' } as const) : ({ kind: 'json', assertions } as const),
    };
  });
}
