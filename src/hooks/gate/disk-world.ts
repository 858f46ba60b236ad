import { lstatSync, readlinkSync } from 'node:fs';

import type { GateWorld } from './contract.ts';

/** The real file system. What cannot be looked at counts as missing: nothing can be written through it either. */
export const diskWorld: GateWorld = {
  kindOf(path) {
    try {
      const stats = lstatSync(path, { throwIfNoEntry: false });
      if (stats === undefined) return 'missing';
      if (stats.isSymbolicLink()) return 'link';
      return stats.isDirectory() ? 'directory' : 'other';
    } catch {
      return 'missing';
    }
  },
  readLink(path) {
    try {
      return readlinkSync(path);
    } catch {
      return undefined;
    }
  },
};
