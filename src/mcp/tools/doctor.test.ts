import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { newFolder } from '../../../test/support/state-project.ts';
import { openHomeDatabase } from '../../home/database.ts';
import { initialiseHome } from '../../home/layout.ts';
import { resolveHomePaths } from '../../home/paths.ts';
import { openWorkspace } from '../../workspace/workspace.ts';
import type { ToolWorld } from '../server-tool.ts';
import { doctorTool } from './doctor.ts';

async function newWorld(): Promise<ToolWorld> {
  const root = newFolder('doctor-tool-');
  const env = { ...process.env, NEXO_HOME: join(root, '.nexo') };
  const home = resolveHomePaths(env, root);
  initialiseHome(home);
  (await openHomeDatabase(home)).close();
  return { workspace: async () => openWorkspace(root), home, env, userHome: root, cwd: root, log: () => {} };
}

describe('nexo_doctor', () => {
  it('says what is wrong in few words, and every check when asked', async () => {
    const world = await newWorld();
    expect((await doctorTool.call(world, {})).value).toMatchObject({
      overall_status: 'healthy',
      text: expect.stringMatching(/^Nexo is healthy: (\d+) of \1 checks are healthy\.$/),
    });
    rmSync(world.home.logs, { recursive: true });
    const { value } = await doctorTool.call(world, { tier: 'boot' });
    expect(value).toMatchObject({
      overall_status: 'degraded',
      text: expect.stringContaining('boot.required_dirs (degraded)'),
    });
    expect(value).not.toHaveProperty('checks');
    const { value: whole } = await doctorTool.call(world, { output: 'json' });
    expect(whole).toMatchObject({
      checks: expect.arrayContaining([expect.objectContaining({ id: 'boot.required_dirs' })]),
    });
  });

  it('fixes when told to, and looks at the project of the server', async () => {
    const world = await newWorld();
    const { root } = await world.workspace();
    mkdirSync(join(root, '.nexus', 'state'), { recursive: true });
    writeFileSync(join(root, '.nexus', 'state', 'tasks.json'), 'not json');
    const { value } = await doctorTool.call(world, { tier: 'runtime', output: 'json' });
    expect(value).toMatchObject({ overall_status: 'critical' });
    const { value: fixed } = await doctorTool.call(world, { tier: 'runtime', fix: true });
    expect(fixed).toMatchObject({ text: expect.stringContaining('changed: ') });
    expect(JSON.stringify(fixed)).not.toContain('runtime.workspace_state (critical)');
  });

  it.each([
    [{ tier: 'bootleg' }, 'is no tier'],
    [{ plane: 'moon' }, 'is no diagnostic plane'],
    [{ output: 'xml' }, 'Ask for text or json'],
    [{ teir: 'boot' }, 'teir'],
  ])('explains what is wrong with %j', async (input, words) => {
    expect((await doctorTool.call(await newWorld(), input)).json).toContain(words);
  });
});
