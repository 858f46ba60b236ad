import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';

import { putSchedule, type ScheduleSpec } from '../../src/automation/schedules/store.ts';
import { bootIdentity } from '../../src/base/process-identity.ts';
import { openHomeDatabase } from '../../src/home/database.ts';
import { initialiseHome } from '../../src/home/layout.ts';
import { type HomePaths, resolveHomePaths } from '../../src/home/paths.ts';
import { NEXO, runNexo, startProgram, temporaryFolder } from '../support/run-nexo.ts';

/** Each round kills a daemon. The whole sweep is TEST_DAEMON_KILLS=40. */
const ROUNDS = Number(process.env.TEST_DAEMON_KILLS ?? 4);

let started: ChildProcess[] = [];
let home: HomePaths;
afterEach(async () => {
  for (const child of started) child.kill('SIGKILL');
  started = [];
  await runNexo(['daemon', 'stop', '--now'], { env: { NEXO_HOME: home.home } });
});

/** Notes its due time when it begins and when it ends, and cries out when it finds itself running already. */
const SCRIPT = `#!/bin/sh
# nexo: runtime=shell
out=$NEXO_HOME/out/$NEXO_PERSONAL_CRON_ID
mkdir "$out.running" || echo "overlap $NEXO_SCHEDULE_DUE_AT" >> "$out"
echo "begin $NEXO_SCHEDULE_DUE_AT" >> "$out"
sleep "$(sed -n 's/^# pause=//p' "$0")"
echo "end $NEXO_SCHEDULE_DUE_AT" >> "$out"
rmdir "$out.running"
# pause=PAUSE
`;

const JOBS: readonly {
  readonly id: string;
  readonly seconds: number;
  readonly pause: number;
  readonly catchUp: boolean;
}[] = [
  { id: 'quick', seconds: 1, pause: 0, catchUp: true },
  { id: 'slow', seconds: 1, pause: 1.4, catchUp: true },
  { id: 'second', seconds: 2, pause: 0.3, catchUp: true },
  { id: 'never-late', seconds: 2, pause: 0, catchUp: false },
];

function prepare(database: DatabaseSync): void {
  mkdirSync(join(home.home, 'out'));
  const now = Date.now();
  for (const { id, seconds, pause, catchUp } of JOBS) {
    const scriptPath = join(home.scripts, `ps-${id}.sh`);
    writeFileSync(scriptPath, SCRIPT.replace('PAUSE', String(pause)), { mode: 0o755 });
    const spec: ScheduleSpec = {
      cronId: id,
      name: id,
      scriptPath,
      description: '',
      source: 'added',
      backend: 'builtin',
      timing: { kind: 'interval', seconds },
      recoveryPolicy: catchUp ? 'run_once_on_wake' : 'none',
      runOnBoot: false,
      runOnWake: catchUp,
      idempotent: catchUp,
      maxCatchupAge: 3600,
      timeoutSeconds: null,
    };
    putSchedule(database, spec, { now, boot: bootIdentity(), nextDueAt: now + seconds * 1000 });
  }
}

/** A daemon in the foreground, once it says that it runs. */
async function startDaemon(): Promise<ChildProcess> {
  const child = startProgram(process.execPath, [NEXO, 'daemon', 'run'], { env: { NEXO_HOME: home.home } });
  started.push(child);
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (/ runs;/.test(said)) resolve();
    });
    child.on('exit', () => reject(new Error(said)));
  });
  return child;
}

const countRuns = (database: DatabaseSync): number =>
  Number(database.prepare('SELECT count(*) AS n FROM cron_runs').get()?.n);

/** Waits until so many more runs have begun, which is what a kill interrupts. */
async function moreRuns(database: DatabaseSync, more: number): Promise<void> {
  const goal = countRuns(database) + more;
  await expect
    .poll(() => countRuns(database), { timeout: 20_000, interval: 25 })
    .toBeGreaterThanOrEqual(goal);
}

describe('a daemon that is killed over and over', () => {
  it(
    'runs each due time once, skips none that is to be caught up, and never two at a time',
    async () => {
      const { HOME } = process.env;
      home = resolveHomePaths({ NEXO_HOME: join(temporaryFolder('crash'), '.nexo') }, HOME);
      initialiseHome(home);
      const database = await openHomeDatabase(home);
      prepare(database);
      for (let round = 0; round < ROUNDS; round += 1) {
        const daemon = await startDaemon();
        // At another moment of the second each time, so that other steps are cut.
        await moreRuns(database, 1 + (round % 3));
        await delay((round * 37) % 160);
        if (round === 1) {
          // Somebody removes the lock: for a while there are two daemons, until the first notices.
          rmSync(join(home.state, 'daemon', 'lock.db'));
          const second = await startDaemon();
          await new Promise((resolve) => daemon.once('exit', resolve));
          second.kill('SIGKILL');
        } else {
          daemon.kill('SIGKILL');
        }
      }
      const last = await startDaemon();
      await moreRuns(database, 4);
      const ended = new Promise((resolve) => last.once('exit', resolve));
      last.kill('SIGTERM');
      expect(await ended).toBe(0);
      for (const job of JOBS) verify(database, job);
      database.close();
    },
    60_000 + ROUNDS * 8_000,
  );
});

function verify(database: DatabaseSync, { id, seconds, catchUp }: (typeof JOBS)[number]): void {
  const all = (sql: string) => database.prepare(sql).all(id) as Record<string, number | string | null>[];
  const lines = readFileSync(join(home.home, 'out', id), 'utf8')
    .trim()
    .split('\n');
  expect(
    lines.filter((line) => line.startsWith('overlap')),
    id,
  ).toEqual([]);
  expect(readdirSync(join(home.home, 'out')).filter((name) => name.endsWith('.running'))).toEqual([]);
  // What the scripts saw of themselves: each due time once, to its end, one after the other.
  const begun = lines.filter((line) => line.startsWith('begin')).map((line) => line.slice(6));
  expect(new Set(begun).size, id).toBe(begun.length);
  expect(lines, id).toEqual(begun.flatMap((due) => [`begin ${due}`, `end ${due}`]));
  // What the ledger says: the same.
  const runs = all('SELECT due_at, exit_code, state FROM cron_runs WHERE cron_id = ? ORDER BY id');
  expect(
    runs.filter(({ state }) => state !== 'ended'),
    id,
  ).toEqual([]);
  const ran = runs
    .filter(({ exit_code: code }) => code === 0)
    .map(({ due_at: at }) => new Date(Number(at)).toISOString());
  expect(ran, id).toEqual(begun);
  // Every due time up to where the schedule stands has exactly one outcome.
  const [schedule] = all('SELECT anchor_at, cursor_at FROM schedules WHERE cron_id = ?');
  const slots = new Set(
    all('SELECT due_at FROM schedule_slots WHERE cron_id = ?').map(({ due_at: at }) => Number(at)),
  );
  const gaps = all('SELECT from_due_at, to_due_at, reason FROM schedule_gaps WHERE cron_id = ?');
  const anchor = Number(schedule?.anchor_at);
  for (let due = anchor + seconds * 1000; due <= Number(schedule?.cursor_at); due += seconds * 1000) {
    const within = gaps.filter(
      ({ from_due_at: from, to_due_at: to }) => Number(from) <= due && due <= Number(to),
    );
    expect(slots.has(due) ? 1 : within.length, `${id} ${new Date(due).toISOString()}`).toBe(1);
  }
  const reasons = new Set([
    ...gaps.map(({ reason }) => reason),
    ...all("SELECT reason FROM schedule_slots WHERE cron_id = ? AND outcome = 'skipped'").map(
      ({ reason }) => reason,
    ),
  ]);
  if (catchUp)
    expect(
      [...reasons].filter((each) => each !== 'superseded' && each !== 'overlap'),
      id,
    ).toEqual([]);
}
