import { readdirSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';

import { failureOf, newStateProject, type StateProject, treeOf } from '../../test/support/state-project.ts';
import { initialiseWorkspace } from './initialise.ts';
import { openWorkspace } from './workspace.ts';

let project: StateProject;
beforeEach(() => {
  project = newStateProject();
});

const ALL = ['.nexus/memory/', '.nexus/context/', '.nexus/rules/', '.nexus/state/', '.nexus/.gitignore'];

describe('initialiseWorkspace', () => {
  it('makes folders and .gitignore, and says what', async () => {
    expect(await initialiseWorkspace(project.workspace)).toEqual({ created: ALL });
    expect(readdirSync(project.path('.nexus')).sort()).toEqual([
      '.gitignore',
      'context',
      'memory',
      'rules',
      'state',
    ]);
    expect(await initialiseWorkspace(project.workspace)).toEqual({ created: [] });
  });

  it('only says what it would make in a dry run', async () => {
    expect(await initialiseWorkspace(project.workspace, { dryRun: true })).toEqual({ created: ALL });
    expect(project.has('.nexus')).toBe(false);
  });

  it('makes what is missing and touches nothing that is there', async () => {
    project.write('.nexus/.gitignore', '*\n!memory/\n');
    project.write('.nexus/memory/note.md', '# Note');
    project.write('.nexus/rules', 'a file');
    const before = treeOf(project.root);
    expect(await initialiseWorkspace(project.workspace)).toEqual({
      created: ['.nexus/context/', '.nexus/state/'],
    });
    expect(treeOf(project.root)).toMatchObject(before);
  });
});

describe('openWorkspace', () => {
  it('never touches the disk', () => {
    openWorkspace(project.path('nowhere'));
    expect(treeOf(project.root)).toEqual({});
  });

  it.each(['', 'Claude', '1x', 'a_b', 'a/b', '../x', 'a b', 'artifacts', 'x'.repeat(65), '-a'])(
    'refuses the harness id %j',
    async (harnessId) => {
      const open = async (): Promise<unknown> => openWorkspace(project.root, { harnessId });
      expect((await failureOf(open())).code).toBe('HARNESS_ID_INVALID');
    },
  );

  it.each(['nexo', 'claude-nexo', 'a', 'x1', 'a--'])('takes the harness id %j', (harnessId) => {
    expect(openWorkspace(project.root, { harnessId }).harnessId).toBe(harnessId);
  });
});
