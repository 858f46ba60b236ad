import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, it } from 'vitest';

import { doctorWorld, runCheck } from '../../test/support/run-check.ts';
import { newFolder } from '../../test/support/state-project.ts';
import { HOME_CHECKS, type HomeCheckContext } from './checks.ts';
import { openHomeDatabase } from './database.ts';
import { initialiseHome } from './layout.ts';

let context: ReturnType<typeof doctorWorld> & Pick<HomeCheckContext, 'freeBytes'>;
const check = (id: string, fix = false) => runCheck(HOME_CHECKS, id, context, fix);

beforeEach(async () => {
  context = doctorWorld(join(newFolder('home-'), '.nexo'));
  initialiseHome(context.paths);
  (await openHomeDatabase(context.paths)).close();
});

describe('the folders of a home', () => {
  it('are healthy when they are all there, and made again when some are not', async () => {
    expect(await check('boot.required_dirs')).toMatchObject({ status: 'healthy' });
    rmSync(context.paths.logs, { recursive: true });
    expect(await check('boot.required_dirs')).toMatchObject({
      status: 'degraded',
      evidence: [context.paths.logs],
    });
    rmSync(context.paths.personal, { recursive: true });
    expect(await check('boot.required_dirs')).toMatchObject({ status: 'critical' });
    const fixed = await check('boot.required_dirs', true);
    expect(fixed).toMatchObject({ status: 'healthy', fixed: true });
    expect(fixed.changes).toContain('made personal/scripts');
    expect(await check('boot.required_dirs', true)).toMatchObject({ fixed: false, changes: [] });
  });

  it('keep others out, and are closed again', async () => {
    expect(await check('boot.permissions')).toMatchObject({ status: 'healthy' });
    chmodSync(context.paths.state, 0o755);
    chmodSync(context.paths.scripts, 0o777);
    expect(await check('boot.permissions')).toMatchObject({
      status: 'degraded',
      evidence: [
        `${context.paths.scripts}: 777, should be 755`,
        `${context.paths.state}: 755, should be 700`,
      ],
    });
    expect(await check('boot.permissions', true)).toMatchObject({ status: 'healthy', fixed: true });
    expect(statSync(context.paths.state).mode & 0o777).toBe(0o700);
    expect(await check('boot.permissions', true)).toMatchObject({ fixed: false });
  });
});

describe('the database', () => {
  it('is missed, and made by a fix', async () => {
    rmSync(context.paths.database);
    expect(await check('boot.db_exists')).toMatchObject({ status: 'critical' });
    expect(await check('boot.db_integrity')).toMatchObject({ status: 'healthy' });
    expect(await check('deep.schema_version')).toMatchObject({ status: 'degraded' });
    expect(await check('boot.db_exists', true)).toMatchObject({ status: 'healthy', fixed: true });
    expect(await check('boot.db_exists', true)).toMatchObject({ fixed: false });
  });

  it('that is damaged is set aside and restored from its backup', async () => {
    // A backup with something in it that the new database would not have.
    const name = 'nexo-20261120T080000000Z-v1.db';
    const database = await openHomeDatabase(context.paths);
    database.exec("INSERT INTO schedule_settings (key, value) VALUES ('kept', 'yes')");
    database.prepare('VACUUM INTO ?').run(join(context.paths.backups, name));
    database.close();
    writeFileSync(context.paths.database, 'this is no database, and it is long enough to be taken for one');
    for (const id of ['boot.db_integrity', 'deep.db_integrity']) {
      expect(await check(id)).toMatchObject({ status: 'critical' });
    }
    const fixed = await check('boot.db_integrity', true);
    expect(fixed).toMatchObject({ status: 'healthy', fixed: true });
    const aside = /set the damaged file aside as (.*)/.exec(fixed.changes[0] ?? '')?.[1] ?? '';
    expect(readFileSync(aside, 'utf8')).toContain('this is no database');
    expect(fixed.changes).toContain(`restored ${name}`);
    const restored = new DatabaseSync(context.paths.database, { readOnly: true });
    expect(restored.prepare('SELECT value FROM schedule_settings').get()).toEqual({ value: 'yes' });
    restored.close();
    expect(await check('boot.db_integrity', true)).toMatchObject({ fixed: false, changes: [] });
  });

  it('that is damaged is not touched under a daemon that has it open', async () => {
    writeFileSync(context.paths.database, 'this is no database, and it is long enough to be taken for one');
    context = { ...context, daemonLives: () => true };
    const refused = await check('boot.db_integrity', true);
    expect(refused).toMatchObject({ status: 'critical', fixed: false, changes: [] });
    expect(refused.evidence.join()).toContain('nexo daemon stop');
    expect(readFileSync(context.paths.database, 'utf8')).toContain('this is no database');
  });

  it('with a damaged page in its middle is found by the deep look', async () => {
    const database = await openHomeDatabase(context.paths);
    database.exec('PRAGMA journal_mode = DELETE');
    database.close();
    const bytes = readFileSync(context.paths.database);
    bytes.fill(0x5a, 4096 * 3, 4096 * 4);
    writeFileSync(context.paths.database, bytes);
    expect(await check('deep.db_integrity')).toMatchObject({ status: 'critical' });
  });

  it('of a newer release is left alone, and of an older one brought up to date', async () => {
    const database = await openHomeDatabase(context.paths);
    database.exec('PRAGMA user_version = 9999');
    database.close();
    expect(await check('boot.db_integrity', true)).toMatchObject({ status: 'critical', fixed: false });
    expect(await check('deep.schema_version')).toMatchObject({ status: 'critical' });
    rmSync(context.paths.database);
    writeFileSync(context.paths.database, '');
    expect(await check('deep.schema_version')).toMatchObject({ status: 'degraded' });
    expect(await check('deep.schema_version', true)).toMatchObject({ status: 'healthy', fixed: true });
  });
});

describe('the settings', () => {
  it('that cannot be read are named with file and line', async () => {
    expect(await check('boot.config_parse')).toMatchObject({ status: 'healthy' });
    const file = join(context.paths.config, 'runtime.yaml');
    writeFileSync(file, '# fine\ndaemon:\n  grace: 5\n');
    mkdirSync(context.paths.brain, { recursive: true });
    writeFileSync(join(context.paths.brain, 'calibration.json'), '[1]');
    const report = await check('boot.config_parse', true);
    expect(report).toMatchObject({ status: 'degraded', fixed: false });
    expect(report.evidence[0]).toContain(`${file}:3: `);
    expect(report.evidence[1]).toContain('calibration.json: is no JSON object');
    for (const text of ['', '# all of it\n#   behind signs\n', 'daemon:\n']) {
      writeFileSync(file, text);
      rmSync(join(context.paths.brain, 'calibration.json'), { force: true });
      expect(await check('boot.config_parse'), text).toMatchObject({ status: 'healthy' });
    }
  });
});

describe('the machine', () => {
  const GIB = 1024 ** 3;
  it.each([
    [6 * GIB, 'healthy'],
    [3 * GIB, 'degraded'],
    [GIB / 2, 'critical'],
  ])('with %i bytes free is %s', async (free, status) => {
    context = { ...context, freeBytes: () => free };
    expect(await check('boot.disk_space')).toMatchObject({ status });
  });

  it('tells its free space for a home that is still to be made, and says when it cannot', async () => {
    context = doctorWorld(join(newFolder('home-'), 'not', 'there', 'yet'));
    expect(existsSync(context.paths.home)).toBe(false);
    expect((await check('boot.disk_space')).summary).toContain('GiB free');
    context = {
      ...context,
      freeBytes: () => {
        throw new Error('no such disk');
      },
    };
    expect(await check('boot.disk_space')).toMatchObject({ status: 'degraded', evidence: ['no such disk'] });
  });

  it.each([
    ['24.1.0', 'healthy'],
    ['22.13.0', 'healthy'],
    ['22.12.9', 'degraded'],
    ['20.19.0', 'degraded'],
  ])('with Node.js %s is %s', async (nodeVersion, status) => {
    context = { ...context, nodeVersion };
    expect(await check('boot.node_runtime')).toMatchObject({ status });
  });
});
