import { chmodSync } from 'node:fs';
import { join } from 'node:path';

import { nodeFileSystem, readRegularFile, writeFileDurable } from '../base/durable-file.ts';
import { ensureFolder } from '../base/folder.ts';
import { NexoError } from '../errors.ts';
import type { HomePaths } from './paths.ts';

export interface ShimOptions {
  readonly paths: Pick<HomePaths, 'home' | 'bin'>;
  /** The Node that runs us, absolute. */
  readonly node: string;
  /** The program's file, absolute. */
  readonly program: string;
}

export interface ShimState {
  readonly path: string;
  /** `stale`: it names another Node or another program than ours. */
  readonly state: 'missing' | 'stale' | 'current' | 'foreign';
}

const MARK = '# made by nexo: the way into this Nexo folder for timers and services';
const MAX_BYTES = 64 * 1024;

export function shimPath(paths: Pick<HomePaths, 'bin'>): string {
  return join(paths.bin, 'nexo');
}

export function checkShim(options: ShimOptions): ShimState {
  const path = shimPath(options.paths);
  const now = readRegularFile(nodeFileSystem, path, MAX_BYTES)?.bytes.toString('utf8');
  if (now === undefined) return { path, state: 'missing' };
  if (!now.includes(MARK)) return { path, state: 'foreign' };
  return { path, state: now === renderShim(options) ? 'current' : 'stale' };
}

/** Writes the shim when it is not there or out of date; true when it did. Throws PATH_NOT_A_FILE, SCHEDULE_EXISTS. */
export function writeShim(options: ShimOptions): boolean {
  const { path, state } = checkShim(options);
  if (state === 'current') return false;
  if (state === 'foreign') {
    throw new NexoError('SCHEDULE_EXISTS', `${path} is not ours.`, {
      hint: 'Move it away and try again: timers and services are to find Nexo there.',
      data: { path },
    });
  }
  ensureFolder(nodeFileSystem, options.paths.bin);
  writeFileDurable(nodeFileSystem, path, renderShim(options), { mode: 0o755 });
  chmodSync(path, 0o755);
  return true;
}

/**
 * What timers and services call. It goes by what it was written with, and looks around when that is gone: after an
 * upgrade of Node, a change of the Node manager, or an update that put the program elsewhere.
 */
export function renderShim({ paths, node, program }: ShimOptions): string {
  return `#!/bin/sh
${MARK}
NEXO_HOME=${quote(paths.home)}
export NEXO_HOME
node=${quote(node)}
program=${quote(program)}

usable() {
  [ -x "$1" ] && "$1" -e 'process.exitCode = Number(process.versions.node.split(".")[0]) >= 22 ? 0 : 1' >/dev/null 2>&1
}

if [ ! -x "$node" ]; then
  node=
  for each in "$(command -v node 2>/dev/null)" \\
    /opt/homebrew/bin/node /usr/local/bin/node /usr/bin/node \\
    "$HOME"/.volta/bin/node "$HOME"/.local/share/mise/shims/node "$HOME"/.asdf/shims/node \\
    "$HOME"/.nvm/versions/node/*/bin/node "$HOME"/.fnm/node-versions/*/installation/bin/node \\
    "$HOME"/.local/share/fnm/node-versions/*/installation/bin/node; do
    if usable "$each"; then node=$each; fi
    [ -n "$node" ] && break
  done
fi
if [ -z "$node" ]; then
  echo "nexo: no Node.js 22 or later was found; install one, then run: nexo scripts reconcile" >&2
  exit 127
fi

if [ ! -f "$program" ]; then
  found=
  for each in "$(dirname "$node")/../lib/node_modules/@nexo-home/nexo/dist/main.js" \\
    /usr/local/lib/node_modules/@nexo-home/nexo/dist/main.js \\
    /opt/homebrew/lib/node_modules/@nexo-home/nexo/dist/main.js \\
    "$HOME"/.npm-global/lib/node_modules/@nexo-home/nexo/dist/main.js \\
    "$HOME"/.nvm/versions/node/*/lib/node_modules/@nexo-home/nexo/dist/main.js; do
    if [ -f "$each" ]; then found=$each; break; fi
  done
  if [ -z "$found" ]; then
    echo "nexo: the program is no longer at $program; install it again, then run: nexo scripts reconcile" >&2
    exit 127
  fi
  program=$found
fi
exec "$node" "$program" "$@"
`;
}

/** A word for the shell that means exactly this text. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
