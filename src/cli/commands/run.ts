import { resolve } from 'node:path';

import { NexoError } from '../../errors.ts';
import { assumeCaller } from '../../runner/caller-of.ts';
import type { InteractiveOutcome } from '../../runner/interactive.ts';
import type { RunOutcome, RunRequest } from '../../runner/request.ts';
import { runAutomationPrompt } from '../../runner/run.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { choice, nonEmpty, text, texts, toggle, wholeNumber } from '../flags.ts';
import { printableText } from '../render/printable.ts';
import { noteFailure, readPrompt, readTextFile, runWorld } from '../run-door.ts';

/** As long as a script of the night may need, in seconds. */
const DEFAULT_TIMEOUT_S = 10_800;

type RunResult =
  | (RunOutcome & { readonly value?: unknown })
  | InteractiveOutcome
  | { readonly id: string; readonly queued: true; readonly returncode: 0 };

export default defineCommand({
  description:
    'Runs an agent for one prompt and prints its answer. The tier of the caller decides model and effort; hard limits ' +
    'hold for time, silence, turns, tokens and money; the run is recorded, its prompt is not. Exit code: that of the ' +
    'backend, 124 when a limit ended it, 130 when it was cancelled, 3 for an unknown caller, 2 without a backend.',
  example: 'nexo run --caller personal/demo --backend scripted --prompt "say hello"',
  stopsItself: true,
  flags: {
    caller: text('who asks: personal/<name>, or a registered caller', { placeholder: 'id' }),
    prompt: text('what to do', { placeholder: 'text' }),
    promptFile: text('a file with what to do, instead', { placeholder: 'path', completes: 'file' }),
    backend: nonEmpty(text('what runs it, instead of your own choice', { placeholder: 'name' })),
    fallback: nonEmpty(text('another backend when that one is not here', { placeholder: 'name' })),
    tier: text('how hard the thinking is: maximo, alto, medio or bajo', { placeholder: 'tier' }),
    model: text('a model, instead of the one of the tier', { placeholder: 'model' }),
    reasoningEffort: text('an effort, instead of the one of the tier', { placeholder: 'effort' }),
    cwd: text('the folder to run in', { placeholder: 'dir', completes: 'folder' }),
    timeout: wholeNumber('the longest it may take', 'seconds'),
    silence: wholeNumber('the longest it may say nothing', 'seconds'),
    maxTurns: wholeNumber('the most turns'),
    maxTokens: wholeNumber('the most tokens'),
    maxUsd: text('the most money, in US dollars', { placeholder: 'amount' }),
    retries: wholeNumber('further attempts, where that is safe'),
    allowedTools: text('tools it may use, with commas between', { placeholder: 'list' }),
    appendSystemPrompt: text('more for the system prompt', { placeholder: 'text' }),
    appendSystemPromptFile: text('a file with more for it', { placeholder: 'path', completes: 'file' }),
    outputFormat: choice(['text', 'json'], 'what the answer has to be', 'form'),
    schema: text('a file with the JSON Schema of the answer', { placeholder: 'path', completes: 'file' }),
    resume: nonEmpty(text('the session to go on with', { placeholder: 'id' })),
    script: text('what the scripted backend does', { placeholder: 'path', completes: 'file' }),
    backendArg: texts('a word more for the backend', 'word'),
    queue: toggle('only put it into the queue, and print its id'),
    interactive: toggle('open a session for you in this terminal instead'),
    taskProfile: text('accepted for older scripts; plays no part', { placeholder: 'name' }),
    bareMode: text('accepted for older scripts; plays no part', { placeholder: 'word' }),
  },
  run: async ({ flags, context }): Promise<RunResult> => {
    const { io } = context;
    if (flags.interactive) return openSession(flags, context);
    const assumed = flags.caller === undefined ? assumeCaller(io.env) : undefined;
    if (assumed !== undefined) context.note(assumed.warning);
    const request: RunRequest = {
      caller: flags.caller ?? assumed?.caller ?? '',
      prompt: await readPrompt(flags, context),
      backend: flags.backend,
      fallback: flags.fallback,
      tier: flags.tier,
      model: flags.model,
      reasoningEffort: flags.reasoningEffort,
      cwd: flags.cwd,
      timeoutMs: (flags.timeout ?? DEFAULT_TIMEOUT_S) * 1000,
      silenceMs: flags.silence === undefined ? undefined : flags.silence * 1000,
      maxTurns: flags.maxTurns,
      maxTokens: flags.maxTokens,
      maxUsd: flags.maxUsd === undefined ? undefined : readAmount(flags.maxUsd),
      retries: flags.retries,
      allowedTools: flags.allowedTools
        ?.split(',')
        .map((tool) => tool.trim())
        .filter((tool) => tool !== ''),
      appendSystemPrompt:
        flags.appendSystemPromptFile === undefined
          ? flags.appendSystemPrompt
          : readTextFile(flags.appendSystemPromptFile, context),
      outputFormat: flags.schema === undefined ? flags.outputFormat : 'json',
      resume: flags.resume,
      script: flags.script === undefined ? undefined : resolve(io.cwd(), flags.script),
      extraArgs: flags.backendArg,
    };
    if (flags.queue) {
      const { enqueueRun } = await import('../../runner/queue.ts');
      return { ...(await enqueueRun(request, runWorld(context))), queued: true, returncode: 0 };
    }
    const hooks = { signal: io.signal, onNote: (line: string) => context.note(line) };
    if (request.outputFormat !== 'json')
      return noteFailure(await runAutomationPrompt(request, runWorld(context), hooks), context);
    const { runForJson } = await import('../../runner/answers.ts');
    const schema =
      flags.schema === undefined ? undefined : readSchema(readTextFile(flags.schema, context), flags.schema);
    return noteFailure(await runForJson({ ...request, schema }, runWorld(context), hooks), context);
  },
  verbatim: (outcome, view) => {
    if ('queued' in outcome) return outcome.id;
    if (!('answer' in outcome)) return '';
    const text = 'value' in outcome ? JSON.stringify(outcome.value, null, 2) : outcome.answer;
    // A program gets every byte of the answer; a terminal must not obey it.
    return Number.isFinite(view.columns) ? text.split('\n').map(printableText).join('\n') : text;
  },
  exitCode: ({ returncode }) => returncode,
});

/** A session is a conversation of the person at the terminal, so the caller that faces them is assumed. */
async function openSession(
  flags: Pick<RunRequest, 'backend' | 'tier' | 'model' | 'reasoningEffort' | 'cwd'> & {
    readonly caller: string | undefined;
  },
  context: CommandContext,
): Promise<InteractiveOutcome> {
  if (!context.io.stdinIsTerminal || !context.io.stdout.isTerminal) {
    throw new NexoError('USAGE', '--interactive needs a terminal.', { hint: 'Without one, pass a prompt.' });
  }
  const { runAutomationInteractive } = await import('../../runner/interactive.ts');
  const { caller = 'nexo_chat', backend, tier, model, reasoningEffort, cwd } = flags;
  const request = { caller, client: backend, tier, model, reasoningEffort, target: cwd };
  return runAutomationInteractive(request, runWorld(context), { onNote: (line) => context.note(line) });
}

function readAmount(word: string): number {
  const amount = /^\d+(\.\d+)?$/.test(word) ? Number(word) : Number.NaN;
  if (Number.isFinite(amount)) return amount;
  throw new NexoError('USAGE', `--max-usd takes an amount such as 0.50, not "${word}".`);
}

function readSchema(json: string, file: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new NexoError('INPUT_INVALID', `${file} is no JSON Schema: it has to be a JSON object.`);
}
