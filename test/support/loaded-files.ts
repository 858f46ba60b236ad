import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { NEXO, type Ran, type RunOptions, runProgram } from './run-nexo.ts';

const root = dirname(dirname(NEXO));

interface Metafile {
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, { readonly inputs: Record<string, { readonly bytesInOutput: number }> }>;
}

function metafile(): Metafile {
  return JSON.parse(readFileSync(join(root, '.cache', 'metafile.json'), 'utf8'));
}

/** Every source that the build looked at. */
export function sources(): string[] {
  return Object.keys(metafile().inputs);
}

/** The sources whose code is in a file of dist/. */
export function inputsOf(output: string): string[] {
  const entry = metafile().outputs[output];
  if (entry === undefined) throw new Error(`${output} is not of the last build`);
  return Object.entries(entry.inputs).flatMap(([name, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [name] : [],
  );
}

export interface Watched {
  readonly ran: Ran;
  /** Files of ours that Node loaded, in order; paths from the root of the repository, with `/`. */
  readonly loaded: string[];
  /** Modules of Node itself that were loaded after the program had begun. */
  readonly builtins: string[];
}

/** Runs the built program and asks Node what it loads. */
export async function runWatched(args: readonly string[], options: RunOptions = {}): Promise<Watched> {
  const folder = mkdtempSync(join(tmpdir(), 'nexo-watched-'));
  const list = join(folder, 'list');
  // The list is kept in memory and written at the very end, so that writing it loads nothing that would be counted.
  const watch = `
    const { writeFileSync } = process.getBuiltinModule('node:fs');
    const { registerHooks } = process.getBuiltinModule('node:module');
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    const before = new Set(process.moduleLoadList);
    process.on('exit', () => {
      const builtins = process.moduleLoadList.filter((name) => !before.has(name));
      writeFileSync(${JSON.stringify(list)}, JSON.stringify({ loaded, builtins }));
    });`;
  const register = join(folder, 'register.mjs');
  writeFileSync(register, watch);
  const ran = await runProgram(process.execPath, ['--import', register, NEXO, ...args], options);
  const { loaded, builtins }: { loaded: string[]; builtins: string[] } = JSON.parse(
    readFileSync(list, 'utf8'),
  );
  const files = loaded.filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url));
  return {
    ran,
    loaded: files.map((file) => file.slice(root.length + 1).replaceAll(sep, '/')),
    builtins: builtins.map((name) => name.replace(/^NativeModule /, '')),
  };
}
