import { chmodSync, lstatSync, readFileSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { type Check, critical, degraded, healthy } from '../base/check.ts';
import { systemErrorCode } from '../errors.ts';
import { loadSettings } from './config.ts';
import { DATABASE_CHECKS, type DatabaseCheckContext } from './database-checks.ts';
import { homeFolders, initialiseHome, missingHomeFolders } from './layout.ts';
import type { HomePaths } from './paths.ts';

export interface HomeCheckContext extends DatabaseCheckContext {
  readonly paths: HomePaths;
  readonly nodeVersion: string;
  /** Bytes that this user may still write below a folder; default: what the file system says. */
  freeBytes?(folder: string): number;
}

const GIB = 1024 ** 3;
/** Free space below which the doctor warns, and below which writes are about to fail, in bytes. */
const LOW_BYTES = 5 * GIB;
const FULL_BYTES = GIB;

const diskSpace: Check<HomeCheckContext> = {
  id: 'boot.disk_space',
  tier: 'boot',
  run: ({ paths, freeBytes = readFreeBytes }) => {
    let free: number;
    try {
      free = freeBytes(paths.home);
    } catch (error) {
      return degraded('The free disk space cannot be read.', {
        evidence: [error instanceof Error ? error.message : String(error)],
      });
    }
    const told = `${(free / GIB).toFixed(1)} GiB free at ${paths.home}`;
    if (free >= LOW_BYTES) return healthy(told);
    const repairPlan = ['Free some disk space; Nexo refuses to write when a disk is full.'];
    return free >= FULL_BYTES
      ? degraded(`Only ${told}`, { repairPlan })
      : critical(`Only ${told}`, { repairPlan });
  },
};

const nodeRuntime: Check<HomeCheckContext> = {
  id: 'boot.node_runtime',
  tier: 'boot',
  run: ({ nodeVersion }) => {
    const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
    if (major > 22 || (major === 22 && minor >= 13)) return healthy(`Node.js ${nodeVersion}`);
    return degraded(`Node.js ${nodeVersion} is older than the 22.13 that Nexo needs.`, {
      repairPlan: ['Install a current Node.js: https://nodejs.org'],
    });
  },
};

/** Missing folders up to which a home is only incomplete; with more of them it was never set up, or is the wrong one. */
const FEW_FOLDERS = 2;

const requiredFolders: Check<HomeCheckContext> = {
  id: 'boot.required_dirs',
  tier: 'boot',
  run: ({ paths }) => {
    const missing = missingHomeFolders(paths);
    if (missing.length === 0) return healthy(`${paths.home} is complete.`);
    const many = missing.length > FEW_FOLDERS;
    return (many ? critical : degraded)(
      `${missing.length} ${missing.length === 1 ? 'folder is' : 'folders are'} missing below ${paths.home}.`,
      { evidence: missing, repairPlan: ['nexo home init makes them; so does nexo doctor --fix.'] },
    );
  },
  fix: ({ paths }) => initialiseHome(paths).created.map((path) => `made ${path}`),
};

const permissions: Check<HomeCheckContext> = {
  id: 'boot.permissions',
  tier: 'boot',
  run: ({ paths }) => {
    const open = openFolders(paths);
    if (open.length === 0) return healthy('Others can read nothing that is private, and write nothing.');
    return degraded('Others on this machine have rights that they should not have.', {
      evidence: open.map(
        ({ path, mode, allowed }) => `${path}: ${octal(mode)}, should be ${octal(mode & allowed)}`,
      ),
      repairPlan: ['nexo doctor --fix takes these rights away.'],
    });
  },
  fix: ({ paths }) =>
    openFolders(paths).map(({ path, mode, allowed }) => {
      chmodSync(path, mode & allowed);
      return `${path}: ${octal(mode)} is now ${octal(mode & allowed)}`;
    }),
};

const settings: Check<HomeCheckContext> = {
  id: 'boot.config_parse',
  tier: 'boot',
  run: ({ paths }) => {
    const problems = [
      ...loadSettings(paths).problems.map(({ file, line, message }) => `${file}:${line}: ${message}`),
      ...jsonProblems(join(paths.brain, 'calibration.json')),
    ];
    if (problems.length === 0) return healthy('All settings can be read.');
    return degraded('Settings cannot be read; what they say does not hold.', {
      evidence: problems,
      repairPlan: ['Correct the named lines, or move the file away to use the defaults.'],
    });
  },
};

/** The checks of the operator's home and of the machine below it. */
export const HOME_CHECKS: readonly Check<HomeCheckContext>[] = [
  requiredFolders,
  ...DATABASE_CHECKS,
  permissions,
  settings,
  diskSpace,
  nodeRuntime,
];

interface OpenFolder {
  readonly path: string;
  readonly mode: number;
  /** The rights that may stay. */
  readonly allowed: number;
}

/** Folders with more rights for others than we make them with. One that is a link or somebody else's is left alone. */
function openFolders(paths: HomePaths): OpenFolder[] {
  if (process.platform === 'win32') return [];
  return homeFolders(paths).flatMap(({ path, mode: allowed }) => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory() !== true || stats.uid !== process.getuid?.()) return [];
    const mode = stats.mode & 0o777;
    return (mode & ~allowed & 0o077) === 0 ? [] : [{ path, mode, allowed: allowed | 0o700 }];
  });
}

function octal(mode: number): string {
  return mode.toString(8).padStart(3, '0');
}

function jsonProblems(path: string): string[] {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? [] : [`${path}: is no JSON object`];
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    return [`${path}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** The nearest folder that exists answers for one that is still to be made. */
function readFreeBytes(folder: string): number {
  for (let path = folder; ; path = dirname(path)) {
    try {
      const { bavail, bsize } = statfsSync(path);
      return bavail * bsize;
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    }
  }
}
