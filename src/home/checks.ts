import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

import { type Check, critical, degraded, healthy } from '../base/check.ts';
import { systemErrorCode } from '../errors.ts';
import type { HomePaths } from './paths.ts';

export interface HomeCheckContext {
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

/** The checks of the operator's home and of the machine below it. */
export const HOME_CHECKS: readonly Check<HomeCheckContext>[] = [diskSpace, nodeRuntime];

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
