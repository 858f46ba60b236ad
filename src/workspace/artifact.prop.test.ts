import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import { agentGivenName } from '../../test/support/state-arbitraries.ts';
import {
  call,
  newFolder,
  newStateProject,
  type StateProject,
  treeOf,
} from '../../test/support/state-project.ts';

describe('a name given to the artifact tool', () => {
  let project: StateProject;
  let outside: string;
  beforeAll(() => {
    project = newStateProject();
    outside = newFolder('outside-');
    writeFileSync(join(outside, 'file'), 'precious');
    mkdirSync(project.path('.nexus/state/artifacts/a'), { recursive: true });
    symlinkSync(outside, project.path('.nexus/state/artifacts/link'));
    symlinkSync(join(outside, 'file'), project.path('.nexus/state/artifacts/a/file'));
    project.write('other.txt', 'project file');
  });

  it('never writes anywhere but below the artifacts folder, whatever stands there', async () => {
    const artifacts = project.path('.nexus/state/artifacts');
    const without = ['.nexus'];
    const before = { project: treeOf(project.root, { without }), outside: treeOf(outside) };
    await fc.assert(
      fc.asyncProperty(agentGivenName, async (filename) => {
        try {
          const { path } = await call(project.workspace, 'artifact_write', { filename, content: 'x' });
          expect(String(path).startsWith(artifacts + sep)).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ name: 'NexoError' });
        }
        expect({ project: treeOf(project.root, { without }), outside: treeOf(outside) }).toEqual(before);
      }),
      { numRuns: 150 },
    );
    const others = Object.keys(treeOf(project.path('.nexus'))).filter(
      (path) => !path.startsWith('state/artifacts/'),
    );
    expect(others).toEqual(['.gitignore', 'state/nexo/lock.db']);
  });
});
