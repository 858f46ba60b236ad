import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { isoTime } from '../base/clock.ts';
import { nodeFileSystem, readRegularFile, writeFileDurable } from '../base/durable-file.ts';
import { ensureFolder } from '../base/folder.ts';
import { NexoError } from '../errors.ts';
import { inTransaction } from '../home/sql.ts';
import { REQUEST_FILE, runsFolder, runsWithRequest } from './event-file.ts';
import { openRunRecords } from './records/best-effort.ts';
import type { RunRecords } from './records/run-records.ts';
import type { RunHooks, RunOutcome, RunRequest, RunWorld } from './request.ts';
import { newRunId, runAutomationPrompt } from './run.ts';
import { findCaller } from './tiers/callers.ts';

/** After so many claims that came to nothing a run is given up: whoever takes it dies of it. */
const MAX_CLAIMS = 3;

export interface ClaimedRun {
  readonly id: string;
  readonly request: RunRequest;
  /** Who has claimed it; only they may renew or release it. */
  readonly worker: string;
}

/**
 * Hands a run to whoever works the queue, which is a daemon or `nexo runs work`. Acknowledged when it is on the disk.
 * Throws CALLER_UNREGISTERED, RUN_PROMPT_MISSING, and what opening the database throws.
 */
export async function enqueueRun(request: RunRequest, world: RunWorld): Promise<{ readonly id: string }> {
  findCaller(request.caller, world.registry);
  if (request.prompt.trim() === '') throw new NexoError('RUN_PROMPT_MISSING', 'The run has no prompt.');
  const now = isoTime(world.clock);
  const id = newRunId(now);
  const folder = join(runsFolder(world.paths), id);
  ensureFolder(nodeFileSystem, runsFolder(world.paths), 0o700);
  ensureFolder(nodeFileSystem, folder, 0o700);
  const cwd = request.cwd ?? world.cwd;
  writeFileDurable(nodeFileSystem, join(folder, REQUEST_FILE), JSON.stringify({ ...request, cwd }), {
    mode: 0o600,
  });
  await withDatabase(world, (database) => {
    database
      .prepare(
        `INSERT INTO automation_runs (id, caller, backend, cwd, output_format, prompt_chars, status, created_at)
         VALUES (?, ?, ?, ?, ?, ?, 'queued', ?)`,
      )
      .run(
        ...[id, request.caller, request.backend ?? '', cwd, request.outputFormat ?? 'text'],
        ...[request.prompt.length + (request.appendSystemPrompt?.length ?? 0), now],
      );
  });
  return { id };
}

/**
 * Takes the oldest run that waits, for `leaseMs`: by then it has to be running, renewed or released, or somebody else
 * may take it. Undefined when none waits. Two workers never get the same one.
 */
export async function claimQueuedRun(
  world: RunWorld,
  { worker, leaseMs }: { readonly worker: string; readonly leaseMs: number },
): Promise<ClaimedRun | undefined> {
  return withRecords(world, (records) => {
    const { database } = records;
    for (;;) {
      const id = claimNext(world, database, worker, leaseMs);
      if (id === undefined) {
        removeSpentRequests(world, records);
        return undefined;
      }
      const request = readRequest(world, id);
      if (request !== undefined) return { id, request, worker };
      // Somebody has removed what was asked for; nobody can run it any more.
      giveUp(database, id, isoTime(world.clock));
    }
  });
}

/** Keeps a claim for another `leaseMs`; false when it is somebody else's by now, or over. */
export async function renewClaim(
  world: RunWorld,
  { id, worker }: Pick<ClaimedRun, 'id' | 'worker'>,
  leaseMs: number,
): Promise<boolean> {
  const until = new Date(world.clock.now() + leaseMs).toISOString();
  return withDatabase(world, (database) => {
    const { changes } = database
      .prepare(
        "UPDATE automation_runs SET lease_until = ? WHERE id = ? AND claimed_by = ? AND status = 'queued'",
      )
      .run(until, id, worker);
    return changes > 0;
  });
}

/** Gives a claim back, as a worker does that has to stop. */
export async function releaseClaim(
  world: RunWorld,
  { id, worker }: Pick<ClaimedRun, 'id' | 'worker'>,
): Promise<void> {
  await withDatabase(world, (database) => {
    database
      .prepare(
        `UPDATE automation_runs SET claimed_by = '', lease_until = NULL, claims = max(claims - 1, 0)
         WHERE id = ? AND claimed_by = ? AND status = 'queued'`,
      )
      .run(id, worker);
  });
}

/**
 * Runs what was claimed. Its answer is kept on disk for whoever asked, and what was asked for is removed. A run that
 * could not begin now, because all places are taken or the worker has to stop, goes back into the queue.
 */
export async function runClaimed(
  claimed: ClaimedRun,
  world: RunWorld,
  hooks: RunHooks = {},
): Promise<RunOutcome> {
  const { id, request } = claimed;
  const path = join(runsFolder(world.paths), id, REQUEST_FILE);
  try {
    const outcome = await runAutomationPrompt({ ...request, id, keepAnswer: true }, world, hooks);
    rmSync(path, { force: true });
    return outcome;
  } catch (error) {
    if (error instanceof NexoError && LATER.has(error.code)) {
      await releaseClaim(world, claimed);
    } else {
      const message = error instanceof NexoError ? error.message : 'it could not be started';
      await withDatabase(world, (database) => giveUp(database, id, isoTime(world.clock), message));
      rmSync(path, { force: true });
    }
    throw error;
  }
}

const LATER: ReadonlySet<string> = new Set(['RUN_REFUSED', 'INTERRUPTED']);

/**
 * Removes what was asked for of runs that are over: cancelled while they waited, given up, or ended by a worker that was
 * killed right after. Words of a prompt stay on the disk for as long as their run waits, and no longer.
 */
export function removeSpentRequests(
  { paths }: Pick<RunWorld, 'paths'>,
  records: Pick<RunRecords, 'openIds'>,
): void {
  const folder = runsFolder(paths);
  const waiting = runsWithRequest(folder);
  if (waiting.length === 0) return;
  const open = records.openIds();
  for (const id of waiting) if (!open.has(id)) rmSync(join(folder, id, REQUEST_FILE), { force: true });
}

function claimNext(
  world: RunWorld,
  database: DatabaseSync,
  worker: string,
  leaseMs: number,
): string | undefined {
  const now = isoTime(world.clock);
  const until = new Date(world.clock.now() + leaseMs).toISOString();
  return inTransaction(database, () => {
    database
      .prepare(
        `UPDATE automation_runs SET status = 'failed', reason = 'lost', returncode = 1, ended_at = ?1
         WHERE status = 'queued' AND claims >= ?2 AND (lease_until IS NULL OR lease_until <= ?1)`,
      )
      .run(now, MAX_CLAIMS);
    const row = database
      .prepare(
        `UPDATE automation_runs SET claimed_by = ?1, lease_until = ?2, claims = claims + 1
         WHERE id = (SELECT id FROM automation_runs
                     WHERE status = 'queued' AND (lease_until IS NULL OR lease_until <= ?3)
                     ORDER BY created_at, id LIMIT 1)
         RETURNING id`,
      )
      .get(worker, until, now);
    return row === undefined ? undefined : String(row.id);
  });
}

function giveUp(
  database: DatabaseSync,
  id: string,
  now: string,
  message = 'what was asked for is gone',
): void {
  database
    .prepare(
      `UPDATE automation_runs SET status = 'failed', reason = 'unavailable', returncode = 2, ended_at = ?,
         lease_until = NULL, metadata = json_set(metadata, '$.message', ?) WHERE id = ? AND status IN ('queued', 'running')`,
    )
    .run(now, message, id);
}

function readRequest(world: RunWorld, id: string): RunRequest | undefined {
  const file = readRegularFile(nodeFileSystem, join(runsFolder(world.paths), id, REQUEST_FILE));
  if (file === undefined) return undefined;
  try {
    // Written by `enqueueRun`, whole or not at all, where only we can write.
    const value = JSON.parse(file.bytes.toString('utf8')) as Partial<RunRequest>;
    return typeof value.caller === 'string' && typeof value.prompt === 'string'
      ? (value as RunRequest)
      : undefined;
  } catch {
    return undefined;
  }
}

function withDatabase<T>(world: RunWorld, action: (database: DatabaseSync) => T): Promise<T> {
  return withRecords(world, ({ database }) => action(database));
}

async function withRecords<T>(world: RunWorld, action: (records: RunRecords) => T): Promise<T> {
  const records = await openRunRecords(world);
  try {
    return action(records);
  } finally {
    records.close();
  }
}
