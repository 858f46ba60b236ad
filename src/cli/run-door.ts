import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { systemClock } from '../base/clock.ts';
import { NexoError, systemErrorCode } from '../errors.ts';
import { resolveHomePaths } from '../home/paths.ts';
import type { RunOutcome, RunWorld } from '../runner/request.ts';
import type { CommandContext } from './command.ts';
import { renderFailure } from './render/failure.ts';
import { createView } from './render/view.ts';

/** The world of a run, as a command sees it. */
export function runWorld({ io }: CommandContext): RunWorld {
  const userHome = io.userHome();
  return {
    paths: resolveHomePaths(io.env, userHome),
    env: io.env,
    userHome,
    cwd: io.cwd(),
    clock: systemClock,
  };
}

/** The prompt: the flag, else the file, else what is piped in. Throws RUN_PROMPT_MISSING, IO_FAILED, USAGE. */
export async function readPrompt(
  { prompt, promptFile }: { readonly prompt: string | undefined; readonly promptFile: string | undefined },
  context: CommandContext,
): Promise<string> {
  if (prompt !== undefined && promptFile !== undefined)
    throw new NexoError('USAGE', '--prompt and --prompt-file contradict one another.');
  if (prompt !== undefined) return prompt;
  if (promptFile !== undefined) return readTextFile(promptFile, context);
  if (context.io.stdinIsTerminal) {
    throw new NexoError('RUN_PROMPT_MISSING', 'The run has no prompt.', {
      hint: 'Pass --prompt TEXT or --prompt-file FILE, or pipe the prompt in.',
    });
  }
  return Buffer.from(await context.io.readStdin()).toString('utf8');
}

/** A text file that the command line names. Throws IO_FAILED. */
export function readTextFile(file: string, { io }: CommandContext): string {
  try {
    return readFileSync(resolve(io.cwd(), file), 'utf8');
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : code;
    throw new NexoError('IO_FAILED', `${file} cannot be read: ${why}.`, {
      hint: 'Nothing was run.',
      cause: error,
    });
  }
}

/** Says why a run failed, on standard error; what there is of an answer stays the result. */
export function noteFailure<T extends RunOutcome>(outcome: T, context: CommandContext): T {
  if (outcome.status === 'ok') return outcome;
  const error = new NexoError('RUN_FAILED', outcome.message, {
    hint: `nexo runs show ${outcome.id} has what it did until then.`,
  });
  context.note(renderFailure(error, createView(context.io.stderr, context.io.env)).trimEnd());
  return outcome;
}
