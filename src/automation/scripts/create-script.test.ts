import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { memoryDatabase, put, putScript, temporaryHomePaths } from '../../../test/support/home.ts';
import { NexoError } from '../../errors.ts';
import { type CreateOptions, createScript } from './create-script.ts';
import { discoverScripts, findScript } from './discover.ts';
import { checkScript } from './doctor/check-script.ts';
import { listRows } from './registry.ts';
import { removeScript } from './remove-script.ts';
import { LANGUAGES } from './templates.ts';

let paths: ReturnType<typeof temporaryHomePaths>;
let database: DatabaseSync;
beforeEach(() => {
  paths = temporaryHomePaths();
  database = memoryDatabase();
});
afterEach(() => database.close());

const create = (name: string, more: Partial<CreateOptions> = {}) =>
  createScript(database, paths, { name, language: 'python', wanted: {}, ...more });

async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (error instanceof NexoError) return error.code;
    throw error;
  }
  return 'none';
}

function failures(name: string): string[] {
  const { entries } = discoverScripts(paths);
  const entry = findScript(entries, name);
  if (entry === undefined) throw new Error(`${name} is not there`);
  return checkScript(entry, { paths, entries, searchPath: process.env.PATH })
    .items.filter(({ level, msg }) => level !== 'pass' && !msg.includes('php is not in PATH'))
    .map(({ msg }) => msg);
}

describe('createScript', () => {
  const wishes = [
    {},
    { schedule: '09:00' },
    { schedule: '08:30:1' },
    { intervalSeconds: 300 },
    { daemon: true },
    { monthlyDay: 31 },
    { monthlyDay: 2, schedule: '06:00' },
  ];
  it.each(
    LANGUAGES.flatMap((language) =>
      // The header is the same code for all; the gate of the month is not.
      wishes
        .filter((wanted) => language === 'python' || 'intervalSeconds' in wanted || 'monthlyDay' in wanted)
        .map((wanted) => ({ language, wanted })),
    ),
  )('writes in $language, with $wanted, what its own doctor passes', async ({ language, wanted }) => {
    const created = await create('Weekly Thing', {
      language,
      wanted,
      description: '  two\nlines ?> "quoted" \\ ',
    });
    expect(created).toMatchObject({ ok: true, name: 'weekly-thing', requested_name: 'Weekly Thing' });
    expect(failures('weekly-thing')).toEqual([]);
    const text = readFileSync(created.path, 'utf8');
    expect(text).not.toContain('my-script');
    expect(text).toContain('nexo: description=two lines ? > "quoted" \\\n');
    const [entry] = discoverScripts(paths).entries;
    expect(entry?.declaration).toMatchObject({
      required: Object.keys(wanted).length > 0,
      valid: true,
      scheduleType:
        'intervalSeconds' in wanted
          ? 'interval'
          : 'daemon' in wanted
            ? 'keep_alive'
            : Object.keys(wanted).length > 0
              ? 'calendar'
              : null,
    });
    if ('monthlyDay' in wanted) expect(text).toMatch(/[dD]ay|\$due/);
    expect(text.includes('stay in a loop')).toBe('daemon' in wanted);
    if ('daemon' in wanted) expect(entry?.metadata.timeout).toBeUndefined();
    expect(listRows(database)).toMatchObject([{ name: 'weekly-thing', created_by: 'scripts:create' }]);
  });

  it('makes a file that its owner may run', async () => {
    expect(statSync((await create('a')).path).mode & 0o777).toBe(0o755);
  });

  it('refuses a name that is there, one of Nexo itself, and one that is none, and writes nothing', async () => {
    await create('report');
    const before = readdirSync(paths.scripts);
    expect(await codeOf(() => create('report'))).toBe('SCRIPT_EXISTS');
    expect(await codeOf(() => create('Report', { language: 'shell' }))).toBe('SCRIPT_EXISTS');
    expect(await codeOf(() => create('nexo'))).toBe('SCRIPT_NAME_RESERVED');
    expect(await codeOf(() => create('nexo-agent-run'))).toBe('SCRIPT_NAME_RESERVED');
    expect(await codeOf(() => create('!!!'))).toBe('USAGE');
    expect(await codeOf(() => create('x'.repeat(500)))).toBe('USAGE');
    expect(readdirSync(paths.scripts)).toEqual(before);
  });

  it.each([
    { schedule: '25:00' },
    { schedule: 'monthly:1' },
    { schedule: '09:00\n# nexo: name=evil' },
    { intervalSeconds: 0 },
    { schedule: '09:00', intervalSeconds: 5 },
    { daemon: true, intervalSeconds: 5 },
    { monthlyDay: 0 },
    { monthlyDay: 32 },
    { monthlyDay: 1, schedule: '09:00:1' },
    { monthlyDay: 1, daemon: true },
  ])('refuses %j and writes nothing', async (wanted) => {
    expect(await codeOf(() => create('a', { wanted }))).toBe('USAGE');
    expect(existsSync(paths.scripts) ? readdirSync(paths.scripts) : []).toEqual([]);
  });

  it('replaces with force, and keeps what it replaced', async () => {
    const { path } = await create('a');
    put(path, 'precious');
    const { replaced } = await create('a', { force: true });
    expect(readFileSync(replaced?.to ?? '', 'utf8')).toBe('precious');
    expect(readFileSync(path, 'utf8')).toContain('nexo: name=a');
  });

  it('gives each schedule an id of its own', async () => {
    putScript(
      paths,
      'x.py',
      '# nexo: name=x\n# nexo: runtime=python\n# nexo: cron_id=a\n# nexo: schedule_required=true\n# nexo: schedule=01:00\n',
    );
    expect((await create('a', { wanted: { schedule: '09:00' } })).cron_id).toBe('a-2');
    expect((await create('daemon', { wanted: { schedule: '09:00' } })).cron_id).toBe('my-daemon');
    expect(failures('a')).toEqual([]);
  });

  it('writes a sound header for any name and any description', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.string({ unit: 'binary' }),
        async (name, description) => {
          const code = await codeOf(async () => {
            const { path } = await create(name, { description, force: true, wanted: { schedule: '09:00' } });
            const entry = discoverScripts(paths).entries.find((each) => each.path === path);
            expect(entry).toMatchObject({
              classification: 'personal',
              findings: [],
              declaration: { valid: true },
            });
          });
          expect(['none', 'USAGE', 'SCRIPT_NAME_RESERVED']).toContain(code);
        },
      ),
      { numRuns: 12 },
    );
  });
});

describe('removeScript', () => {
  const unschedule = async () => [{ cron_id: 'a' }];

  it('puts the file where it can be had back, schedules first', async () => {
    const { path } = await create('a');
    const removed = await removeScript(database, paths, {
      name: 'a',
      file: 'trash',
      unschedule: async (entry) => {
        expect(existsSync(entry.path)).toBe(true);
        return unschedule();
      },
    });
    expect(removed).toMatchObject({
      ok: true,
      script: 'a',
      deleted_file: false,
      keep_file: false,
      trash: { from: path, restore: expect.stringMatching(/^mv /) },
      unschedule: { removed_schedules: [{ cron_id: 'a' }] },
      sync: { scripts_pruned: 1 },
    });
    expect(existsSync(path)).toBe(false);
    expect(existsSync(removed.trash?.to ?? '')).toBe(true);
    expect(listRows(database)).toEqual([]);
  });

  it('keeps a file that is to stay out of use for good, whatever syncs later', async () => {
    await create('a');
    await removeScript(database, paths, { name: 'a', file: 'keep', unschedule });
    await create('b');
    expect(listRows(database)).toMatchObject([
      { name: 'a', removed_at: expect.any(String) },
      { name: 'b', removed_at: null },
    ]);
  });

  it('touches nothing when the schedule cannot be taken away', async () => {
    const { path } = await create('a');
    const fails = async () => {
      throw new NexoError('IO_FAILED', 'no');
    };
    await expect(
      removeScript(database, paths, { name: 'a', file: 'delete', unschedule: fails }),
    ).rejects.toThrow('no');
    expect(existsSync(path)).toBe(true);
  });

  it('refuses what is not the operator’s', async () => {
    put(join(paths.home, 'core', 'scripts', 'poller.py'), '');
    putScript(paths, 'nexo.py', '');
    for (const [name, code] of [
      ['poller', 'SCRIPT_PROTECTED'],
      ['nexo', 'SCRIPT_PROTECTED'],
      ['x', 'SCRIPT_NOT_FOUND'],
    ]) {
      await expect(
        removeScript(database, paths, { name: name ?? '', file: 'trash', unschedule }),
      ).rejects.toMatchObject({ code });
    }
  });
});
