import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { faultyFileSystem } from '../../test/support/state-fault-fs.ts';
import { newFolder, treeOf } from '../../test/support/state-project.ts';
import { nodeFileSystem as fs, lookAt } from './file-system.ts';
import { ensureFolder, isTemporaryName, sweepTemporaryFiles, syncFolder, temporaryName } from './folder.ts';

let folder: string;
beforeEach(() => {
  folder = newFolder('folder-');
});

const code = (name: string): unknown => expect.objectContaining({ name: 'NexoError', code: name });

describe('ensureFolder', () => {
  it('makes all that is missing, and nothing twice', () => {
    const path = join(folder, 'a', 'b', 'c');
    ensureFolder(fs, path);
    ensureFolder(fs, path);
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['c']);
  });

  it('flushes each new folder into its parent', () => {
    const { fs: counting, calls } = faultyFileSystem();
    ensureFolder(counting, join(folder, 'a', 'b'));
    expect(calls.filter(({ name }) => name === 'fsyncSync').length).toBe(2);
  });

  it('does not mind when another process makes it first', () => {
    const path = join(folder, 'a');
    const slow: typeof fs = {
      ...fs,
      mkdirSync: ((target: string) => {
        mkdirSync(target);
        mkdirSync(target);
      }) as typeof fs.mkdirSync,
    };
    expect(() => ensureFolder(slow, path)).not.toThrow();
  });

  it.each(['file', 'link to a folder', 'dangling link'])('refuses a %s in its place', (kind) => {
    const path = join(folder, 'place');
    if (kind === 'file') writeFileSync(path, '');
    else symlinkSync(kind === 'dangling link' ? 'nowhere' : folder, path);
    expect(() => ensureFolder(fs, path)).toThrow(code('PATH_NOT_A_FILE'));
    if (kind === 'file') expect(() => ensureFolder(fs, join(path, 'below'))).toThrow(code('PATH_NOT_A_FILE'));
  });

  it('ends every failing call in IO_FAILED', () => {
    const { fs: counting, calls } = faultyFileSystem();
    ensureFolder(counting, join(folder, 'first', 'second'));
    for (let at = 0; at < calls.length; at += 1) {
      const path = join(folder, String(at), 'below');
      expect(() => ensureFolder(faultyFileSystem({ at, with: 'EIO' }).fs, path)).toThrow(code('IO_FAILED'));
      expect(() => ensureFolder(fs, path)).not.toThrow();
    }
  });
});

describe('lookAt and syncFolder', () => {
  it('see what is there and say IO_FAILED when they cannot', () => {
    expect(lookAt(fs, folder)?.isDirectory()).toBe(true);
    expect(lookAt(fs, join(folder, 'none'))).toBeUndefined();
    expect(() => lookAt(faultyFileSystem({ at: 0, with: 'EACCES' }).fs, folder)).toThrow(code('IO_FAILED'));
    expect(() => syncFolder(fs, join(folder, 'none'))).toThrow(code('IO_FAILED'));
  });
});

describe('sweepTemporaryFiles', () => {
  it('removes files with our temporary names and nothing else', () => {
    const temporary = temporaryName();
    expect(isTemporaryName(temporary)).toBe(true);
    const kept = ['.nexo-1234.tmp', `${temporary}.bak`, `x${temporary}`, 'notes.tmp'];
    for (const name of [temporary, ...kept]) writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, temporaryName()));
    mkdirSync(join(folder, 'below'));
    writeFileSync(join(folder, 'below', temporary), '');
    sweepTemporaryFiles(fs, folder);
    expect(Object.keys(treeOf(folder))).toEqual([...kept, `below/${temporary}`].sort());
    sweepTemporaryFiles(fs, folder, { deep: true });
    expect(Object.keys(treeOf(folder))).toEqual(kept.sort());
  });

  it('follows no link, and bears a folder that is missing, is none or cannot be read', () => {
    const outside = newFolder();
    const name = temporaryName();
    writeFileSync(join(outside, name), '');
    symlinkSync(outside, join(folder, 'link'));
    sweepTemporaryFiles(fs, folder, { deep: true });
    sweepTemporaryFiles(fs, join(folder, 'link'));
    sweepTemporaryFiles(fs, join(folder, 'none'));
    sweepTemporaryFiles(fs, join(outside, name));
    for (const at of [0, 1, 2]) sweepTemporaryFiles(faultyFileSystem({ at, with: 'EIO' }).fs, outside);
    expect(readdirSync(outside)).toEqual([name]);
  });
});
