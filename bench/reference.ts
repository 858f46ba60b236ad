import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { isRecord } from './json.ts';

const folder = fileURLToPath(new URL('./reference', import.meta.url));
const packageFolder = join(folder, 'node_modules', '@moreih29', 'nexus-core');
const VERSION = '0.21.0';
const INSTALL_TIMEOUT_MS = 120_000;

/** Installs the reference server into its own folder when it is not there yet. Returns the file to start. */
export function ensureReference(): string {
  if (installedVersion() !== VERSION) {
    process.stderr.write(`Installing the reference server (nexus-core ${VERSION}) into bench/reference …\n`);
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { status, error } = spawnSync(npm, args, {
      cwd: folder,
      stdio: ['ignore', 2, 2],
      timeout: INSTALL_TIMEOUT_MS,
      env: { ...process.env, NODE_OPTIONS: undefined },
    });
    if (status !== 0 || installedVersion() !== VERSION) {
      const reason = error?.message ?? `npm ended with ${status}`;
      throw new Error(
        `The reference server could not be installed: ${reason}. ` +
          'It needs the network once; or leave it out with --contenders nexo,floor.',
      );
    }
  }
  return realpathSync(join(packageFolder, 'dist', 'mcp', 'server.js'));
}

function installedVersion(): string | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
    return isRecord(manifest) && typeof manifest.version === 'string' ? manifest.version : undefined;
  } catch {
    return undefined; // not installed, or half: npm ci puts it right
  }
}
