import { join } from 'node:path';

import { isoTime } from '../base/clock.ts';
import { nodeFileSystem, readRegularFile, writeFileDurable } from '../base/durable-file.ts';
import type { HomePaths } from '../home/paths.ts';
import { packageRoot } from '../version.ts';
import type { DaemonPart, PartContext } from './part.ts';

const DAY_MS = 86_400_000;
/** How often it looks whether a day has passed, in milliseconds: a timer of a whole day would sleep with the machine. */
const LOOK_MS = 15 * 60_000;
const MAX_RECORD_BYTES = 4_096;

/** One thing that is to be done once a day; answers with what it changed, a line each. */
export interface DailyTask {
  readonly name: string;
  run(context: PartContext): Promise<readonly string[]>;
}

/** Idle skills lose trust and level, as `nexo skills evolution --decay` does. */
const skillDecay: DailyTask = {
  name: 'skills',
  run: async ({ paths, clock }) => {
    const [{ SkillLibrary }, { decaySkills }] = await Promise.all([
      import('../skills/library.ts'),
      import('../skills/lifecycle.ts'),
    ]);
    const library = await SkillLibrary.open({ paths, clock, assets: join(packageRoot(), 'assets') });
    try {
      return decaySkills(library).map(({ id, change }) => `${id}: ${change}`);
    } finally {
      library.close();
    }
  },
};

/**
 * What is done once a day, whenever the daemon runs: at its start when the last time was a day ago, and from then on.
 * When each was done last is kept in the home, so that a daemon that is started often does not do it often.
 */
export function createUpkeepPart(tasks: readonly DailyTask[] = [skillDecay]): DaemonPart {
  return {
    name: 'upkeep',
    start: async (context) => {
      const { paths, clock, log } = context;
      let working: Promise<void> = Promise.resolve();
      let stopped = false;
      const look = (): void => {
        working = working.then(() => lookAt(tasks, context, () => stopped));
      };
      const timer = setInterval(look, LOOK_MS);
      const off = context.wakeEvents.on(look);
      // Behind the start, so that nobody who waits for the daemon waits for it.
      const first = setTimeout(look, 0);
      log.debug('looks after', { tasks: tasks.map(({ name }) => name) });
      return {
        ready: Promise.resolve(),
        stop: async () => {
          stopped = true;
          clearInterval(timer);
          clearTimeout(first);
          off();
          await working;
        },
        reload: async () => look(),
        report: () => {
          const done = readDone(paths);
          const told = tasks.map(({ name }) => {
            const at = done[name];
            return at === undefined || at > clock.now()
              ? `${name} not yet`
              : `${name} ${isoTime({ now: () => at })}`;
          });
          return { detail: `last: ${told.join(', ')}` };
        },
      };
    },
  };
}

async function lookAt(
  tasks: readonly DailyTask[],
  context: PartContext,
  isStopped: () => boolean,
): Promise<void> {
  const { paths, clock, log } = context;
  for (const { name, run } of tasks) {
    if (isStopped()) return;
    const last = readDone(paths)[name];
    // A record of the future comes from a clock that was wrong.
    if (last !== undefined && last <= clock.now() && clock.now() - last < DAY_MS) continue;
    try {
      const changes = await run(context);
      writeDone(paths, { ...readDone(paths), [name]: clock.now() });
      log.info(`did the daily upkeep of ${name}`, { changes });
    } catch (error) {
      // Not done, and so tried again at the next look; nothing else depends on it.
      log.error(`the daily upkeep of ${name} failed`, { error });
    }
  }
}

const recordPath = ({ state }: HomePaths): string => join(state, 'upkeep.json');

/** Task → when it was done, in epoch milliseconds. One that cannot be read is none: the work is safe to do again. */
function readDone(paths: HomePaths): Readonly<Record<string, number>> {
  try {
    const bytes = readRegularFile(nodeFileSystem, recordPath(paths), MAX_RECORD_BYTES)?.bytes;
    const value: unknown = bytes === undefined ? {} : JSON.parse(bytes.toString('utf8'));
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, at]) => {
        const ms = typeof at === 'string' ? Date.parse(at) : Number.NaN;
        return Number.isNaN(ms) ? [] : [[name, ms]];
      }),
    );
  } catch {
    return {};
  }
}

function writeDone(paths: HomePaths, done: Readonly<Record<string, number>>): void {
  const named = Object.entries(done).map(([name, at]) => [name, isoTime({ now: () => at })]);
  const text = `${JSON.stringify(Object.fromEntries(named), null, 2)}\n`;
  writeFileDurable(nodeFileSystem, recordPath(paths), text, { mode: 0o600 });
}
