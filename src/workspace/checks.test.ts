import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { doctorWorld, runCheck } from '../../test/support/run-check.ts';
import { startWorker } from '../../test/support/state-process.ts';
import { newFolder } from '../../test/support/state-project.ts';
import { WORKSPACE_CHECKS } from './checks.ts';
import { initialiseWorkspace } from './initialise.ts';
import { openWorkspace, workspacePaths } from './workspace.ts';

async function newProject() {
  const root = newFolder('project-');
  await initialiseWorkspace(openWorkspace(root));
  const context = doctorWorld(join(root, 'home'), root);
  return { root, check: (id: string, fix = false) => runCheck(WORKSPACE_CHECKS, id, context, fix) };
}

describe('the checks of a workspace', () => {
  it('are healthy in one that is in order, and where there is none', async () => {
    const { check } = await newProject();
    for (const { id } of WORKSPACE_CHECKS) expect(await check(id), id).toMatchObject({ status: 'healthy' });
    const nowhere = doctorWorld(newFolder('home-'));
    const empty = doctorWorld(newFolder('home-'), newFolder('empty-'));
    for (const { id } of WORKSPACE_CHECKS) {
      expect(await runCheck(WORKSPACE_CHECKS, id, nowhere, true), id).toMatchObject({ status: 'healthy' });
      expect(await runCheck(WORKSPACE_CHECKS, id, empty, true), id).toMatchObject({ status: 'healthy' });
    }
  });

  it('find a damaged state file, and repair it without losing a byte', async () => {
    const { root, check } = await newProject();
    const tasks = join(workspacePaths.state(root), 'tasks.json');
    writeFileSync(tasks, '{"goal": "x", "tasks": [');
    const found = await check('runtime.workspace_state');
    expect(found).toMatchObject({ status: 'critical', issues: [{ severity: 'error' }] });
    expect(readFileSync(tasks, 'utf8')).toBe('{"goal": "x", "tasks": [');
    const fixed = await check('runtime.workspace_state', true);
    expect(fixed).toMatchObject({ status: 'healthy', fixed: true });
    const aside = /set aside as (\S+?)(,|$)/.exec(fixed.changes[0] ?? '')?.[1] ?? '';
    expect(readFileSync(join(root, aside), 'utf8')).toBe('{"goal": "x", "tasks": [');
    expect(await check('runtime.workspace_state', true)).toMatchObject({ fixed: false, changes: [] });
  });

  it('find what is missing of .nexus, and make it', async () => {
    const { root, check } = await newProject();
    rmSync(join(workspacePaths.nexus(root), '.gitignore'));
    rmSync(join(workspacePaths.nexus(root), 'memory'), { recursive: true });
    expect(await check('runtime.workspace_layout')).toMatchObject({
      status: 'degraded',
      evidence: ['.nexus/memory/', '.nexus/.gitignore'],
    });
    expect(await check('runtime.workspace_layout', true)).toMatchObject({ status: 'healthy', fixed: true });
    expect(await check('runtime.workspace_layout', true)).toMatchObject({ fixed: false });
  });

  it('name the process that sits on the lock', async () => {
    const { root, check } = await newProject();
    const lock = workspacePaths.lock(root);
    const worker = startWorker('./state-lock-worker.ts', ['hold', lock, '10000']);
    expect(await worker.line()).toBe('held');
    expect(await check('runtime.workspace_lock')).toMatchObject({
      status: 'degraded',
      evidence: process.platform === 'linux' ? [`process ${worker.pid}`] : [],
    });
    worker.signal('SIGKILL');
    await worker.ended;
    expect(await check('runtime.workspace_lock')).toMatchObject({ status: 'healthy' });
  });

  it('name a lock that is none', async () => {
    const { root, check } = await newProject();
    rmSync(workspacePaths.lock(root), { force: true });
    mkdirSync(workspacePaths.lock(root));
    expect(await check('runtime.workspace_lock')).toMatchObject({ status: 'degraded' });
  });
});
