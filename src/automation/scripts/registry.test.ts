import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { memoryDatabase, put, putScript, temporaryHomePaths } from '../../../test/support/home.ts';
import { discoverScripts } from './discover.ts';
import {
  findRow,
  listRows,
  mayRunByItself,
  type SyncResult,
  setEnabled,
  syncScripts,
  takeOutOfUse,
} from './registry.ts';
import { beginRun, endRun, recentRuns } from './run-records.ts';
import type { RunResult } from './run-script.ts';

let paths: ReturnType<typeof temporaryHomePaths>;
let database: DatabaseSync;
let now: number;
const clock = { now: () => now };

beforeEach(() => {
  now = Date.UTC(2026, 10, 21, 9);
  paths = temporaryHomePaths();
  database = memoryDatabase();
});
afterEach(() => database.close());

const sync = (): SyncResult => syncScripts(database, discoverScripts(paths), paths, { clock });
const names = (): string[] => listRows(database).map(({ id }) => id);

describe('syncScripts', () => {
  it('takes in what is there, follows what changes and lets go of what is gone', () => {
    const path = putScript(paths, 'ps-a.py', '# nexo: name=a\n');
    putScript(paths, 'b.sh', '');
    expect(sync()).toMatchObject({ scripts_upserted: 2, scripts_pruned: 0, registered_scripts: 2 });
    expect(findRow(database, path)).toMatchObject({
      id: 'ps-a',
      name: 'a',
      enabled: true,
      has_inline_metadata: true,
      created_by: 'manual',
      source: 'filesystem',
      origin: 'user',
      created_at: '2026-11-21T09:00:00.000Z',
    });
    now += 60_000;
    putScript(paths, 'ps-a.py', '# nexo: name=a\n# nexo: description=new\n');
    expect(sync()).toMatchObject({ scripts_upserted: 1 });
    expect(findRow(database, path)).toMatchObject({
      description: 'new',
      created_at: '2026-11-21T09:00:00.000Z',
      updated_at: '2026-11-21T09:01:00.000Z',
    });
    rmSync(path);
    expect(sync()).toMatchObject({ scripts_upserted: 0, scripts_pruned: 1, registered_scripts: 1 });
    expect(names()).toEqual(['ps-b']);
  });

  it('writes nothing when nothing has changed', () => {
    putScript(paths, 'a.py', '');
    sync();
    const before = database.prepare('PRAGMA data_version').get();
    const { changes } = database.prepare('SELECT total_changes() AS changes').get() ?? {};
    expect(sync()).toMatchObject({ scripts_upserted: 0, scripts_pruned: 0 });
    expect(database.prepare('SELECT total_changes() AS changes').get()?.changes).toBe(changes);
    expect(database.prepare('PRAGMA data_version').get()).toEqual(before);
  });

  it('keeps what the operator has said, whatever changes in the file', () => {
    const path = putScript(paths, 'a.py', '');
    sync();
    expect(setEnabled(database, path, false)).toBe(true);
    expect(setEnabled(database, path, false)).toBe(false);
    expect(mayRunByItself(database, path)).toBe(false);
    putScript(paths, 'a.py', '# nexo: description=changed\n');
    sync();
    expect(findRow(database, path)?.enabled).toBe(false);
    expect(setEnabled(database, path, true)).toBe(true);
    takeOutOfUse(database, path, clock);
    sync();
    expect(findRow(database, path)?.removed_at).toBe('2026-11-21T09:00:00.000Z');
    expect(mayRunByItself(database, path)).toBe(false);
    expect(setEnabled(database, path, true)).toBe(true);
    expect(mayRunByItself(database, path)).toBe(true);
  });

  it('gives two scripts of one name an id each, and keeps them', () => {
    putScript(paths, 'one.py', '# nexo: name=same\n');
    putScript(paths, 'two.py', '# nexo: name=same\n');
    sync();
    expect(names()).toEqual(['ps-same', 'ps-same-2']);
    rmSync(join(paths.scripts, 'one.py'));
    sync();
    expect(names()).toEqual(['ps-same-2']);
  });

  it('follows the scripts of an older home into their new folder', () => {
    const old = put(join(paths.home, 'scripts', 'a.py'), '');
    sync();
    setEnabled(database, old, false);
    const to = join(paths.scripts, 'a.py');
    mkdirSync(dirname(to), { recursive: true });
    renameSync(old, to);
    expect(sync().paths_repaired).toEqual([{ from: old, to }]);
    expect(listRows(database)).toMatchObject([{ path: to, enabled: false }]);
  });

  it('lets a script that is not known run', () => {
    expect(mayRunByItself(database, '/nowhere')).toBe(true);
  });
});

describe('the records of runs', () => {
  const script = { name: 'a', path: '/x/a.py' };
  const result: RunResult = {
    exitCode: 3,
    signal: null,
    timedOut: false,
    aborted: false,
    durationMs: 12,
    summary: 'last line',
    error: 'error: no',
    outputTail: 'out\n',
    outputTruncated: false,
  };

  it('are there before the run begins, and say how it ended', () => {
    const id = beginRun(database, script, { clock });
    expect(recentRuns(database, script.path, 5)).toMatchObject([{ id, ended_at: null, exit_code: null }]);
    now += 12;
    endRun(database, id, result, clock);
    expect(recentRuns(database, script.path, 5)).toEqual([
      {
        id,
        started_at: '2026-11-21T09:00:00.000Z',
        ended_at: '2026-11-21T09:00:00.012Z',
        exit_code: 3,
        signal: null,
        timed_out: false,
        interrupted: false,
        duration_ms: 12,
        summary: 'last line',
        error: 'error: no',
        output: 'out\n',
        output_truncated: false,
      },
    ]);
  });

  it('say of a run whose process was killed that it was interrupted', () => {
    beginRun(database, script, { clock, pid: 2 ** 22 + 1 });
    beginRun(database, script, { clock });
    expect(recentRuns(database, script.path, 5).map(({ interrupted }) => interrupted)).toEqual([false, true]);
  });

  it('do not grow without end', () => {
    database.exec('BEGIN');
    for (let run = 0; run < 1010; run += 1)
      endRun(database, beginRun(database, script, { clock }), result, clock);
    endRun(database, beginRun(database, { name: 'b', path: '/x/b' }, { clock }), result, clock);
    database.exec('COMMIT');
    expect(recentRuns(database, script.path, 5000)).toHaveLength(1000);
    expect(recentRuns(database, '/x/b', 5000)).toHaveLength(1);
  });
});
