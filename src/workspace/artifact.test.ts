import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import {
  call,
  failureOf,
  newFolder,
  newStateProject,
  type StateProject,
  treeOf,
} from '../../test/support/state-project.ts';

const ARTIFACTS = '.nexus/state/artifacts';

let project: StateProject;
beforeEach(() => {
  project = newStateProject();
});

const write = (filename: string, content = 'text'): Promise<Record<string, unknown>> =>
  call(project.workspace, 'artifact_write', { filename, content });

describe('artifact_write', () => {
  it.each([
    ['report.md', 'report.md'],
    ['reports/2026/report.md', 'reports/2026/report.md'],
    ['reports\\report.md', 'reports/report.md'],
    ['/absolute/report.md', 'absolute/report.md'],
    ['../../../outside.md', 'outside.md'],
    ['./a/./b//c.md', 'a/b/c.md'],
    ['日本語 – größer.md', '日本語 – größer.md'],
    ['plan.json', 'plan.json'],
    ['.hidden', '.hidden'],
  ])('writes %j and answers with its true path', async (filename, relative) => {
    const path = project.path(join(ARTIFACTS, relative));
    expect(await write(filename, 'größer 🌲')).toEqual({ success: true, path });
    expect(readFileSync(path, 'utf8')).toBe('größer 🌲');
  });

  it('replaces a file of the same name whole', async () => {
    await write('a.md', 'long '.repeat(1000));
    await write('a.md', '');
    expect(project.text(`${ARTIFACTS}/a.md`)).toBe('');
  });

  it.each([
    '',
    '..',
    '/',
    'a\0b',
    'a\nb',
    'C:\\x',
    'con',
    'a.',
    'x'.repeat(256),
    '.nexo-0123456789abcdef.tmp',
  ])('refuses the name %j and writes nothing', async (filename) => {
    expect((await failureOf(write(filename))).code).toBe('ARTIFACT_NAME_INVALID');
    expect(project.has('.nexus')).toBe(false);
  });

  it('does not follow a link out of the folder, on the way or in the place of the file', async () => {
    const outside = newFolder('outside-');
    writeFileSync(join(outside, 'file'), 'precious');
    await write('own.md');
    symlinkSync(outside, project.path(`${ARTIFACTS}/folder`));
    symlinkSync(join(outside, 'file'), project.path(`${ARTIFACTS}/file`));
    symlinkSync(join(outside, 'new'), project.path(`${ARTIFACTS}/dangling`));
    symlinkSync(join(project.root, '.nexus', 'state'), project.path(`${ARTIFACTS}/up`));
    const before = { project: treeOf(project.root), outside: treeOf(outside) };
    for (const [name, code] of [
      ['folder/x', 'PATH_ESCAPES'],
      ['folder/deep/x', 'PATH_ESCAPES'],
      ['up/tasks.json', 'PATH_ESCAPES'],
      ['file', 'PATH_NOT_A_FILE'],
      ['dangling', 'PATH_NOT_A_FILE'],
      ['dangling/x', 'PATH_ESCAPES'],
    ] as const) {
      expect([name, (await failureOf(write(name))).code]).toEqual([name, code]);
    }
    expect({ project: treeOf(project.root), outside: treeOf(outside) }).toEqual(before);
  });

  it('refuses when the whole folder leads out of the project', async () => {
    const outside = newFolder('outside-');
    mkdirSync(dirname(project.path(ARTIFACTS)), { recursive: true });
    symlinkSync(outside, project.path(ARTIFACTS));
    expect((await failureOf(write('a.md'))).code).toBe('PATH_ESCAPES');
    expect(treeOf(outside)).toEqual({});
  });

  it('says what stands in the way, at any depth', async () => {
    await write('taken');
    mkdirSync(project.path(`${ARTIFACTS}/folder`));
    execFileSync('mkfifo', [project.path(`${ARTIFACTS}/pipe`)]);
    for (const name of ['taken/x', 'taken/x/y/z', 'folder', 'pipe', 'pipe/x']) {
      expect([name, (await failureOf(write(name))).code]).toEqual([name, 'PATH_NOT_A_FILE']);
    }
    // One bad name is nobody else's matter.
    await write('other.md');
    await call(project.workspace, 'task_add', { title: 'x', context: 'y' });
  });

  it('works while a file stands where the folder belongs for other tools', async () => {
    project.write(ARTIFACTS, 'a file');
    expect((await failureOf(write('a.md'))).code).toBe('PATH_NOT_A_FILE');
    expect(await call(project.workspace, 'task_add', { title: 'x', context: 'y' })).toMatchObject({
      task: { id: 1 },
    });
  });
});
