import { statSync } from 'node:fs';
import { resolve, sep } from 'node:path';

import { NexoError } from '../../errors.ts';
import type { HomePaths } from '../../home/paths.ts';
import { discoverScripts, findScript, readScriptFile, type ScriptEntry } from './discover.ts';

export interface Target {
  readonly entry: ScriptEntry;
  /** Everything that was discovered, for checks between scripts. */
  readonly entries: readonly ScriptEntry[];
}

/**
 * The script that a person means: a name, or, where `cwd` is given, the path of any file. What holds a separator is a
 * path; otherwise a name wins over a file of that name beside one. Throws SCRIPT_NOT_FOUND.
 */
export function resolveScript(
  paths: Pick<HomePaths, 'home' | 'personal' | 'scripts'>,
  argument: string,
  cwd?: string,
): Target {
  const { entries } = discoverScripts(paths);
  const isPath = argument.includes('/') || argument.includes(sep);
  const named = isPath ? undefined : findScript(entries, argument);
  if (named !== undefined) return { entry: named, entries };
  if (cwd !== undefined && argument !== '' && !argument.includes('\0')) {
    const path = resolve(cwd, argument);
    if (isFile(path)) {
      return { entry: entries.find((entry) => entry.path === path) ?? readScriptFile(path, paths), entries };
    }
  }
  throw notFound(argument, entries);
}

/** As `resolveScript` by name, and only for what belongs to the operator. Throws SCRIPT_PROTECTED for the rest. */
export function resolvePersonal(
  paths: Pick<HomePaths, 'home' | 'personal' | 'scripts'>,
  name: string,
): Target {
  const target = resolveScript(paths, name);
  const { classification, reason, path } = target.entry;
  if (classification === 'personal') return target;
  const why = classification.startsWith('core')
    ? 'it belongs to Nexo'
    : `it is no personal script: ${reason}`;
  throw new NexoError('SCRIPT_PROTECTED', `${path} cannot be changed this way: ${why}.`, {
    hint: 'nexo scripts classify shows what each file is.',
    data: { path, classification },
  });
}

function notFound(argument: string, entries: readonly ScriptEntry[]): NexoError {
  const names = entries.filter(({ classification }) => classification === 'personal').map(({ name }) => name);
  const near = names.find((name) => name.startsWith(argument) || argument.startsWith(name));
  return new NexoError('SCRIPT_NOT_FOUND', `There is no script "${argument.slice(0, 80)}".`, {
    hint:
      near === undefined || argument === ''
        ? names.length === 0
          ? 'Make one: nexo scripts create morning-report'
          : 'nexo scripts list shows the names.'
        : `Did you mean ${near}?`,
    data: { name: argument },
  });
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false; // nothing there
  }
}
