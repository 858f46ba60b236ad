import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

import { ioError } from '../base/file-errors.ts';
import { ensureFolder } from '../base/folder.ts';
import { findGit, gitEnvironment } from '../base/git-branch.ts';
import { randomHex } from '../base/ids.ts';
import { type ProcessResult, runProcess } from '../base/process.ts';
import { assertInside } from '../base/safe-path.ts';
import { NexoError, systemErrorCode } from '../errors.ts';
import { type MemoryNote, notePath } from './memory.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

export interface ForgottenNote {
  readonly name: string;
  /** The commit that deletes the note. */
  readonly commit: string;
  /** A command line that brings the note back. */
  readonly restore: string;
}

/** A note that can be brought back after its deletion: what git has of it is what lies there. */
export interface ForgettableNote {
  readonly note: MemoryNote;
  /** The last commit, which has the note. */
  readonly commit: string;
  readonly blob: string;
  /** Path from the top of the working tree. */
  readonly gitPath: string;
}

/** How long git may take, with the hooks that the person has set up for commits, in milliseconds. */
const GIT_TIMEOUT_MS = 120_000;

/** What git keeps in its folder while the person is in the middle of something. */
const UNDER_WAY: readonly (readonly [string, string])[] = [
  ['MERGE_HEAD', 'a merge'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
  ['rebase-merge', 'a rebase'],
  ['rebase-apply', 'a rebase'],
];

/**
 * Looks whether a note may be deleted: the last commit has exactly what lies there, staged changes included.
 * Changes nothing. Throws MEMORY_UNRECOVERABLE when git could not bring the note back.
 */
export async function checkForgettable(workspace: Workspace, note: MemoryNote): Promise<ForgettableNote> {
  const location = findGit(workspace.root);
  if (location === undefined) {
    throw unrecoverable(note, 'the project is not in a git repository', 'Run git init and commit the notes.');
  }
  for (const [name, what] of UNDER_WAY) {
    if (existsSync(join(location.gitFolder, name)))
      throw unrecoverable(note, `git is in the middle of ${what}`, 'Finish or abort it, then try again.');
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no shell line could name such a file safely
  if (/[\u0000-\u001f\u007f]/.test(note.name))
    throw unrecoverable(note, 'its name holds a control character', 'Rename it first.');
  assertInside(workspace.root, notePath(workspace, note.name));
  const git = gitIn(workspace);
  const head = await git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  const commit = head.stdout.trim();
  const listed = await git(['ls-tree', '-z', 'HEAD', '--', note.path]);
  const blob = /^100\d{3} blob ([0-9a-f]+)\t/.exec(listed.stdout)?.[1];
  if (head.code !== 0 || listed.code !== 0 || blob === undefined)
    throw unrecoverable(
      note,
      'it is in no commit yet',
      `Commit it first: git add ${note.path} && git commit`,
    );
  const status = await git(['status', '--porcelain', '-z', '--untracked-files=all', '--', note.path]);
  // Files that git was told to take as unchanged look clean there, so what lies on the disk is hashed as well.
  if (status.code !== 0 || status.stdout !== '' || (await hashOf(workspace, note, note.path)) !== blob)
    throw unrecoverable(
      note,
      'it has changes that are not committed',
      `Commit or drop them: git diff HEAD -- ${note.path}`,
    );
  const gitPath = relative(location.topLevel, join(workspace.root, note.path)).split(sep).join('/');
  return { note, commit, blob, gitPath };
}

/**
 * Deletes a note in a commit of its own, whose message says how to bring it back. Whatever else is staged or changed
 * stays as it is. When the commit fails the note is back in its place. Throws MEMORY_UNRECOVERABLE or PROCESS_FAILED.
 */
export async function forgetNote(
  workspace: Workspace,
  note: MemoryNote,
  reasons: readonly string[],
): Promise<ForgottenNote> {
  const checked = await checkForgettable(workspace, note);
  const path = notePath(workspace, note.name);
  ensureFolder(workspace.fs, workspacePaths.own(workspace.root));
  // Set aside first: what somebody writes from here on is a new file, and what we commit is what we have looked at.
  const aside = join(workspacePaths.own(workspace.root), `forgotten-${randomHex()}.md`);
  try {
    renameSync(path, aside);
  } catch (error) {
    throw ioError(path, 'set aside', error);
  }
  try {
    if ((await hashOf(workspace, note, aside)) !== checked.blob)
      throw unrecoverable(note, 'it was changed just now', 'Look at it again.');
    const restore = restoreCommand(checked);
    const commit = await commitDeletion(workspace, note, messageOf(checked, reasons, restore));
    rmSync(aside, { force: true });
    return { name: note.name, commit, restore };
  } catch (error) {
    putBack(aside, path);
    throw error;
  }
}

async function commitDeletion(workspace: Workspace, note: MemoryNote, message: string): Promise<string> {
  const git = gitIn(workspace);
  // Only this path: git builds the commit from HEAD and leaves the rest of the index alone.
  const ran = await git(
    ['commit', '--quiet', '--only', '--file=-', '--cleanup=verbatim', '--', note.path],
    message,
  );
  const gone = await git(['ls-tree', '-z', 'HEAD', '--', note.path]);
  if (gone.code !== 0 || gone.stdout !== '') {
    const reason = ran.timedOut
      ? `it took longer than ${GIT_TIMEOUT_MS / 1000} s`
      : (ran.stderr.trim().split('\n').at(-1) ?? '').slice(0, 500);
    throw new NexoError('PROCESS_FAILED', `git did not commit the deletion of ${note.name}: ${reason}`, {
      hint: 'The note is back in its place. Commit something by hand to see what git wants.',
      data: { file: 'git', code: ran.code },
    });
  }
  return (await git(['rev-list', '-1', 'HEAD', '--', note.path])).stdout.trim();
}

function messageOf(
  { note, blob, gitPath }: ForgettableNote,
  reasons: readonly string[],
  restore: string,
): string {
  const why = reasons.length === 0 ? ['deleted by hand'] : reasons;
  return [
    `chore(memory): forget ${note.name}`,
    '',
    'Why:',
    ...why.map((reason) => `- ${reason}`),
    '',
    'To bring it back:',
    '',
    `    ${restore}`,
    '',
    'After a rebase, with the commit that this one has become:',
    '',
    `    git checkout <commit>^ -- ${quote(`:/${gitPath}`)}`,
    '',
    `Content: blob ${blob}`,
    '',
  ].join('\n');
}

/** Works anywhere in the working tree. */
function restoreCommand({ commit, gitPath }: ForgettableNote): string {
  return `git checkout ${commit} -- ${quote(`:/${gitPath}`)}`;
}

/** What somebody has written there meanwhile stays; the older text is in git all the same. */
function putBack(aside: string, path: string): void {
  try {
    linkSync(aside, path);
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return;
    renameSync(aside, path);
    return;
  }
  rmSync(aside, { force: true });
}

/** The blob that git would make of a file's bytes at the place of the note. */
async function hashOf(workspace: Workspace, note: MemoryNote, file: string): Promise<string> {
  const ran = await gitIn(workspace)(['hash-object', `--path=${note.path}`, '--', file]);
  return ran.code === 0 ? ran.stdout.trim() : '';
}

function gitIn(workspace: Workspace): (args: readonly string[], input?: string) => Promise<ProcessResult> {
  return (args, input) =>
    runProcess('git', ['--literal-pathspecs', '-C', workspace.root, ...args], {
      // Looking must not refresh the person's index.
      env: { ...gitEnvironment(), GIT_OPTIONAL_LOCKS: '0' },
      timeoutMs: GIT_TIMEOUT_MS,
      ...(input !== undefined && { input }),
    });
}

function unrecoverable(note: MemoryNote, why: string, hint: string): NexoError {
  return new NexoError(
    'MEMORY_UNRECOVERABLE',
    `${note.name} stays: ${why}, so it could not be brought back.`,
    {
      hint,
      data: { path: note.path },
    },
  );
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
