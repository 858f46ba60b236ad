import type { CheckValue } from '../base/json-schema.ts';
import { NexoError } from '../errors.ts';
import { extractJson } from './extract-json.ts';
import type { RunHooks, RunOutcome, RunRequest, RunWorld } from './request.ts';
import { runAutomationPrompt } from './run.ts';

export interface JsonRequest extends RunRequest {
  /** A JSON Schema of the answer. */
  readonly schema?: Readonly<Record<string, unknown>> | undefined;
  /** Instead of a schema, or besides it. */
  readonly check?: CheckValue | undefined;
  /** How often the agent is asked to correct its answer. Default 2. */
  readonly repairs?: number | undefined;
}

/** The answer as text. Throws RUN_FAILED when the run did not complete, and whatever `runAutomationPrompt` throws. */
export async function runAutomationText(
  request: RunRequest,
  world: RunWorld,
  hooks: RunHooks = {},
): Promise<string> {
  const outcome = await runAutomationPrompt(request, world, hooks);
  assertCompleted(outcome);
  return outcome.answer;
}

/**
 * The answer as a value that fits the schema. An answer that does not is sent back with what is wrong with it, a
 * bounded number of times; time, turns, tokens and money of all attempts together stay within the limits of the one
 * run. Throws RUN_ANSWER_INVALID, RUN_FAILED, and whatever `runAutomationPrompt` throws.
 */
export async function runAutomationJson(
  request: JsonRequest,
  world: RunWorld,
  hooks: RunHooks = {},
): Promise<unknown> {
  const outcome = await runForJson(request, world, hooks);
  assertCompleted(outcome);
  return outcome.value;
}

/** As `runAutomationJson`, with how the last attempt ended. A run that failed is returned without a value. */
export async function runForJson(
  request: JsonRequest,
  world: RunWorld,
  hooks: RunHooks = {},
): Promise<RunOutcome & { readonly value?: unknown }> {
  const check = await compile(request);
  const { schema, check: _own, repairs = DEFAULT_REPAIRS, ...plain } = request;
  const instruction = jsonInstruction(schema);
  let asked: RunRequest = { ...plain, outputFormat: 'json', prompt: `${request.prompt}\n\n${instruction}` };
  const startedAt = performance.now();
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await runAutomationPrompt(asked, world, hooks);
    if (outcome.status !== 'ok') return outcome;
    const found = extractJson(outcome.answer);
    const faults = found === undefined ? ['It is not JSON.'] : check(found.value);
    if (found !== undefined && faults.length === 0) return { ...outcome, value: found.value };
    if (attempt >= repairs) throw invalid(outcome, faults, attempt + 1);
    hooks.onNote?.(`The answer does not fit (${faults[0] ?? ''}); asking for a correction.`);
    asked = repairRequest(asked, outcome, { faults, instruction, elapsedMs: performance.now() - startedAt });
  }
}

const DEFAULT_REPAIRS = 2;
/** What is sent back of an answer, in characters, and how many faults are named. */
const MAX_SHOWN = 20_000;
const MAX_FAULTS = 10;

/** Goes on with the session where there is one; else the agent is shown its answer again. Limits shrink by what is used. */
function repairRequest(
  asked: RunRequest,
  outcome: RunOutcome,
  { faults, instruction, elapsedMs }: { faults: readonly string[]; instruction: string; elapsedMs: number },
): RunRequest {
  const wrong = faults.slice(0, MAX_FAULTS).map((fault) => `- ${fault}`);
  const again = ['Your last answer cannot be used:', ...wrong, '', instruction];
  const shown = [
    'This is the task:',
    asked.prompt,
    '',
    'This was your answer:',
    outcome.answer.slice(0, MAX_SHOWN),
    '',
  ];
  const { sessionId, usage } = outcome;
  const left = (limit: number | undefined, used: number): number | undefined =>
    limit === undefined ? undefined : Math.max(limit - used, 0);
  const tokens = usage.inputTokens + usage.outputTokens;
  return {
    ...asked,
    ...(sessionId === null ? {} : { resume: sessionId }),
    prompt: [...(sessionId === null ? shown : []), ...again].join('\n'),
    timeoutMs: asked.timeoutMs === undefined ? undefined : Math.max(asked.timeoutMs - elapsedMs, 1),
    maxTurns: left(asked.maxTurns, outcome.turns),
    maxTokens: left(asked.maxTokens, tokens),
    maxUsd: left(asked.maxUsd, usage.costUsd ?? 0),
  };
}

function jsonInstruction(schema: JsonRequest['schema']): string {
  const form = 'Answer with one JSON value and nothing else: no explanation, no code fence.';
  return schema === undefined ? form : `${form} It has to fit this JSON Schema:\n${JSON.stringify(schema)}`;
}

async function compile({ schema, check }: JsonRequest): Promise<CheckValue> {
  const own: CheckValue = check ?? (() => []);
  if (schema === undefined) return own;
  const { compileJsonSchema } = await import('../base/json-schema.ts');
  const fits = compileJsonSchema(schema);
  return (value) => [...fits(value), ...own(value)];
}

function assertCompleted(outcome: RunOutcome): void {
  if (outcome.status === 'ok') return;
  throw new NexoError('RUN_FAILED', outcome.message, {
    hint: `nexo runs show ${outcome.id} has what it did until then.`,
    data: { id: outcome.id, reason: outcome.reason, returncode: outcome.returncode },
  });
}

function invalid({ id }: RunOutcome, faults: readonly string[], attempts: number): NexoError {
  return new NexoError(
    'RUN_ANSWER_INVALID',
    `After ${attempts === 1 ? 'one attempt' : `${attempts} attempts`} the answer still does not fit: ${faults[0] ?? ''}`,
    { hint: `nexo runs show ${id} has the last attempt.`, data: { id, faults: faults.slice(0, MAX_FAULTS) } },
  );
}
