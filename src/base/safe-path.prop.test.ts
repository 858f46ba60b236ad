import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

import {
  call,
  newFolder,
  newStateProject,
  type StateProject,
  treeOf,
} from '../../test/support/state-project.ts';
import { toCleanSegments } from './safe-path.ts';

const piece = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '',
    '/',
    '\\',
    '...',
    ' ',
    '~',
    '%2e%2e',
    '\u2024\u2024',
    '\uff0f',
    'C:',
    'nul',
    'link',
    'file',
    'a',
    '\0',
    '\u202e',
  ),
  fc.string({ maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const name = fc
  .array(piece, { maxLength: 7 })
  .chain((pieces) => fc.constantFrom('/', '\\', '').map((glue) => pieces.join(glue)));

describe('a name given by an agent', () => {
  it('leads below the folder, or is refused', () => {
    fc.assert(
      fc.property(name, (text) => {
        let segments: string[];
        try {
          segments = toCleanSegments(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'ARTIFACT_NAME_INVALID' });
          return;
        }
        expect(resolve('/base', ...segments).startsWith(`/base${sep}`)).toBe(true);
        expect(resolve('/base', ...segments)).toBe(`/base/${segments.join('/')}`);
        // Clean already: reducing it again changes nothing.
        expect(toCleanSegments(segments.join('/'))).toEqual(segments);
      }),
      { numRuns: 1000 },
    );
  });

  describe('to the artifact tool', () => {
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
        fc.asyncProperty(name, async (filename) => {
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
});
