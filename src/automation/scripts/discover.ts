import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename, join } from 'node:path';

import { ioError } from '../../base/file-errors.ts';
import { systemErrorCode } from '../../errors.ts';
import type { HomePaths } from '../../home/paths.ts';
import { type Declaration, readDeclaration } from '../schedules/declaration.ts';
import { coreIdentities, metIdentity } from './core-identities.ts';
import { isYes, METADATA_LINES, type MetadataFinding, parseMetadata } from './metadata.ts';
import { isPrefixed, logicalName, stemOf } from './names.ts';
import { detectRuntime, type Runtime } from './runtime.ts';

export type ScriptClass = 'personal' | 'core' | 'core-dev' | 'ignored' | 'non-script';

/** One file in a scripts folder: what it is, and what it says of itself. */
export interface ScriptEntry {
  /** What it declares, else its file's name without extension and prefixes. Any text: it comes from a file. */
  readonly name: string;
  /** Absolute, as found: a link in the scripts folder keeps its own path. */
  readonly path: string;
  readonly filename: string;
  readonly classification: ScriptClass;
  /** Why it is not a personal script; empty when it is. */
  readonly reason: string;
  readonly runtime: Runtime | 'unknown';
  readonly description: string;
  readonly firstLine: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly findings: readonly MetadataFinding[];
  readonly declaration: Declaration;
  readonly hidden: boolean;
}

export interface Discovery {
  readonly scriptsDir: string;
  readonly entries: readonly ScriptEntry[];
}

type Places = Pick<HomePaths, 'home' | 'personal' | 'scripts'>;

/**
 * Everything in the scripts folders of a home, in the order of the folders and then of the names. Reads, never writes.
 * A file that cannot be read is an entry without metadata; throws IO_FAILED only when a whole folder cannot be read.
 */
export function discoverScripts(paths: Places): Discovery {
  const core = coreIdentities(paths);
  const scriptsDir = personalFolder(paths);
  const folders = [
    [join(paths.home, 'core', 'scripts'), 'core'],
    [scriptsDir, 'personal'],
    [join(paths.home, 'core-dev', 'scripts'), 'core-dev'],
  ] as const;
  const seen = new Set<string>();
  const entries: ScriptEntry[] = [];
  for (const [folder, kind] of folders) {
    for (const filename of filesIn(folder)) {
      const path = join(folder, filename);
      const real = realPath(path);
      // A link to a neighbour is the same script once more.
      if (seen.has(real)) continue;
      seen.add(real);
      entries.push(readScript(path, kind, core));
    }
  }
  return { scriptsDir, entries };
}

/** One file, wherever it lies, as if it were in the personal folder. The caller has seen that it is there. */
export function readScriptFile(path: string, paths: Places): ScriptEntry {
  return readScript(path, 'personal', coreIdentities(paths));
}

/** How many files of each class there are. */
export function countClasses(entries: readonly ScriptEntry[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { classification } of entries) counts[classification] = (counts[classification] ?? 0) + 1;
  return counts;
}

/**
 * The script of that name: what it declares, its file's stem, or its file name; the first in the order of discovery.
 * Personal scripts come before all others.
 */
export function findScript(entries: readonly ScriptEntry[], name: string): ScriptEntry | undefined {
  const matches = entries.filter(
    (entry) => entry.name === name || stemOf(entry.path) === name || entry.filename === name,
  );
  return matches.find(({ classification }) => classification === 'personal') ?? matches[0];
}

/** Homes from before `personal/scripts/` have their scripts in a flat folder. */
function personalFolder({ home, scripts }: Places): string {
  const flat = join(home, 'scripts');
  return !isFolder(scripts) && isFolder(flat) ? flat : scripts;
}

const INTERNAL_NAMES: ReadonlySet<string> = new Set([
  'nexo-cron-wrapper.sh',
  'nexo-dashboard.sh',
  'nexo-prevent-sleep.sh',
  'nexo-proactive-dashboard.py',
  'nexo-tcc-approve.sh',
]);

function ignoredBecause(filename: string): string | undefined {
  if (filename.startsWith('.')) return 'hidden file';
  if (INTERNAL_NAMES.has(filename)) return 'internal to Nexo';
  if (filename.endsWith('~')) return 'backup of an editor';
  if (/\.(?:bak|backup|old|orig)(?:[-.][\w.-]*)?$/i.test(filename)) return 'backup file';
  return undefined;
}

function readScript(
  path: string,
  kind: 'core' | 'personal' | 'core-dev',
  core: ReadonlySet<string>,
): ScriptEntry {
  const filename = basename(path);
  const text = readHead(path);
  const { values, findings } = parseMetadata(text);
  const firstLine = (text.split(/\r\n|\n|\r/, 1)[0] ?? '').replace(/^\ufeff/, '');
  const runtime = detectRuntime({ declared: values.runtime, firstLine, path });
  const ignored = ignoredBecause(filename);
  const met = kind === 'personal' ? metIdentity(core, path, values.name) : undefined;
  const [classification, reason]: [ScriptClass, string] =
    ignored !== undefined
      ? ['ignored', ignored]
      : runtime === 'unknown' && !firstLine.startsWith('#!') && !mayRun(path)
        ? ['non-script', 'neither a known kind of script nor executable']
        : met !== undefined
          ? ['ignored', `"${met}" is a name of Nexo itself`]
          : [kind, ''];
  const conflicting = findings.flatMap(({ code, key }) => (code === 'conflict' && key ? [key] : []));
  return {
    name: values.name || (kind === 'personal' ? logicalName(stemOf(path)) : stemOf(path)),
    path,
    filename,
    classification,
    reason,
    runtime,
    description: values.description ?? '',
    firstLine,
    metadata: values,
    findings,
    declaration: readDeclaration(values, { conflicting }),
    hidden: isYes(values.hidden),
  };
}

/** How a personal script's file is named, for the report. */
export function namingPolicy({ path }: ScriptEntry): 'preferred' | 'legacy-nonprefixed' {
  return isPrefixed(path) ? 'preferred' : 'legacy-nonprefixed';
}

const FIRST_READ = 8 * 1024;
/** Longest head that is read for 25 lines, in bytes. */
const MAX_HEAD = 64 * 1024;

/** The beginning of a file with its first 25 lines; empty when it cannot be read. */
function readHead(path: string): string {
  let fd: number | undefined;
  try {
    // Not blocking: a pipe in place of a script would wait for a writer. That it is a file was asked before.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const head = Buffer.alloc(MAX_HEAD);
    let length = 0;
    for (let want = FIRST_READ; length < MAX_HEAD; want = MAX_HEAD) {
      const read = readSync(fd, head, length, want - length, length);
      length += read;
      if (read === 0 || countLines(head, length) > METADATA_LINES) break;
    }
    return head.toString('utf8', 0, length);
  } catch {
    return ''; // unreadable: the doctor says so
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function countLines(bytes: Buffer, length: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1 && at < length; at = bytes.indexOf(10, at + 1)) lines += 1;
  return lines;
}

/** Regular files and links to them, by name. A missing folder has none. */
function filesIn(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw ioError(folder, 'list', error);
  }
  return names.filter((name) => isFile(join(folder, name))).sort();
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false; // a link that leads nowhere
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // gone since it was listed
  }
}
