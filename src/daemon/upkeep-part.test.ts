import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { newFolder } from '../../test/support/state-project.ts';
import { openLog } from '../base/log.ts';
import type { WakeEvent } from '../base/wake-watch.ts';
import { loadSettings } from '../home/config.ts';
import { openHomeDatabase } from '../home/database.ts';
import { initialiseHome } from '../home/layout.ts';
import { resolveHomePaths } from '../home/paths.ts';
import type { PartContext, RunningPart } from './part.ts';
import { createUpkeepPart, type DailyTask } from './upkeep-part.ts';

const DAY_MS = 86_400_000;
const paths = () => resolveHomePaths({ NEXO_HOME: join(newFolder('upkeep-'), '.nexo') });

let now: number;
let database: DatabaseSync;
let context: PartContext;
let running: RunningPart[];
let wake: ((event: WakeEvent) => void)[];
beforeEach(async () => {
  now = Date.parse('2026-03-01T08:00:00Z');
  wake = [];
  running = [];
  const home = paths();
  initialiseHome(home);
  database = await openHomeDatabase(home);
  const clock = { now: () => now };
  context = {
    paths: home,
    env: {},
    userHome: home.home,
    database,
    clock,
    wakeEvents: {
      on: (listener) => {
        wake.push(listener);
        return () => {};
      },
    },
    log: await openLog({ to: { path: join(home.logs, 'test.log') }, clock }),
    program: { node: process.execPath, file: 'none' },
    settings: () => loadSettings(home).settings,
  };
});
afterEach(async () => {
  for (const part of running) await part.stop(0);
  context.log.close();
  database.close();
});

async function start(tasks?: readonly DailyTask[]): Promise<RunningPart> {
  const part = await createUpkeepPart(tasks).start(context);
  running.push(part);
  return part;
}

const wakeUp = () => {
  for (const listener of wake) listener({ kind: 'wake', jumpMs: DAY_MS, at: now });
};

describe('the daily upkeep', () => {
  it('is done at the start, once a day however often the daemon starts, and again behind a night of sleep', async () => {
    let done = 0;
    const tasks = [{ name: 'sweep', run: async () => [`time ${++done}`] }];
    const first = await start(tasks);
    await expect.poll(() => done).toBe(1);
    await first.stop(0);
    expect(first.report?.()).toEqual({ detail: 'last: sweep 2026-03-01T08:00:00.000Z' });
    const second = await start(tasks);
    now += DAY_MS / 2;
    await second.reload?.();
    wakeUp();
    await second.stop(0);
    expect(done).toBe(1);
    const third = await start(tasks);
    now += DAY_MS / 2;
    wakeUp();
    await expect.poll(() => done).toBe(2);
    await third.stop(0);
  });

  it('is tried again after it failed, and one that fails keeps no other from its work', async () => {
    let tries = 0;
    const done: string[] = [];
    const part = await start([
      { name: 'bad', run: async () => (++tries === 1 ? Promise.reject(new Error('disk full')) : []) },
      { name: 'good', run: async () => [`number ${done.push('good')}`] },
    ]);
    await expect.poll(() => done).toEqual(['good']);
    expect(part.report?.()).toEqual({ detail: 'last: bad not yet, good 2026-03-01T08:00:00.000Z' });
    await part.reload?.();
    await expect.poll(() => tries).toBe(2);
    await part.stop(0);
    expect(done).toEqual(['good']);
  });

  it.each(['no json', '{"sweep": 5}', '{"sweep": "2999-01-01T00:00:00Z"}'])(
    'does its work when its record says %s',
    async (record) => {
      let done = 0;
      writeFileSync(join(context.paths.state, 'upkeep.json'), record);
      await start([{ name: 'sweep', run: async () => [`time ${++done}`] }]);
      await expect.poll(() => done).toBe(1);
    },
  );

  it('lets skills decay that nobody uses', async () => {
    database
      .prepare(
        `INSERT INTO skills (id, name, source_kind, source_name, level, declared_execution_level, trust_score, folder,
           definition_file, digest, created_at, updated_at)
         VALUES ('SK-CREATE-NEXO-PRIMITIVE', 'x', 'core', 'core', 'draft', 'none', 50, '', '', '', ?1, ?1)`,
      )
      .run('2025-01-01T00:00:00.000Z');
    const part = await start();
    const level = () =>
      database.prepare("SELECT level FROM skills WHERE id = 'SK-CREATE-NEXO-PRIMITIVE'").get()?.level;
    await expect.poll(level).not.toBe('draft');
    await part.stop(0);
    expect(readFileSync(join(context.paths.logs, 'test.log'), 'utf8')).toContain('upkeep of skills');
  });
});
