import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** How often we look, in milliseconds: a program can take a gigabyte in a second. */
const LOOK_MS = 100;

interface Watched {
  readonly maxBytes: number;
  readonly onExceeded: (bytes: number) => void;
}

const watched = new Map<number, Watched>();
let timer: NodeJS.Timeout | undefined;
let isLooking = false;

/** Calls `onExceeded` when all processes of the group of `pid` together hold more than `maxBytes`. */
export function watchMemory(pid: number, limit: Watched): void {
  watched.set(pid, limit);
  timer ??= setInterval(() => void look(), LOOK_MS).unref();
}

export function unwatchMemory(pid: number): void {
  watched.delete(pid);
  if (watched.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

async function look(): Promise<void> {
  if (isLooking) return;
  isLooking = true;
  try {
    const held = process.platform === 'linux' ? heldOnLinux() : await heldElsewhere();
    for (const [pid, { maxBytes, onExceeded }] of watched) {
      const bytes = held.get(pid) ?? 0;
      if (bytes > maxBytes) onExceeded(bytes);
    }
  } finally {
    isLooking = false;
  }
}

/** Pages have 4 KiB on all machines that matter here but some ARM ones, where this errs on the lenient side. */
const PAGE_BYTES = 4096;

/** Memory by process group. */
function heldOnLinux(): Map<number, number> {
  const held = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (name < '0' || name > '9:') continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      // Behind the name of the program, which may hold anything: state, parent, group … the 22nd is the resident set.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const group = Number(fields[2]);
      if (!watched.has(group)) continue;
      held.set(group, (held.get(group) ?? 0) + Number(fields[21]) * PAGE_BYTES);
    } catch {
      // gone in between
    }
  }
  return held;
}

function heldElsewhere(): Promise<Map<number, number>> {
  return new Promise((resolve) => {
    execFile('ps', ['-A', '-o', 'pgid=,rss='], { timeout: 2000 }, (_error, stdout) => {
      const held = new Map<number, number>();
      for (const line of stdout.split('\n')) {
        const [group = 0, kib = 0] = line.trim().split(/\s+/).map(Number);
        if (watched.has(group)) held.set(group, (held.get(group) ?? 0) + kib * 1024);
      }
      resolve(held);
    });
  });
}
