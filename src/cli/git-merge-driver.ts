import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

import { nodeFileSystem, writeFileDurable } from '../base/durable-file.ts';
import { findGit } from '../base/git-branch.ts';
import { NexoError, systemErrorCode } from '../errors.ts';

const run = promisify(execFile);

/** Name of the driver in `.gitattributes` and in git's configuration. */
const DRIVER = 'nexo-history';
const ATTRIBUTE = `.nexus/history.json merge=${DRIVER}`;

/** How git merges `.nexus/history.json` here. */
export type MergeDriverState =
  /** The project is not in a git repository, or git cannot be run. */
  'no-git' | 'missing' | 'set-up';

export interface MergeDriverSetup {
  readonly state: MergeDriverState;
  /** What was changed: `.gitattributes`, `git config`. */
  readonly changed: readonly string[];
}

/** What `nexo` was started as: git may have to start it again without a shell's settings. */
export interface Program {
  /** The running Node. */
  readonly node: string;
  /** The started file, best through the link in a `bin` folder, which outlives an upgrade. */
  readonly main: string;
}

/**
 * The command that git runs for a merge: the `nexo` on the PATH, else the one of the project, else the one that set
 * this up; so it outlives upgrades of Nexo and of Node. When none is left git merges line by line, with markers.
 */
export function mergeDriverCommand(root: string, { node, main }: Program): string {
  // git runs it at the top of the working tree, which the project need not be.
  const local = join(relative(findGit(root)?.topLevel ?? root, root), 'node_modules', '.bin', 'nexo');
  const versions = 'merge-driver %O %A %B';
  return [
    `if command -v nexo >/dev/null 2>&1; then nexo ${versions};`,
    `elif test -x ${quote(local)}; then ${quote(local)} ${versions};`,
    `elif test -x ${quote(node)} && test -f ${quote(main)}; then ${quote(node)} ${quote(main)} ${versions};`,
    'else git merge-file %A %O %B; fi',
  ].join(' ');
}

/** Looks only. */
export async function readMergeDriver(root: string): Promise<MergeDriverState> {
  if (findGit(root) === undefined) return 'no-git';
  const configured = await git(root, ['config', '--local', '--get', `merge.${DRIVER}.driver`]);
  if (configured === undefined) return 'no-git';
  return configured !== '' && hasAttribute(readAttributes(root)) ? 'set-up' : 'missing';
}

/** Whether another clone of this project merges with Nexo and this one does not. Asks git only where it has to. */
export async function lacksMergeDriver(root: string): Promise<boolean> {
  return hasAttribute(readAttributes(root)) && (await readMergeDriver(root)) === 'missing';
}

/** Sets the driver up in this clone, and the attribute for every clone. Changes only what is not so already. */
export async function setUpMergeDriver(root: string, program: Program): Promise<MergeDriverSetup> {
  if ((await readMergeDriver(root)) === 'no-git') return { state: 'no-git', changed: [] };
  const changed: string[] = [];
  const settings = [
    [`merge.${DRIVER}.name`, 'Nexo history: keeps the cycles of both sides'],
    [`merge.${DRIVER}.driver`, mergeDriverCommand(root, program)],
  ] as const;
  for (const [key, value] of settings) {
    if ((await git(root, ['config', '--local', '--get', key])) === value) continue;
    if ((await git(root, ['config', '--local', key, value])) === undefined) {
      throw new NexoError('IO_FAILED', `git could not set ${key}.`, {
        hint: `Try it yourself: git config ${key}`,
      });
    }
    if (!changed.includes('git config')) changed.push('git config');
  }
  const attributes = readAttributes(root);
  if (!hasAttribute(attributes)) {
    const separator = attributes === '' || attributes.endsWith('\n') ? '' : '\n';
    writeFileDurable(nodeFileSystem, join(root, '.gitattributes'), `${attributes}${separator}${ATTRIBUTE}\n`);
    changed.push('.gitattributes');
  }
  return { state: 'set-up', changed };
}

function readAttributes(root: string): string {
  const path = join(root, '.gitattributes');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function hasAttribute(attributes: string): boolean {
  return attributes.split(/\r?\n/).some((line) => line.trim().split(/\s+/).join(' ') === ATTRIBUTE);
}

/** Standard output without its last line break; empty when git says no; undefined when git cannot be run here. */
async function git(root: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run('git', ['-C', root, ...args], { timeout: 10_000 });
    return stdout.replace(/\r?\n$/, '');
  } catch (error) {
    // `git config --get` of a key that is not set ends with 1; everything else means no usable git or repository.
    if (isExit(error, 1)) return '';
    if (systemErrorCode(error) === 'ENOENT' || error instanceof Error) return undefined;
    throw error;
  }
}

function isExit(error: unknown, code: number): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** For the shell, and for git, which replaces `%` and a letter. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`).replaceAll('%', '%%')}'`;
}
