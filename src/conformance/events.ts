import { NexoError } from '../errors.ts';
import { toolErrorText } from '../workspace/tools.ts';
import { applyEvent, type LifecycleEvent } from './apply-event.ts';
import { spawnGroup } from './process-group.ts';

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
}

/** A program that gets one event as JSON on its standard input, works in the project's folder, and ends with 0. */
export function eventCommand({ argv, env, timeoutMs }: EventCommandOptions): ApplyEvent {
  return async (event) => {
    const group = spawnGroup(argv, {
      cwd: event.root,
      env: { ...env, NEXO_PROJECT_ROOT: event.root, NEXUS_PROJECT_ROOT: event.root },
    });
    // Nobody reads what it prints, and a full pipe would stop it.
    group.child.stdout.resume();
    group.child.stdin.end(`${JSON.stringify(event)}\n`);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      group.signal('SIGKILL');
    }, timeoutMs);
    const { code, signal, spawnError } = await group.ended;
    clearTimeout(timer);
    if (spawnError !== undefined) {
      throw new NexoError(
        'CONFORMANCE_SERVER_FAILED',
        `The event command could not be started: ${spawnError.message}`,
        {
          hint: `Check --events: ${argv.join(' ')}`,
          data: { command: [...argv] },
        },
      );
    }
    if (code === 0) return undefined;
    const reason = timedOut
      ? `did not end within ${timeoutMs / 1000} s`
      : `ended with ${signal ?? `exit code ${code}`}`;
    const said = group.errorOutput();
    return `the event command ${reason}${said === '' ? '' : `: ${said}`}`;
  };
}
