import { statSync } from 'node:fs';
import { join, relative } from 'node:path';

import { type FileSystem, nodeFileSystem, writeFileDurable } from '../base/durable-file.ts';
import { lookAt } from '../base/file-system.ts';
import { ensureFolder } from '../base/folder.ts';
import type { HomePaths } from './paths.ts';

/** The folders of a home. State, settings and logs may hold what only their owner should read. */
export function homeFolders(paths: HomePaths): readonly { readonly path: string; readonly mode: number }[] {
  return [
    { path: paths.home, mode: 0o700 },
    { path: paths.personal, mode: 0o755 },
    { path: paths.scripts, mode: 0o755 },
    { path: paths.skills, mode: 0o755 },
    { path: paths.plugins, mode: 0o755 },
    { path: paths.brain, mode: 0o700 },
    { path: paths.config, mode: 0o700 },
    { path: paths.state, mode: 0o700 },
    { path: paths.backups, mode: 0o700 },
    { path: paths.personas, mode: 0o755 },
    { path: paths.skillsRuntime, mode: 0o755 },
    { path: paths.bin, mode: 0o755 },
    { path: paths.logs, mode: 0o700 },
  ];
}

/** Folders of the home that are missing. */
export function missingHomeFolders(paths: HomePaths): readonly string[] {
  return homeFolders(paths)
    .map(({ path }) => path)
    .filter((path) => !isFolder(path));
}

/**
 * Makes what is missing of a home and says what that was, as paths from it; what is there is never touched.
 * Throws PATH_NOT_A_FILE when something else stands where a folder belongs, IO_FAILED.
 */
export function initialiseHome(
  paths: HomePaths,
  fs: FileSystem = nodeFileSystem,
): { readonly created: readonly string[] } {
  const created: string[] = [];
  for (const { path, mode } of homeFolders(paths)) {
    if (isFolder(path)) continue;
    ensureFolder(fs, path, mode);
    created.push(path);
  }
  const settings = join(paths.config, 'runtime.yaml');
  if (lookAt(fs, settings) === undefined) {
    writeFileDurable(fs, settings, SETTINGS_TEMPLATE, { mode: 0o600 });
    created.push(settings);
  }
  return { created: created.map((path) => relative(paths.home, path) || '.') };
}

/** A link to a folder counts: operators keep their home on another disk. */
function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

const SETTINGS_TEMPLATE = `# Settings of Nexo. Every line is optional; what stands behind a # is the default.
schema_version: 1

# http:
#   # Health, readiness and metrics of the daemon. Port 0 takes a free one.
#   health_addr: 127.0.0.1:0
# daemon:
#   # How long a stopping daemon lets runs finish before it ends them, in seconds.
#   grace_seconds: 30
# schedules:
#   # auto, systemd, launchd or builtin.
#   backend: auto
# runs:
#   # Runs of agents at the same time.
#   max_concurrent: 4
# plugins:
#   # ask: a new or changed plugin waits for nexo plugins approve.
#   approval: auto
#   call_seconds: 30
#   memory_mib: 512
#   idle_seconds: 300
`;
