import type { HomePaths } from '../../../home/paths.ts';
import type { BackendName, ScheduleSpec } from '../store.ts';
import type { Timing } from '../timing.ts';

/** Everything that a unit is made of. The same plan makes the same files, byte for byte. */
export interface UnitPlan {
  readonly spec: ScheduleSpec;
  readonly home: HomePaths;
  readonly userHome: string;
  /** The stable shim, which finds Node and the program again. */
  readonly shim: string;
  /** `PATH` as jobs see it. */
  readonly searchPath: string;
}

export interface PlannedFile {
  readonly path: string;
  readonly content: string;
}

/** A schedule as it is found in a back end, whoever put it there. */
export interface FoundUnit {
  readonly cronId: string;
  /** Null when nothing in the unit says which script it runs. */
  readonly scriptPath: string | null;
  /** Null for a unit with times that no declaration can express. */
  readonly timing: Timing | null;
  readonly runAtLoad: boolean;
  /** True when it carries our mark and belongs to this home: only then it is ours to change. */
  readonly managed: boolean;
  /** The home in its mark, or null. */
  readonly home: string | null;
  /** Name in the back end: the timer's or the agent's. */
  readonly label: string;
  readonly description: string;
  /** What it consists of, path and content; empty for our own scheduler. */
  readonly files: readonly PlannedFile[];
}

export interface UnitState {
  /** The back end knows it and will start it. */
  readonly loaded: boolean;
  readonly pid: number | null;
  readonly lastExitCode: number | null;
  /** What the back end says, in a few words. */
  readonly detail: string;
}

/**
 * Where schedules are installed. Implementations differ in who wakes us, never in when a script runs: that is the
 * ledger's to decide.
 *
 * - `discover`, `plan` and `state` change nothing. `discover` reports what is there, ours or not, and never throws for
 *   a file that it cannot understand.
 * - `install` writes the files, whole and durable, and loads them; it replaces what is ours. Throws SCHEDULE_EXISTS
 *   when something that is not ours has the name, and SCHEDULE_INSTALL_FAILED when the back end refuses: the files
 *   stay then, and a repeated `install` is the way out.
 * - `remove` unloads and deletes what is ours and answers with the files; nothing there is no error. Throws
 *   SCHEDULE_EXISTS for what is not ours.
 */
export interface ScheduleBackend {
  readonly name: BackendName;
  plan(plan: UnitPlan): readonly PlannedFile[];
  discover(): Promise<readonly FoundUnit[]>;
  install(plan: UnitPlan): Promise<void>;
  remove(cronId: string): Promise<{ readonly deleted: readonly string[] }>;
  state(cronId: string): Promise<UnitState>;
}

/** Runs a program of the operating system, `systemctl` or `launchctl`; never throws for its exit code. */
export type RunCommand = (
  file: string,
  args: readonly string[],
) => Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;

/** Whether a timer of the operating system has to look for missed times when it starts. */
export function looksBack({ recoveryPolicy, timing, idempotent }: ScheduleSpec): boolean {
  return (
    idempotent &&
    (recoveryPolicy === 'catchup' || (recoveryPolicy === 'run_once_on_wake' && timing.kind === 'interval'))
  );
}

export const CORE_MARK = 'NEXO_MANAGED_CORE_CRON';
export const PERSONAL_MARK = 'NEXO_MANAGED_PERSONAL_CRON';

/** What every job's process is given, by whichever timer. */
export function unitEnvironment({ spec, home, userHome, searchPath }: UnitPlan): readonly [string, string][] {
  return [
    ['HOME', userHome],
    ['NEXO_HOME', home.home],
    ['PATH', searchPath],
    [PERSONAL_MARK, '1'],
    ['NEXO_PERSONAL_CRON_ID', spec.cronId],
  ];
}

/** The script in a command line: its last argument that is a path. */
export function lastPath(words: readonly string[]): string | null {
  return words.findLast((word) => word.startsWith('/') || word.startsWith('~')) ?? null;
}
