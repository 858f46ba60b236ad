import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import type { Clock } from '../../base/clock.ts';
import { nodeFileSystem, removeFileDurable, writeFileDurable } from '../../base/durable-file.ts';
import { identifyProcess, ownIdentity } from '../../base/process-identity.ts';
import type { HomePaths } from '../../home/paths.ts';
import { adopt, finish, type RunEnd, recordChild } from './ledger.ts';
import type { Run } from './runs.ts';
import { readSchedule, type Schedule } from './store.ts';

/** What came of running a script, as `runScript` tells it. */
export interface JobResult {
  readonly exitCode: number;
  readonly signal: string | null;
  readonly timedOut: boolean;
  /** True when our signal ended it. */
  readonly aborted: boolean;
  readonly durationMs: number;
  readonly summary: string;
  readonly error: string;
}

export interface Job {
  readonly schedule: Schedule;
  readonly run: Run;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
  /** Told the id of the process as soon as there is one. */
  onStart(pid: number): void;
}

export type RunJob = (job: Job) => Promise<JobResult>;

export interface ExecuteOptions {
  readonly home: HomePaths;
  readonly database: DatabaseSync;
  readonly clock: Clock;
  /** Ends the script; the run is recorded as interrupted. Its reason may be the name of a signal. */
  readonly signal: AbortSignal;
  readonly runJob: RunJob;
}

/** Without `timeout=` in its metadata a run may take this long, in milliseconds; a daemon has no limit. */
const DEFAULT_TIMEOUT_MS = 12 * 3_600_000;
/** Exit codes of a run that a signal has ended, as shells have them. */
const SIGNAL_EXIT: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/**
 * Runs one claimed due time to its end and records it. Undefined when the claim is no longer good: then nothing was
 * started. The job's own exit code is returned even when the record cannot be written; it is spooled then.
 */
export async function executeRun(run: Run, options: ExecuteOptions): Promise<JobResult | undefined> {
  const { database, clock, signal, runJob, home } = options;
  const schedule = readSchedule(database, run.cronId);
  if (schedule === undefined) return undefined;
  if (!adopt(database, run, { owner: ownIdentity(), now: clock.now() })) return undefined;
  const result = await runSafely(runJob, {
    schedule,
    run,
    timeoutMs: timeoutOf(schedule),
    signal,
    onStart: (pid) => {
      const child = identifyProcess(pid);
      if (child !== undefined) recordChild(database, run.id, child);
    },
  });
  const end = toEnd(result, clock.now(), signal);
  try {
    finish(database, run.id, end);
  } catch (error) {
    spoolEnd(home, run, end, clock, error);
  }
  return { ...result, exitCode: end.exitCode };
}

/** Takes up the records of runs that could not be written when they ended. Answers with how many. */
export function importSpool(home: HomePaths, database: DatabaseSync): number {
  const folder = spoolFolder(home);
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return 0; // nothing was ever spooled
  }
  let imported = 0;
  for (const name of names) {
    const path = join(folder, name);
    const record = parseSpooled(path);
    if (record === undefined) continue;
    finish(database, record.run, record.end);
    removeFileDurable(nodeFileSystem, path);
    imported += 1;
  }
  return imported;
}

async function runSafely(runJob: RunJob, job: Job): Promise<JobResult> {
  const startedAt = performance.now();
  try {
    return await runJob(job);
  } catch (error) {
    // Whatever goes wrong before the script has run is the end of this run, and is recorded as such.
    return {
      exitCode: 1,
      signal: null,
      timedOut: false,
      aborted: job.signal.aborted,
      durationMs: performance.now() - startedAt,
      summary: '',
      error: error instanceof Error ? error.message : String(error),
    };
  }
}

function timeoutOf({ timing, timeoutSeconds }: Schedule): number | undefined {
  if (timeoutSeconds !== null) return timeoutSeconds * 1000;
  return timing.kind === 'keep_alive' ? undefined : DEFAULT_TIMEOUT_MS;
}

function toEnd(result: JobResult, endedAt: number, signal: AbortSignal): RunEnd {
  const stopped = result.aborted && signal.aborted;
  const name = typeof signal.reason === 'string' ? signal.reason : 'SIGTERM';
  return {
    endedAt,
    exitCode: stopped ? (SIGNAL_EXIT[name] ?? 143) : result.exitCode,
    signal: stopped ? name : result.signal,
    timedOut: result.timedOut,
    stopped,
    summary: result.summary,
    error: stopped ? `stopped by ${name}` : result.error,
    durationMs: result.durationMs,
  };
}

function spoolFolder(home: HomePaths): string {
  return join(home.state, 'cron-spool');
}

function spoolEnd(home: HomePaths, run: Run, end: RunEnd, clock: Clock, cause: unknown): void {
  const stamp = new Date(clock.now()).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const path = join(spoolFolder(home), `${run.cronId}-${stamp}-${process.pid}.json`);
  const why = cause instanceof Error ? cause.message : String(cause);
  mkdirSync(spoolFolder(home), { recursive: true, mode: 0o700 });
  writeFileDurable(
    nodeFileSystem,
    path,
    `${JSON.stringify({ run: run.id, cronId: run.cronId, end, why }, null, 2)}\n`,
    {
      mode: 0o600,
    },
  );
}

function parseSpooled(path: string): { readonly run: number; readonly end: RunEnd } | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null || !('run' in value) || !('end' in value))
      return undefined;
    const { run, end } = value;
    if (typeof run !== 'number' || typeof end !== 'object' || end === null) return undefined;
    const field = (name: keyof RunEnd): unknown => Reflect.get(end, name);
    return {
      run,
      end: {
        endedAt: Number(field('endedAt')),
        exitCode: Number(field('exitCode')),
        signal: typeof field('signal') === 'string' ? String(field('signal')) : null,
        timedOut: field('timedOut') === true,
        stopped: field('stopped') === true,
        summary: String(field('summary') ?? ''),
        error: String(field('error') ?? ''),
        durationMs: Number(field('durationMs')),
      },
    };
  } catch {
    return undefined; // half a file of another program; left where it is
  }
}
