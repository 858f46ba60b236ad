import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { newFolder } from '../../test/support/state-project.ts';
import { findGit, gitEnvironment, readGitBranch } from './git-branch.ts';

let folder: string;
beforeEach(() => {
  folder = newFolder('git-');
});

function git(...args: string[]): void {
  const identity = [
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@example.invalid',
    '-c',
    'protocol.file.allow=always',
  ];
  execFileSync('git', [...identity, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
}

function newRepository(name = 'repository', branch = 'main'): string {
  const path = join(folder, name);
  git('init', '-q', '-b', branch, path);
  return path;
}

describe('readGitBranch', () => {
  it('names the branch, before the first commit and after it, also in folders below', () => {
    const path = newRepository('repository', 'feature/ä-ö');
    mkdirSync(join(path, 'a', 'b'), { recursive: true });
    expect(readGitBranch(path)).toBe('feature/ä-ö');
    git('-C', path, 'commit', '-q', '--allow-empty', '-m', 'x');
    git('-C', path, 'checkout', '-q', '-b', 'next');
    expect(readGitBranch(join(path, 'a', 'b'))).toBe('next');
  });

  it('says HEAD when detached', () => {
    const path = newRepository();
    git('-C', path, 'commit', '-q', '--allow-empty', '-m', 'x');
    git('-C', path, 'checkout', '-q', '--detach');
    expect(readGitBranch(path)).toBe('HEAD');
  });

  it('reads linked worktrees, each with its own branch', () => {
    const path = newRepository();
    git('-C', path, 'commit', '-q', '--allow-empty', '-m', 'x');
    const linked = join(folder, 'linked tree');
    git('-C', path, 'worktree', 'add', '-q', '-b', 'side', linked);
    expect(readGitBranch(linked)).toBe('side');
    expect(readGitBranch(path)).toBe('main');
    expect(findGit(linked)?.topLevel).toBe(linked);
  });

  it('reads submodules through their relative gitdir', () => {
    const inner = newRepository('inner', 'inner-branch');
    git('-C', inner, 'commit', '-q', '--allow-empty', '-m', 'x');
    const path = newRepository();
    git('-C', path, 'submodule', '--quiet', 'add', inner, 'modules/inner');
    expect(readGitBranch(join(path, 'modules', 'inner'))).toBe('inner-branch');
  });

  it('says unknown outside git', () => {
    expect(readGitBranch(folder)).toBe('unknown');
    expect(findGit(folder)).toBeUndefined();
  });

  it.each([
    ['an empty folder', (path: string) => mkdirSync(path), 'unknown'],
    ['an empty file', (path: string) => writeFileSync(path, ''), 'unknown'],
    [
      'a file that names nothing there',
      (path: string) => writeFileSync(path, 'gitdir: ../gone\n'),
      'unknown',
    ],
    ['a link that leads nowhere', (path: string) => symlinkSync('gone', path), 'unknown'],
    ['a link to itself', (path: string) => symlinkSync('.git', path), 'unknown'],
    ['a pipe', (path: string) => execFileSync('mkfifo', [path]), 'unknown'],
    [
      'a folder whose HEAD is a pipe',
      (path: string) => withHead(path, (head) => execFileSync('mkfifo', [head])),
      'unknown',
    ],
    ['a folder whose HEAD is a folder', (path: string) => withHead(path, mkdirSync), 'unknown'],
    [
      'a folder whose HEAD is empty',
      (path: string) => withHead(path, (head) => writeFileSync(head, '\n')),
      'unknown',
    ],
    [
      'a folder whose HEAD is endless',
      (path: string) => withHead(path, (head) => writeFileSync(head, 'x'.repeat(70_000))),
      'unknown',
    ],
    [
      'a folder whose HEAD is a commit',
      (path: string) => withHead(path, (head) => writeFileSync(head, '1'.repeat(40))),
      'HEAD',
    ],
    [
      'a folder whose HEAD is no branch',
      (path: string) => withHead(path, (head) => writeFileSync(head, 'ref: refs/x/y\n')),
      'HEAD',
    ],
  ])('is never empty and never fails: .git is %s', (_name, make, expected) => {
    make(join(folder, '.git'));
    expect(readGitBranch(folder)).toBe(expected);
  });

  function withHead(path: string, make: (head: string) => unknown): void {
    mkdirSync(path);
    make(join(path, 'HEAD'));
  }

  describe('in a repository that keeps no readable HEAD (reftable)', () => {
    let path: string;
    /** Puts a program called git before the real one; what it prints stands for that of a newer git. */
    const withGit = (script: string): void => {
      const bin = join(folder, 'bin');
      mkdirSync(bin, { recursive: true });
      writeFileSync(join(bin, 'git'), `#!/bin/sh\n${script}\n`);
      chmodSync(join(bin, 'git'), 0o755);
      vi.stubEnv('PATH', `${bin}${delimiter}${process.env.PATH}`);
    };
    beforeEach(() => {
      path = newRepository();
      writeFileSync(join(path, '.git', 'HEAD'), 'ref: refs/heads/.invalid\n');
    });

    it('asks git, about this repository and no other', () => {
      vi.stubEnv('GIT_DIR', '/somewhere/else');
      withGit(
        '[ -z "$GIT_DIR" ] && [ "$1" = -C ] && [ "$3" = symbolic-ref ] && echo "branch-of-$(basename "$2")"',
      );
      expect(readGitBranch(path)).toBe('branch-of-repository');
    });

    it('says HEAD when git knows no branch, or there is no git', () => {
      withGit('exit 1');
      expect(readGitBranch(path)).toBe('HEAD');
      withGit('exit 0');
      expect(readGitBranch(path)).toBe('HEAD');
      vi.stubEnv('PATH', join(folder, 'nowhere'));
      expect(readGitBranch(path)).toBe('HEAD');
    });
  });

  it('runs no program otherwise', () => {
    const path = newRepository();
    vi.stubEnv('PATH', join(folder, 'nowhere'));
    expect(readGitBranch(path)).toBe('main');
  });

  it('still answers when the folder itself is gone', () => {
    const path = newRepository();
    rmSync(path, { recursive: true });
    expect(readGitBranch(path)).toBe('unknown');
  });
});

describe('gitEnvironment', () => {
  it('holds nothing that leads git to another repository, and leaves the own environment alone', () => {
    vi.stubEnv('GIT_DIR', '/elsewhere');
    vi.stubEnv('GIT_WORK_TREE', '/elsewhere');
    const env = gitEnvironment();
    expect([env.GIT_DIR, env.GIT_WORK_TREE, env.GIT_NO_LAZY_FETCH]).toEqual([undefined, undefined, '1']);
    expect(process.env.GIT_DIR).toBe('/elsewhere');
  });
});
