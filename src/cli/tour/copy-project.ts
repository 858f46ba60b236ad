import { execFile } from 'node:child_process';
import { copyFileSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { findGit, readGitBranch } from '../../base/git-branch.ts';
import { systemErrorCode } from '../../errors.ts';

const run = promisify(execFile);

/** Bounds of a copy without git: enough for any source tree, and over in a moment. */
const MAX_FILES = 2000;
const MAX_TOTAL_BYTES = 50 * 1024 * 1024;
const MAX_FILE_BYTES = 5 * 1024 * 1024;

/** Folders that are never part of a project's own files. */
const LEFT_OUT = new Set(['.git', '.nexus', 'node_modules']);

export interface ProjectCopy {
  /** `clone`: the last commit, by git; `files`: the files as they lie there. */
  readonly kind: 'clone' | 'files';
  /** What a newcomer should know about the copy: uncommitted changes, files left out. */
  readonly remarks: readonly string[];
}

/**
 * Copies the project at `source` into `target`, which must not exist or be empty. Never writes to the source, runs no
 * hook of it, and leaves the copy without a remote, so nothing done there can find its way back.
 */
export async function copyProject(source: string, target: string, signal: AbortSignal): Promise<ProjectCopy> {
  if (findGit(source)?.topLevel === source) {
    if ((await git(source, ['rev-parse', '--verify', '--quiet', 'HEAD'], signal)) !== undefined) {
      const cloned = await clone(source, target, signal);
      if (cloned !== undefined) return cloned;
    }
  }
  return copyFiles(source, target, signal);
}

async function clone(source: string, target: string, signal: AbortSignal): Promise<ProjectCopy | undefined> {
  const args = [
    '-c',
    'core.hooksPath=/dev/null',
    'clone',
    '--quiet',
    '--local',
    '--no-tags',
    '--',
    source,
    target,
  ];
  if ((await git(dirname(target), args, signal)) === undefined) return undefined;
  await git(target, ['remote', 'remove', 'origin'], signal);
  const status = (await git(source, ['status', '--porcelain'], signal)) ?? '';
  const changed = status.split('\n').filter((line) => line !== '').length;
  const remarks =
    changed === 0 ? [] : [`It is the last commit: ${changed} uncommitted changes stay where they are.`];
  return { kind: 'clone', remarks };
}

async function copyFiles(source: string, target: string, signal: AbortSignal): Promise<ProjectCopy> {
  mkdirSync(target, { recursive: true });
  // In a repository without a commit git still knows which files are meant to be in it.
  const listed = await git(source, ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], signal);
  const files = listed === undefined ? walk(source) : listed.split('\0').filter((path) => path !== '');
  let copied = 0;
  let bytes = 0;
  let left = 0;
  for (const path of files) {
    signal.throwIfAborted();
    const size = copyableSize(join(source, path));
    if (size === undefined || path.split('/').some((part) => LEFT_OUT.has(part))) continue;
    if (copied >= MAX_FILES || size > MAX_FILE_BYTES || bytes + size > MAX_TOTAL_BYTES) {
      left += 1;
      continue;
    }
    mkdirSync(dirname(join(target, path)), { recursive: true });
    copyFileSync(join(source, path), join(target, path));
    copied += 1;
    bytes += size;
  }
  if (findGit(source)?.topLevel === source)
    await git(target, ['init', '--quiet', '-b', readGitBranch(source)], signal);
  const remarks = left === 0 ? [] : [`${left} files are too many or too large for a tour and were left out.`];
  return { kind: 'files', remarks };
}

/** Paths of all entries below `folder`, folders expanded, links not followed; stops when there are far too many. */
function walk(folder: string): string[] {
  const found: string[] = [];
  const folders = [''];
  for (let at = 0; at < folders.length && found.length < MAX_FILES * 2; at += 1) {
    const current = folders[at] ?? '';
    for (const entry of readdirSync(join(folder, current), { withFileTypes: true })) {
      if (LEFT_OUT.has(entry.name)) continue;
      const path = current === '' ? entry.name : `${current}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      else found.push(path);
    }
  }
  return found.sort();
}

/** Size of a plain file; undefined for links, sockets and what vanished or may not be read. */
function copyableSize(path: string): number | undefined {
  try {
    const stat = lstatSync(path);
    return stat.isFile() ? stat.size : undefined;
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}

/** Standard output, or undefined when git cannot do it, is not there, or does not trust the folder. */
async function git(cwd: string, args: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const { GIT_DIR: _dir, GIT_WORK_TREE: _tree, GIT_INDEX_FILE: _index, ...env } = process.env;
  try {
    const { stdout } = await run('git', args, {
      cwd,
      signal,
      maxBuffer: 64 * 1024 * 1024,
      env: { ...env, GIT_TERMINAL_PROMPT: '0', GIT_LFS_SKIP_SMUDGE: '1' },
    });
    return stdout;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error) return undefined;
    throw error;
  }
}
