import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Names one process for good: `pid@start`. Process ids are used again, after a restart of the machine soon, so an id
 * alone may name somebody else.
 */
export type ProcessIdentity = string;

/** Undefined when no such process runs. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const start = process.platform === 'linux' ? startOnLinux(pid) : startElsewhere(pid);
  return start === undefined ? undefined : `${pid}@${start}`;
}

/** Our own identity, which never changes. */
export function ownIdentity(): ProcessIdentity {
  own ??= identifyProcess(process.pid) ?? `${process.pid}@unknown`;
  return own;
}

let own: ProcessIdentity | undefined;

/** Whether exactly that process still runs. A dead one that nobody has waited for does not. */
export function isRunning(identity: ProcessIdentity): boolean {
  if (identity === ownIdentity()) return true;
  const pid = pidOf(identity);
  return pid !== undefined && identifyProcess(pid) === identity;
}

export function pidOf(identity: ProcessIdentity): number | undefined {
  const pid = Number(identity.split('@')[0]);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}

/** What tells one run of the machine, or of the container, from the next. */
export function bootIdentity(): string {
  boot ??= readBootIdentity();
  return boot;
}

let boot: string | undefined;

function readBootIdentity(): string {
  if (process.platform === 'linux') {
    // The kernel's id stays when a container is restarted; its first process does not.
    return `${readOr('/proc/sys/kernel/random/boot_id').trim()}/${startTicks(1) ?? ''}`;
  }
  if (process.platform === 'darwin') return run('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid']);
  return '';
}

function startOnLinux(pid: number): string | undefined {
  const ticks = startTicks(pid);
  return ticks === undefined
    ? undefined
    : `${readOr('/proc/sys/kernel/random/boot_id').slice(0, 8)}-${ticks}`;
}

/** Field 22 of /proc/PID/stat, see proc(5). The name in field 2 may hold blanks and brackets. */
function startTicks(pid: number): string | undefined {
  const stat = readOr(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  return stat === '' || state === 'Z' || state === 'X' ? undefined : fields[19];
}

function startElsewhere(pid: number): string | undefined {
  const start = run('/bin/ps', ['-o', 'lstart=', '-p', String(pid)]);
  return start === '' ? undefined : start.replace(/\s+/g, '_');
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // gone, or not that kind of system
  }
}

function run(file: string, args: readonly string[]): string {
  try {
    return execFileSync(file, [...args], {
      encoding: 'utf8',
      timeout: 5_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}
