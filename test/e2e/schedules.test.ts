import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';

import {
  NEXO,
  nexoJson,
  type RunOptions,
  runNexo,
  startProgram,
  temporaryFolder,
} from '../support/run-nexo.ts';

let home: string;
let options: RunOptions;
beforeEach(async () => {
  home = join(temporaryFolder('home'), '.nexo');
  options = { env: { NEXO_HOME: home } };
  await nexoJson(['home', 'init'], options);
});

const script = (name: string, body: string, more = '# nexo: interval_seconds=3600'): string => {
  const path = join(home, 'personal', 'scripts', `${name}.sh`);
  const header = `# nexo: name=${name}\n# nexo: runtime=shell\n# nexo: cron_id=${name}\n# nexo: schedule_required=true\n${more}\n`;
  writeFileSync(path, `#!/bin/bash\n${header}${body}\n`, { mode: 0o755 });
  return path;
};
/** Moves the grid of an interval, so that it has been due for a second. */
function makeDue(id: string): void {
  const database = new DatabaseSync(join(home, 'state', 'nexo.db'), { timeout: 10_000 });
  const due = Date.now() - 1000;
  database
    .prepare('UPDATE schedules SET anchor_at = ?, cursor_at = ?, next_due_at = ? WHERE cron_id = ?')
    .run(due - 3_600_000, due - 1, due, id);
  database.close();
}
function rows(sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(join(home, 'state', 'nexo.db'), { timeout: 10_000 });
  const found = database.prepare(sql).all();
  database.close();
  return found;
}
const fire = (id: string) => runNexo(['schedules', 'fire', id], options);
async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 400) throw new Error('it did not come to that');
    await delay(25);
  }
}

describe('a timer that calls', () => {
  it('runs what is due, once, with the captured PATH and its marks, and keeps its output', async () => {
    script('report', 'echo "PATH=$PATH id=$NEXO_PERSONAL_CRON_ID due=$NEXO_SCHEDULE_DUE_AT home=$NEXO_HOME"');
    const { path } = (await nexoJson(['scripts', 'reconcile'], options)) as { path: string };
    expect((await fire('report')).stdout).toContain('Nothing of report is due');
    makeDue('report');
    expect(await fire('report')).toMatchObject({ code: 0 });
    expect((await fire('report')).stdout).toContain('Nothing of report is due');
    const log = readFileSync(join(home, 'logs', 'report-stdout.log'), 'utf8');
    expect(log).toContain(`PATH=${path} id=report due=`);
    expect(rows('SELECT cron_id, exit_code, state, cause FROM cron_runs')).toEqual([
      { cron_id: 'report', exit_code: 0, state: 'ended', cause: 'due' },
    ]);
    expect(rows('SELECT outcome FROM schedule_slots')).toEqual([{ outcome: 'ran' }]);
    const list = (await nexoJson(['scripts', 'schedules'], options)) as Record<string, unknown>[];
    expect(list).toMatchObject([
      { cron_id: 'report', backend: 'builtin', last_exit_code: 0, state: 'waiting' },
    ]);
    const status = await nexoJson(['schedules', 'status', 'report'], options);
    expect(status).toMatchObject({
      schedules: [{ succeeded: 1, marker: 'ok' }],
      runs: [{ exit_code: 0, cause: 'due' }],
    });
  });

  it('runs it through the shim as well, and ends with the code of the script', async () => {
    script('fails', 'echo "fatal error: no disk" >&2; exit 7');
    await nexoJson(['scripts', 'reconcile'], options);
    makeDue('fails');
    const child = startProgram(join(home, 'bin', 'nexo'), ['schedules', 'fire', 'fails'], options);
    expect(await once(child, 'close')).toEqual([7, null]);
    expect(rows('SELECT exit_code, error FROM cron_runs')).toEqual([
      { exit_code: 7, error: 'fatal error: no disk' },
    ]);
    expect(rows('SELECT outcome FROM schedule_slots')).toEqual([{ outcome: 'failed' }]);
    expect(await nexoJson(['schedules', 'list'], options)).toMatchObject([
      { health: 'failing', last_exit_code: 7 },
    ]);
  });

  it('shows the run while it goes on, ends it when it is told to, and says so', async () => {
    script('long', `trap 'echo bye; exit 0' TERM; touch "$NEXO_HOME/started"; while :; do sleep 0.1; done`);
    await nexoJson(['scripts', 'reconcile'], options);
    makeDue('long');
    const child = startProgram(process.execPath, [NEXO, 'schedules', 'fire', 'long'], options);
    await until(() => existsSync(join(home, 'started')));
    expect(rows('SELECT state, ended_at FROM cron_runs')).toEqual([{ state: 'running', ended_at: null }]);
    makeDue('long');
    expect((await fire('long')).stdout).toContain('Nothing of long is due');
    child.kill('SIGTERM');
    await once(child, 'close');
    expect(rows('SELECT state, exit_code, error FROM cron_runs')).toEqual([
      { state: 'ended', exit_code: 143, error: 'stopped by SIGTERM' },
    ]);
  });

  it('does not run a script that is switched off, and records the time', async () => {
    script('off', 'touch "$NEXO_HOME/ran"');
    await nexoJson(['scripts', 'reconcile'], options);
    await nexoJson(['scripts', 'disable', 'off'], options);
    makeDue('off');
    expect((await fire('off')).code).toBe(0);
    expect(existsSync(join(home, 'ran'))).toBe(false);
    expect(rows('SELECT outcome, reason FROM schedule_slots')).toEqual([
      { outcome: 'skipped', reason: 'disabled' },
    ]);
  });

  it('ends a run that takes too long with 124', async () => {
    script('slow', 'sleep 60', '# nexo: interval_seconds=3600\n# nexo: timeout=1');
    await nexoJson(['scripts', 'reconcile'], options);
    makeDue('slow');
    await fire('slow');
    expect(rows('SELECT exit_code, timed_out FROM cron_runs')).toEqual([{ exit_code: 124, timed_out: 1 }]);
  });

  it('says what to do when the schedule, or its script, is gone', async () => {
    const path = script('gone', 'true');
    await nexoJson(['scripts', 'reconcile'], options);
    rmSync(path);
    makeDue('gone');
    await fire('gone');
    expect(rows('SELECT exit_code, error FROM cron_runs')).toEqual([
      { exit_code: 1, error: `the script ${path} is not there` },
    ]);
    const ran = await fire('nobody');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('SCHEDULE_NOT_FOUND');
    expect(ran.stderr).toContain('nexo scripts reconcile --prune-orphans');
  });
});

describe('reconcile', () => {
  it('ends with 1 for a bad declaration, says what to write instead, and with 1 from --check for drift', async () => {
    script('x', 'true', '# nexo: schedule=monthly:1');
    const bad = await runNexo(['scripts', 'reconcile'], options);
    expect(bad.code).toBe(1);
    expect(bad.stdout).toContain('schedule=monthly:1 is not a supported form.');
    expect(bad.stdout).toContain('run daily (schedule=09:00)');
    script('x', 'true');
    expect((await runNexo(['scripts', 'reconcile', '--check'], options)).code).toBe(1);
    expect((await runNexo(['scripts', 'reconcile'], options)).code).toBe(0);
    expect((await runNexo(['scripts', 'reconcile', '--check'], options)).code).toBe(0);
    const usage = await runNexo(['scripts', 'reconcile', '--check', '--prune-orphans'], options);
    expect(usage.code).toBe(2);
  });
});
