import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { newFolder } from '../../test/support/state-project.ts';
import { isAmbiguousRoot, resolveProjectRoot } from './root.ts';

let home: string;
let work: string;
beforeEach(() => {
  const base = realpathSync(newFolder('root-'));
  home = join(base, 'home');
  work = join(base, 'work');
  mkdirSync(home);
  mkdirSync(work);
});

const make = (...parts: string[]): string => {
  const path = join(...parts);
  mkdirSync(path, { recursive: true });
  return path;
};
const resolveFrom = (cwd: string, env: NodeJS.ProcessEnv = {}): object =>
  resolveProjectRoot({ env, cwd, home });
const code = (name: string): unknown => expect.objectContaining({ name: 'NexoError', code: name });

describe('resolveProjectRoot', () => {
  it('goes by the environment before all else, our name before the older one, relative to where it is', () => {
    const named = make(work, 'named');
    make(work, 'other', '.nexus');
    const cwd = make(work, 'other', 'below');
    for (const env of [
      { NEXO_PROJECT_ROOT: named },
      { NEXUS_PROJECT_ROOT: named },
      { NEXO_PROJECT_ROOT: '../../named', NEXUS_PROJECT_ROOT: '/nowhere' },
    ]) {
      expect(resolveFrom(cwd, env)).toEqual({ path: named, source: 'environment' });
    }
    expect(resolveFrom(cwd, { NEXO_PROJECT_ROOT: '' })).toEqual({
      path: join(work, 'other'),
      source: 'nexus-folder',
    });
  });

  it('may be sent to the home directory by name only', () => {
    expect(resolveFrom(work, { NEXO_PROJECT_ROOT: home })).toEqual({ path: home, source: 'environment' });
  });

  it.each(['nowhere', 'file', 'file/below', 'loop'])('refuses a named folder that is none: %s', (name) => {
    writeFileSync(join(work, 'file'), '');
    symlinkSync('loop', join(work, 'loop'));
    expect(() => resolveFrom(work, { NEXO_PROJECT_ROOT: join(work, name) })).toThrow(
      code('PROJECT_ROOT_MISSING'),
    );
  });

  it('takes the nearest parent with .nexus, also across a git repository and from inside .nexus', () => {
    make(work, 'a', '.nexus', 'state');
    make(work, 'a', 'b', '.git');
    expect(resolveFrom(make(work, 'a', 'b', 'c'))).toEqual({ path: join(work, 'a'), source: 'nexus-folder' });
    expect(resolveFrom(join(work, 'a', '.nexus', 'state'))).toEqual({
      path: join(work, 'a'),
      source: 'nexus-folder',
    });
    make(work, 'a', 'b', '.nexus');
    expect(resolveFrom(join(work, 'a', 'b', 'c'))).toEqual({
      path: join(work, 'a', 'b'),
      source: 'nexus-folder',
    });
  });

  it('does not take a file named .nexus for the folder', () => {
    writeFileSync(join(work, '.nexus'), '');
    expect(resolveFrom(work)).toEqual({ path: work, source: 'working-directory' });
  });

  it('else takes the git top level: of a worktree its own', () => {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid'];
    const main = make(work, 'main');
    execFileSync('git', ['init', '-q', main]);
    execFileSync('git', ['-C', main, ...identity, 'commit', '-q', '--allow-empty', '-m', 'x']);
    execFileSync('git', ['-C', main, 'worktree', 'add', '-q', join(work, 'linked')], { stdio: 'ignore' });
    expect(resolveFrom(make(main, 'a', 'b'))).toEqual({ path: main, source: 'git' });
    expect(resolveFrom(make(work, 'linked', 'a'))).toEqual({ path: join(work, 'linked'), source: 'git' });
  });

  it('else takes the working directory', () => {
    expect(resolveFrom(make(work, 'plain', 'folder'))).toEqual({
      path: join(work, 'plain', 'folder'),
      source: 'working-directory',
    });
  });

  it('refuses to guess the home directory or the root of the disk, also through a link, or when they hold .nexus or .git', () => {
    const alias = join(work, 'alias');
    symlinkSync(home, alias);
    for (const cwd of [home, alias, '/'])
      expect(() => resolveFrom(cwd)).toThrow(code('PROJECT_ROOT_AMBIGUOUS'));
    make(home, '.nexus');
    make(home, '.git');
    expect(() => resolveFrom(home)).toThrow(code('PROJECT_ROOT_AMBIGUOUS'));
    expect(resolveFrom(make(home, 'project'))).toEqual({
      path: join(home, 'project'),
      source: 'working-directory',
    });
  });

  it('does not take the working directory for an unnamed home', () => {
    expect(resolveProjectRoot({ env: {}, cwd: work, home: '' })).toEqual({
      path: work,
      source: 'working-directory',
    });
  });

  it('says that a working directory is gone', () => {
    expect(() => resolveFrom(join(work, 'gone'))).toThrow(code('PROJECT_ROOT_MISSING'));
  });
});

describe('isAmbiguousRoot', () => {
  it('knows a home directory and a disk from a project', () => {
    expect([home, '/', work, make(home, 'x')].map((path) => isAmbiguousRoot(path, home))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
