/** Groups that we lead and that must not outlive us, by the id of their first process. */
const owned = new Set<number>();
let watchesExit = false;

/**
 * Ends the group of `pid` when this process ends: a group of its own gets no signal from the terminal. For programs
 * started with `detached`. `disownGroup` once it is gone.
 */
export function ownGroup(pid: number): void {
  owned.add(pid);
  if (watchesExit) return;
  watchesExit = true;
  process.once('exit', () => {
    for (const leader of owned) signalGroup(leader, 'SIGKILL');
  });
}

export function disownGroup(pid: number): void {
  owned.delete(pid);
}

/** Signals a whole group; false when nothing of it is left. Signal 0 only asks. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    // Windows has no process groups: only the program itself is ended there.
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
    return true;
  } catch {
    return false; // gone; a group of ours cannot become somebody else's
  }
}
