import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { doctorWorld, runCheck } from '../../test/support/run-check.ts';
import { newFolder } from '../../test/support/state-project.ts';
import { initialiseHome } from '../home/layout.ts';
import { packageRoot } from '../version.ts';
import { SKILL_CHECKS } from './checks.ts';
import { SkillLibrary } from './library.ts';

let world: ReturnType<typeof doctorWorld>;
beforeEach(() => {
  world = doctorWorld(join(newFolder('skills-check-'), '.nexo'));
  initialiseHome(world.paths);
});

const look = (fix = false) => runCheck(SKILL_CHECKS, 'runtime.skills', world, fix);

function addSkill(name: string, definition: object, files: Readonly<Record<string, string>> = {}): string {
  const folder = join(world.paths.skills, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'skill.json'), JSON.stringify({ id: `SK-${name}`, name, ...definition }));
  writeFileSync(join(folder, 'guide.md'), 'Do it.\n');
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

async function sync(): Promise<void> {
  const library = await SkillLibrary.open({ paths: world.paths, assets: join(packageRoot(), 'assets') });
  library.sync();
  library.close();
}

describe('the skills', () => {
  it('are in order, and looking writes nothing', async () => {
    addSkill('greet', { mode: 'execute', execution_level: 'read-only' }, { 'script.sh': 'echo hello\n' });
    expect(await look()).toMatchObject({
      status: 'healthy',
      summary: expect.stringContaining('1 of your own'),
    });
    expect(existsSync(world.paths.database)).toBe(false);
    expect(existsSync(join(world.paths.skillsRuntime, 'sk-greet'))).toBe(false);
  });

  it.each([
    [
      'a program that is not there',
      { mode: 'execute', execution_level: 'read-only', executable_entry: 'run.py' },
    ],
    ['a mode without its program', { mode: 'execute', execution_level: 'read-only' }],
    ['a template that is no list', { command_template: { argv: 'rm -rf' } }],
    ['parameters that are no schema', { params_schema: 'name' }],
  ])('are wrong with %s', async (_what, definition) => {
    addSkill('broken', definition);
    addSkill('fine', {});
    const { status, issues } = await look();
    expect(status).toBe('critical');
    expect(issues?.map(({ subject }) => subject)).toContain('broken');
    expect(issues?.map(({ subject }) => subject)).not.toContain('fine');
  });

  it('are wrong where a folder has no definition, or a program is no file', async () => {
    mkdirSync(join(world.paths.skills, 'empty'));
    const folder = addSkill('folder', { mode: 'execute', execution_level: 'read-only' });
    mkdirSync(join(folder, 'script.py'));
    const { status, evidence } = await look();
    expect(status).toBe('critical');
    expect(evidence?.join('\n')).toMatch(/empty: has neither skill\.json/);
    expect(evidence?.join('\n')).toMatch(/folder: script\.py/);
  });

  it('that are gone are forgotten behind a fix, once', async () => {
    const folder = addSkill('passing', {});
    await sync();
    rmSync(folder, { recursive: true });
    expect(await look()).toMatchObject({
      status: 'degraded',
      evidence: [expect.stringContaining('SK-PASSING')],
    });
    expect(await look(true)).toMatchObject({ status: 'healthy', fixed: true });
    expect(await look(true)).toMatchObject({ status: 'healthy', fixed: false });
  });

  it('are not looked at while the database is damaged, and it is left alone', async () => {
    writeFileSync(world.paths.database, 'no database');
    expect(await look(true)).toMatchObject({ status: 'degraded', fixed: false });
  });
});
