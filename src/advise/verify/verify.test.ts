import { rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { put, temporaryHomePaths } from '../../../test/support/home.ts';
import { createScript } from '../../automation/scripts/create-script.ts';
import { openHomeDatabase } from '../../home/database.ts';
import type { HomePaths } from '../../home/paths.ts';
import { createPlugin } from '../../plugins/create.ts';
import { packageRoot } from '../../version.ts';
import { ARTIFACTS } from '../decide.ts';
import { existingThings } from '../existing.ts';
import { CHECKLISTS } from '../route.ts';
import { verifyArtifact } from './verify.ts';

const worldOf = (home: HomePaths) => ({
  home,
  env: { PATH: process.env.PATH, NEXO_HOME: home.home },
  userHome: homedir(),
  cwd: packageRoot(),
  code: packageRoot(),
});

async function stocked(): Promise<HomePaths> {
  const home = temporaryHomePaths();
  const database = await openHomeDatabase(home);
  await createPlugin(database, home, packageRoot(), {
    name: 'crm-bridge',
    runtime: 'js',
    companion: true,
    description: 'Looks up contacts in the CRM',
  });
  await createScript(database, home, {
    name: 'tidy',
    language: 'shell',
    wanted: {},
    description: 'Tidies the downloads',
  });
  database.close();
  return home;
}

describe('verifying an artifact', () => {
  it('goes through each line of its checklist', async () => {
    const home = await stocked();
    const verified = await verifyArtifact(worldOf(home), 'plugin', 'crm-bridge');
    expect(verified).toMatchObject({ ok: true, kind: 'plugin', name: 'crm-bridge' });
    expect(verified.items.map(({ item }) => item)).toEqual(CHECKLISTS.plugin);
    expect(await verifyArtifact(worldOf(home), 'script', 'tidy')).toMatchObject({ ok: true });
  });

  it('says which lines do not hold, and why', async () => {
    const home = await stocked();
    rmSync(join(home.scripts, 'ps-crm-bridge.mjs'));
    const without = await verifyArtifact(worldOf(home), 'plugin', 'crm-bridge');
    expect(without.items.filter(({ passed }) => !passed)).toEqual([
      {
        item: 'Its companion script, if it names one, is there.',
        passed: false,
        detail: `ps-crm-bridge.mjs is not in ${home.scripts}`,
      },
    ]);
    writeFileSync(join(home.plugins, 'crm-bridge.mjs'), 'throw new Error("broken");');
    const broken = await verifyArtifact(worldOf(home), 'plugin', 'crm-bridge');
    expect(broken.ok).toBe(false);
    expect(broken.items.find(({ item }) => item === 'It loads.')?.detail).toContain('broken');
  });

  it.each(ARTIFACTS)('fails for a %s that is not there', async (kind) => {
    const verifying = verifyArtifact(worldOf(temporaryHomePaths()), kind, 'no-such-thing');
    const ok = await verifying.then(
      (verified) => verified.ok,
      () => false,
    );
    expect(ok).toBe(false);
  });
});

describe('what there is already', () => {
  it('names scripts, skills and plugins with what they are about', async () => {
    const home = await stocked();
    put(
      join(home.skills, 'sk-release', 'skill.json'),
      JSON.stringify({ id: 'SK-RELEASE', name: 'Release', description: 'How we release', mode: 'guide' }),
    );
    put(join(home.skills, 'sk-release', 'guide.md'), '# Release\n');
    const things = existingThings(home).filter(({ name }) => !/^SK-/.test(name) || name === 'SK-RELEASE');
    expect(things.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
      'plugin crm-bridge',
      'script crm-bridge',
      'script tidy',
      'skill SK-RELEASE',
    ]);
  });
});
