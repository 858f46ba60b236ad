import { readdirSync, readFileSync } from 'node:fs';

/**
 * Processes of this user that were started with `name=value` in their environment, whatever group or session they have
 * moved to. Linux alone lets us look; elsewhere it finds none.
 */
export function findMarkedProcesses(name: string, value: string): number[] {
  let entries: string[];
  try {
    entries = readdirSync('/proc');
  } catch {
    return [];
  }
  const mark = Buffer.from(`\0${name}=${value}\0`);
  return entries
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
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

/** Ends every such process: asks first, and after `graceMs` ends them hard. Returns how many there were. */
export async function endMarkedProcesses(name: string, value: string, graceMs: number): Promise<number> {
  const found = findMarkedProcesses(name, value);
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

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // gone in between
    }
  }
}
