import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';

import type { PluginSource } from './contract.ts';
import { currentMark } from './discover.ts';

/** What a plugin is made of, as far as its text tells. */
export interface PluginContent {
  /** Of the plugin's file and of everything of the operator's that it imports. */
  readonly digest: string;
  /** The imported files with their marks. */
  readonly parts: Readonly<Record<string, string>>;
}

/** Most files that are followed; whoever imports more gets the rest watched by nobody. */
const MAX_PARTS = 200;
/** Larger files are no source text that somebody wrote. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Reads a plugin and what it imports from its own folder. */
export function digestPlugin({ path, kind }: PluginSource): PluginContent {
  const folder = dirname(path);
  const hash = createHash('sha256');
  const parts: Record<string, string> = {};
  const queue = [path];
  const seen = new Set(queue);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (next !== path) parts[next] = currentMark(next);
    const text = readText(next);
    hash.update(text.length.toString()).update('\0').update(text);
    const imported =
      kind === 'python' ? pythonImports(text, dirname(next), folder) : localPaths(text, dirname(next));
    for (const each of imported) {
      if (seen.has(each) || seen.size > MAX_PARTS || !each.startsWith(folder + sep)) continue;
      seen.add(each);
      queue.push(each);
    }
  }
  return { digest: hash.digest('hex'), parts };
}

function readText(path: string): string {
  try {
    return statSync(path).size > MAX_BYTES ? '' : readFileSync(path, 'utf8');
  } catch {
    return ''; // gone in between, which its mark will tell
  }
}

/** What stands in quotes and begins with a dot: imports of modules, and files that a manifest names. */
function localPaths(text: string, folder: string): string[] {
  return [...text.matchAll(/(['"`])(\.{1,2}\/[^'"`\n]{1,300})\1/g)]
    .map(([, , specifier = '']) => resolve(folder, specifier))
    .filter(isFile);
}

function pythonImports(text: string, folder: string, top: string): string[] {
  return [...text.matchAll(/^[ \t]*(?:from|import)[ \t]+([\w. ,]{1,300})/gm)]
    .flatMap(([, names = '']) => names.split(/,| import /))
    .map((name) => name.trim().replace(/^\.+/, '').split(/[. ]/)[0] ?? '')
    .filter((name) => name !== '')
    .flatMap((name) => [folder, top].flatMap((at) => [join(at, `${name}.py`), join(at, name, '__init__.py')]))
    .filter(isFile);
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
