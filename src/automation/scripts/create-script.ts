import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { type Clock, systemClock } from '../../base/clock.ts';
import { nodeFileSystem, writeFileDurable } from '../../base/durable-file.ts';
import { withLock } from '../../base/lock.ts';
import { NexoError } from '../../errors.ts';
import { initialiseHome } from '../../home/layout.ts';
import type { HomePaths } from '../../home/paths.ts';
import { packageRoot } from '../../version.ts';
import { cronIdProblem } from '../schedules/declaration.ts';
import { coreIdentities, metIdentity } from './core-identities.ts';
import { discoverScripts, type ScriptEntry } from './discover.ts';
import { assertDeclares, assertOneSchedule, headerPairs, oneLine, type WantedSchedule } from './header.ts';
import { linkHelpers } from './helper-links.ts';
import { fileNameOf, logicalName } from './names.ts';
import { type SyncResult, syncScripts } from './registry.ts';
import { fillTemplate, type Language, languageFacts } from './templates.ts';
import { moveToTrash, type Trashed } from './trash.ts';

export interface CreateOptions {
  readonly name: string;
  readonly description?: string;
  readonly language: Language;
  /** Replace a script of that file name; the old one goes to the trash. */
  readonly force?: boolean;
  readonly wanted: WantedSchedule;
  readonly createdBy?: string;
}

export interface Created {
  readonly ok: true;
  readonly name: string;
  readonly requested_name: string;
  readonly path: string;
  readonly filename: string;
  readonly runtime: string;
  readonly description: string;
  /** Null for a script without a schedule. */
  readonly cron_id: string | null;
  readonly schedule_label: string | null;
  /** The script that stood there before. */
  readonly replaced: Trashed | null;
  readonly sync: SyncResult;
}

/** Longest name, in characters: file names, schedule ids and labels are made of it. */
const MAX_NAME = 100;

/**
 * Writes a new personal script from its template and takes it into the index; with a schedule its header says so, and
 * `reconcile` installs it. Nothing is written when anything about it is wrong.
 * Throws USAGE, SCRIPT_NAME_RESERVED, SCRIPT_EXISTS, LOCK_TIMEOUT.
 */
export async function createScript(
  database: DatabaseSync,
  paths: HomePaths,
  options: CreateOptions,
  clock: Clock = systemClock,
): Promise<Created> {
  initialiseHome(paths);
  // Two who want the same name at once: one gets it.
  return withLock(join(paths.state, 'scripts.lock'), () => write(database, paths, options, clock));
}

function write(database: DatabaseSync, paths: HomePaths, options: CreateOptions, clock: Clock): Created {
  const name = nameFor(options.name);
  const { extension, mode, runtime } = languageFacts(options.language);
  assertOneSchedule(options.wanted);
  const { entries, scriptsDir } = discoverScripts(paths);
  const filename = fileNameOf(name, extension);
  const path = join(scriptsDir, filename);
  const description = oneLine(options.description ?? '') || 'What it does, in one line';
  const pairs = headerPairs({
    name,
    description,
    runtime,
    cronId: freeCronId(name, path, entries),
    wanted: options.wanted,
  });
  const declaration = assertDeclares(pairs);
  assertFree({ name, path, filename, entries, paths, force: options.force === true });

  const text = fillTemplate(join(packageRoot(), 'assets'), {
    language: options.language,
    name,
    pairs,
    monthlyDay: options.wanted.monthlyDay,
    keepsRunning: options.wanted.daemon === true,
  });
  const replaced = existsSync(path) ? moveToTrash(paths, path, clock) : null;
  writeFileDurable(nodeFileSystem, path, text, { mode });
  linkHelpers(paths, packageRoot());
  const sync = syncScripts(database, discoverScripts(paths), paths, {
    clock,
    createdBy: options.createdBy ?? 'scripts:create',
  });
  return {
    ok: true,
    name,
    requested_name: options.name,
    path,
    filename,
    runtime,
    description,
    cron_id: declaration.required ? declaration.cronId : null,
    schedule_label: declaration.required ? declaration.scheduleLabel : null,
    replaced,
    sync,
  };
}

function nameFor(requested: string): string {
  const plain = requested.normalize('NFKD').replace(/[^\p{ASCII}]/gu, '');
  if (!/[a-z0-9]/i.test(plain)) {
    throw new NexoError('USAGE', `"${requested.slice(0, 60)}" makes no name for a script.`, {
      hint: 'Give it a name with letters or digits, such as morning-report.',
    });
  }
  const name = logicalName(plain);
  if (name.length > MAX_NAME)
    throw new NexoError(
      'USAGE',
      `A name has at most ${MAX_NAME} characters, and this one has ${name.length}.`,
    );
  return name;
}

interface Wish {
  readonly name: string;
  readonly path: string;
  readonly filename: string;
  readonly entries: readonly ScriptEntry[];
  readonly paths: HomePaths;
  readonly force: boolean;
}

function assertFree({ name, path, filename, entries, paths, force }: Wish): void {
  const met = metIdentity(coreIdentities(paths), filename, name);
  if (met !== undefined) {
    throw new NexoError('SCRIPT_NAME_RESERVED', `"${name}" is a name of Nexo itself ("${met}").`, {
      hint: `Choose another, such as my-${name}.`,
      data: { name },
    });
  }
  if (force) return;
  const there = existsSync(path)
    ? path
    : entries.find((entry) => entry.classification === 'personal' && logicalName(entry.name) === name)?.path;
  if (there === undefined) return;
  throw new NexoError('SCRIPT_EXISTS', `There is a script "${name}" already: ${there}`, {
    hint:
      there === path
        ? `Choose another name, or replace it with --force; ${basename(path)} then goes to the trash.`
        : 'Choose another name: two scripts of one name, in different languages, are taken for each other.',
    data: { name, path: there },
  });
}

/** The name, made unlike the ids of the other scripts. */
function freeCronId(name: string, path: string, entries: readonly ScriptEntry[]): string {
  const taken = new Set(
    entries
      .filter((entry) => entry.path !== path && entry.declaration.required)
      .map(({ declaration }) => declaration.cronId.toLowerCase()),
  );
  const base = cronIdProblem(name) === undefined ? name : `my-${name}`;
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(id)) return id;
  }
}
