import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { Clock } from '../../src/base/clock.ts';
import type { NexoError } from '../../src/errors.ts';
import { findWorkspaceTool } from '../../src/workspace/tools.ts';
import { openWorkspace, type Workspace, type WorkspaceOptions } from '../../src/workspace/workspace.ts';

/** A new folder in the run's temporary folder, which is removed at the end of the run. */
export function newFolder(prefix = 'state-'): string {
  return mkdtempSync(join(tmpdir(), prefix));
}

/** A clock that gains one second each time somebody looks at it. */
export function steppingClock(start = Date.parse('2026-05-01T09:00:00.000Z')): Clock {
  let now = start - 1000;
  return {
    now: () => {
      now += 1000;
      return now;
    },
  };
}

/** A project folder with a workspace opened on it, and the few things that tests do to its files. */
export interface StateProject {
  readonly root: string;
  readonly workspace: Workspace;
  /** Another view of the same project, as a new process has it: no caches. */
  reopen(options?: WorkspaceOptions): Workspace;
  path(relative: string): string;
  /** Writes a file and its folders; anything but text and bytes as JSON. */
  write(relative: string, content: unknown): void;
  text(relative: string): string;
  json(relative: string): unknown;
  has(relative: string): boolean;
}

export function newStateProject(options: WorkspaceOptions = {}, template?: StateProject): StateProject {
  const root = newFolder();
  // As it stands there; a copy is quicker than doing the work again.
  if (template !== undefined) cpSync(template.root, root, { recursive: true, verbatimSymlinks: true });
  const open = (more: WorkspaceOptions = {}): Workspace =>
    openWorkspace(root, { clock: steppingClock(), ...options, ...more });
  const path = (relative: string): string => join(root, relative);
  const text = (relative: string): string => readFileSync(path(relative), 'utf8');
  return {
    root,
    workspace: open(),
    reopen: open,
    path,
    write: (relative, content) => {
      mkdirSync(dirname(path(relative)), { recursive: true });
      const isRaw = typeof content === 'string' || Buffer.isBuffer(content);
      writeFileSync(path(relative), isRaw ? content : `${JSON.stringify(content, null, 2)}\n`);
    },
    text,
    json: (relative) => JSON.parse(text(relative)),
    has: (relative) => existsSync(path(relative)),
  };
}

export const PLAN = '.nexus/state/plan.json';
export const TASKS = '.nexus/state/tasks.json';
export const HISTORY = '.nexus/history.json';

/** Runs a tool of the contract as every door does. */
export async function call(
  workspace: Workspace,
  tool: string,
  input: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  const found = findWorkspaceTool(tool);
  if (found === undefined) throw new Error(`no tool ${tool}`);
  return { ...(await found.run(workspace, input)) };
}

/** The NexoError that a promise ends in; fails the test when it ends otherwise. */
export async function failureOf(promise: Promise<unknown>): Promise<NexoError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error && error.name === 'NexoError') return error as NexoError;
    throw error;
  }
  throw new Error('it did not fail');
}

/** Every name below a folder with what stands there: a hash of the bytes, a link's target, or the kind. */
export function treeOf(
  folder: string,
  { without = [] }: { without?: readonly string[] } = {},
): Record<string, string> {
  const tree: Record<string, string> = {};
  const visit = (relative: string): void => {
    for (const name of readdirSync(join(folder, relative)).sort()) {
      const below = relative === '' ? name : `${relative}/${name}`;
      if (without.includes(below)) continue;
      const path = join(folder, below);
      const stat = lstatSync(path);
      if (stat.isSymbolicLink()) tree[below] = `link to ${readlinkSync(path)}`;
      // Tests fill no such file with anything.
      else if (stat.isFile() && stat.size > 64 * 1024 * 1024) tree[below] = `${stat.size} bytes`;
      else if (stat.isFile()) tree[below] = createHash('sha256').update(readFileSync(path)).digest('hex');
      else if (stat.isDirectory()) visit(below);
      else tree[below] = 'special';
    }
  };
  if (existsSync(folder)) visit('');
  return tree;
}

/** Names of temporary files anywhere below a folder. */
export function temporaryFilesIn(folder: string): string[] {
  return Object.keys(treeOf(folder)).filter((name) => name.endsWith('.tmp'));
}
