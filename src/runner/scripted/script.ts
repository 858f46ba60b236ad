import { readFileSync } from 'node:fs';
import * as z from 'zod';

import { checkSchema } from '../../base/schema-faults.ts';
import { NexoError } from '../../errors.ts';

const File = z.strictObject({ path: z.string().min(1), content: z.string() });

/** What the scripted agent can do, one thing a step. */
export const StepSchema = z.union([
  z.strictObject({ say: z.string() }),
  z.strictObject({ answer: z.string() }),
  z.strictObject({ write: File }),
  z.strictObject({ append: File }),
  /** A tool of the workspace, `nx_task_add` or `task_add`. */
  z.strictObject({
    tool: z.strictObject({ name: z.string().min(1), input: z.record(z.string(), z.unknown()).default({}) }),
  }),
  /** A command of this program. */
  z.strictObject({ nexo: z.array(z.string()).min(1) }),
  z.strictObject({
    usage: z.strictObject({
      input_tokens: z.number().min(0).default(0),
      cached_input_tokens: z.number().min(0).default(0),
      output_tokens: z.number().min(0).default(0),
      cost_usd: z.number().min(0).optional(),
    }),
  }),
  z.strictObject({ wait_ms: z.number().min(0).max(3_600_000) }),
  z.strictObject({
    fail: z.strictObject({
      message: z.string().default('The script fails.'),
      transient: z.boolean().default(false),
      after_ms: z.number().min(0).optional(),
      exit_code: z.int().min(0).max(255).default(1),
    }),
  }),
  /** Does nothing, until it is ended; `deaf` takes a second, harder signal. */
  z.strictObject({ hang: z.enum(['plainly', 'deaf']) }),
]);

const ReplySchema = z.strictObject({
  when: z
    .strictObject({
      contains: z.string().optional(),
      turn: z.int().min(1).optional(),
      attempt: z.int().min(1).optional(),
    })
    .default({}),
  steps: z.array(StepSchema).max(10_000),
});

const ScriptSchema = z.strictObject({ replies: z.array(ReplySchema).min(1).max(1000) });

export type Step = z.infer<typeof StepSchema>;
export type Script = z.infer<typeof ScriptSchema>;

/** Where the scripted agent stands when it chooses what to do. */
export interface Situation {
  readonly prompt: string;
  /** Of its session, from 1 up. */
  readonly turn: number;
  readonly attempt: number;
}

/** Reads a script, JSON or YAML. Throws SCRIPT_INVALID. */
export async function loadScript(path: string): Promise<Script> {
  const checked = checkSchema(await readValue(path), ScriptSchema);
  if (checked.ok) return checked.data;
  const [first] = checked.faults;
  throw invalid(
    path,
    `${first?.message ?? 'it does not fit'} (${checked.faults.length} in all)`,
    checked.faults,
  );
}

/** The steps of the first reply that fits; undefined when none does. */
export function chooseSteps(
  { replies }: Script,
  { prompt, turn, attempt }: Situation,
): readonly Step[] | undefined {
  return replies.find(
    ({ when }) =>
      (when.contains === undefined || prompt.includes(when.contains)) &&
      (when.turn === undefined || when.turn === turn) &&
      (when.attempt === undefined || when.attempt === attempt),
  )?.steps;
}

async function readValue(path: string): Promise<unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw invalid(path, error instanceof Error ? error.message : String(error), []);
  }
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text);
    } catch {
      throw invalid(path, 'it is not JSON', []);
    }
  }
  const { parseYaml } = await import('../../base/yaml-source.ts');
  const parsed = parseYaml(text);
  if (parsed.ok) return parsed.source.value;
  throw invalid(path, `line ${parsed.line}: ${parsed.message}`, []);
}

function invalid(path: string, why: string, faults: readonly { readonly message: string }[]): NexoError {
  return new NexoError('SCRIPT_INVALID', `The script ${path} cannot be followed: ${why}.`, {
    hint: 'docs/backends.md lists what a script can do.',
    data: { path, faults: faults.map(({ message }) => message) },
  });
}
