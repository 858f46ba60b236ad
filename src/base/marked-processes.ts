import { readdirSync, readFileSync } from 'node:fs';

/**
 * Processes of this user that were started with `name=value` in their environment, whatever group or session they have
 * moved to. Linux alone lets us look; elsewhere it finds none. Those with a number below `notBefore` are passed over.
 */
export function findMarkedProcesses(name: string, value: string, notBefore = 0): number[] {
  let entries: string[];
  try {
    entries = readdirSync('/proc');
  } catch {
    return [];
  }
  const mark = Buffer.from(`\0${name}=${value}\0`);
  return entries
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) >= notBefore && Number(entry) !== process.pid)
    .filter((entry) => {
      try {
        const environment = readFileSync(`/proc/${entry}/environ`);
        return Buffer.concat([Buffer.of(0), environment]).includes(mark);
      } catch {
        return false; // gone, or somebody else's
      }
    })
    .map(Number);
}

/** How often we look whether they are gone, in milliseconds. */
const POLL_MS = 20;

/**
 * Ends every such process: asks first, and after `graceMs` ends them hard. Returns how many there were. To look at all
 * processes of a busy machine takes milliseconds; with `startedBy`, the first of them and how long ago it was started,
 * older ones are passed over.
 */
export async function endMarkedProcesses(
  name: string,
  value: string,
  graceMs: number,
  startedBy: { readonly pid: number; readonly ms: number } | undefined = undefined,
): Promise<number> {
  const found = findMarkedProcesses(name, value, startedBy === undefined ? 0 : firstPossible(startedBy));
  if (found.length === 0) return 0;
  signalAll(found, 'SIGTERM');
  const giveUpAt = performance.now() + graceMs;
  while (performance.now() < giveUpAt) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    if (findMarkedProcesses(name, value).length === 0) return found.length;
  }
  signalAll(findMarkedProcesses(name, value), 'SIGKILL');
  return found.length;
}

/** In so short a time the numbers cannot have gone round and come back, in milliseconds. */
const SHORT_MS = 5_000;

/** Numbers go up until they begin anew; the last one that was given out tells whether they have. */
function firstPossible({ pid, ms }: { readonly pid: number; readonly ms: number }): number {
  if (ms > SHORT_MS) return 0;
  try {
    const last = Number(readFileSync('/proc/loadavg', 'utf8').trim().split(' ').at(-1));
    return last >= pid ? pid : 0;
  } catch {
    return 0;
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // gone in between
    }
  }
}
