import fs from 'node:fs';
import { basename, dirname } from 'node:path';

import { type Clock, isoTime } from '../base/clock.ts';
import { recordAudit } from './audit.ts';
import { type PackEventSink, publishEvent } from './events.ts';
import { lockRoot } from './install/root-lock.ts';
import { removePackFolder, sweepLeftovers } from './install/staging.ts';
import { packError } from './pack-error.ts';
import type { PackFamily, PackPlaces } from './paths.ts';

/** A pack that is to go. */
export interface Removable {
  readonly id: string;
  readonly version: string;
  readonly folder: string;
}

export interface RemoveWorld {
  readonly family: PackFamily;
  readonly places: PackPlaces;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
  readonly events?: PackEventSink;
  /** The id in the manifest of a folder, read again under the lock. */
  readonly idOf: (folder: string) => string | undefined;
}

/**
 * Removes packs, each at once and as a whole: nobody ever sees a part of one. What they brought to life (secrets,
 * workspaces) stays. Answers whether events of all of them went out. Throws PACK_BROKEN, PACK_LOCKED, IO_FAILED.
 */
export async function removePacks(packs: readonly Removable[], world: RemoveWorld): Promise<boolean> {
  let emitted = packs.length > 0;
  for (const pack of packs) {
    const root = dirname(pack.folder);
    const lock = await lockRoot(root, world);
    try {
      sweepLeftovers(root);
      const stat = fs.lstatSync(pack.folder, { throwIfNoEntry: false });
      // Somebody else was faster.
      if (stat === undefined) continue;
      if (!stat.isDirectory() || world.idOf(pack.folder) !== pack.id) {
        throw packError('BrokenInstall', `${pack.folder} is not the pack ${pack.id}, so it is left alone.`, {
          hint: 'Look at it, and move it away yourself.',
          data: { path: pack.folder },
        });
      }
      lock.assertHeld();
      removePackFolder(root, basename(pack.folder));
    } finally {
      lock.release();
    }
    const { id, version, folder } = pack;
    recordAudit(
      world.places.auditFile,
      world.family,
      { action: 'remove', id, version, folder },
      { clock: world.clock, secrets: [] },
    );
    const event = {
      kind: 'removed',
      id,
      version,
      install_root: folder,
      removed_at: isoTime(world.clock),
    } as const;
    emitted = (await publishEvent(world.events, world.family, event)) && emitted;
  }
  return emitted;
}
