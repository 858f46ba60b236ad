import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { newFolder, newStateProject, type StateProject } from '../../test/support/state-project.ts';
import { listKnowledge, noteFiles, readNote } from './knowledge.ts';
import { listMemoryNotes } from './memory.ts';
import { listRules } from './rules.ts';

let project: StateProject;
beforeEach(() => {
  project = newStateProject();
});

describe('the notes of a project', () => {
  it('are listed newest first, with the first line that says something', () => {
    const notes: [string, string, string][] = [
      ['memory', 'a.md', '<!-- tags: x -->\n\n# Flaky  tests\nmore'],
      ['context', 'b.md', '\n   plain line   \n'],
      ['rules', 'c.md', ''],
      ['memory', 'd.md', `## ${'🌲'.repeat(100)}`],
    ];
    for (const [index, [folder, name, text]] of notes.entries()) {
      project.write(`.nexus/${folder}/${name}`, text);
      utimesSync(project.path(`.nexus/${folder}/${name}`), 1000 + index, 1000 + index);
    }
    project.write('.nexus/memory/data.json', '{}');
    project.write('.nexus/other/e.md', 'x');
    expect(listKnowledge(project.workspace).map(({ path, headline }) => [path, headline])).toEqual([
      ['.nexus/memory/d.md', '🌲'.repeat(40)],
      ['.nexus/rules/c.md', ''],
      ['.nexus/context/b.md', 'plain line'],
      ['.nexus/memory/a.md', 'Flaky  tests'],
    ]);
  });

  it('are none without a workspace', () => {
    expect(listKnowledge(project.workspace)).toEqual([]);
  });

  it('are read up to a limit, and only as regular files', () => {
    project.write('.nexus/memory/a.md', 'abcdef');
    const path = project.path('.nexus/memory/a.md');
    expect(readNote(path, 3)).toMatchObject({ text: 'abc', bytes: 6 });
    expect(readNote(path, 100)).toMatchObject({ text: 'abcdef' });
    symlinkSync(path, project.path('link.md'));
    mkdirSync(project.path('folder.md'));
    execFileSync('mkfifo', [project.path('pipe.md')]);
    for (const name of ['link.md', 'folder.md', 'pipe.md', 'none.md'])
      expect(readNote(project.path(name), 9)).toBeUndefined();
  });

  it('do not include what links lead to: a file, a folder of notes, the whole of .nexus', () => {
    const outside = newFolder('outside-');
    for (const folder of ['memory', 'context', 'rules']) mkdirSync(join(outside, folder));
    for (const folder of ['memory', 'context', 'rules'])
      writeFileSync(join(outside, folder, 'secret.md'), '# Secret');
    const seen = (): unknown[] => [
      ...listKnowledge(project.workspace),
      ...listMemoryNotes(project.workspace),
      ...listRules(project.workspace),
    ];
    mkdirSync(project.path('.nexus/rules'), { recursive: true });
    symlinkSync(join(outside, 'rules', 'secret.md'), project.path('.nexus/rules/link.md'));
    symlinkSync(join(outside, 'memory'), project.path('.nexus/memory'));
    symlinkSync(join(outside, 'context'), project.path('.nexus/context'));
    expect(seen()).toEqual([]);
    expect(noteFiles(project.workspace, 'memory')).toEqual([]);
    project = newStateProject();
    symlinkSync(outside, project.path('.nexus'));
    expect(seen()).toEqual([]);
  });
});
