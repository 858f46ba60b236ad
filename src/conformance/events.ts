import { runProcess } from '../base/process.ts';
import { NexoError } from '../errors.ts';
import { toolErrorText } from '../workspace/tools.ts';
import { applyEvent, type LifecycleEvent } from './apply-event.ts';

/** Makes an implementation's hooks see an event. Resolves to undefined, or to why it could not be applied. */
export type ApplyEvent = (event: LifecycleEvent) => Promise<string | undefined>;

/** Our own hooks, in this process. */
export const applyOwnEvent: ApplyEvent = async (event) => {
  try {
    await applyEvent(event);
    return undefined;
  } catch (error) {
    if (error instanceof NexoError) return toolErrorText(error);
    throw error;
  }
};

interface EventCommandOptions {
  readonly argv: readonly [string, ...string[]];
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** A program that gets one event as JSON on its standard input, works in the project's folder, and ends with 0. */
export function eventCommand({ argv, env, timeoutMs, signal }: EventCommandOptions): ApplyEvent {
  const [program, ...args] = argv;
  return async (event) => {
    const result = await runProcess(program, args, {
      cwd: event.root,
      env: { ...env, NEXO_PROJECT_ROOT: event.root, NEXUS_PROJECT_ROOT: event.root },
      input: `${JSON.stringify(event)}\n`,
      timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    }).catch((error: unknown) => {
      if (!(error instanceof NexoError) || error.code !== 'PROCESS_FAILED') throw error;
      throw new NexoError('CONFORMANCE_SERVER_FAILED', `The event command does not run: ${error.message}`, {
        hint: `Check --events: ${argv.join(' ')}`,
        data: { command: [...argv] },
        cause: error,
      });
    });
    if (result.code === 0) return undefined;
    const end = result.signal ?? `exit code ${result.code}`;
    const said = result.stderr.trim().slice(-MAX_QUOTED);
    const how = result.timedOut ? `did not end within ${timeoutMs / 1000} s` : `ended with ${end}`;
    return `the event command ${how}${said === '' ? '' : `: ${said}`}`;
  };
}

/** How much of what the program said goes into the report, in characters. */
const MAX_QUOTED = 500;
