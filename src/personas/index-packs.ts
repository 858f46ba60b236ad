import fs from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Clock } from '../base/clock.ts';
import { writeFileDurable } from '../base/durable-file.ts';
import { type FileStamp, stampFile } from '../base/file-stamp.ts';
import {
  type IndexedSource,
  type PackIndex,
  type PackIndexFile,
  packIndexFile,
  packIndexKey,
} from '../home/pack-index.ts';
import { type CatalogPacksPlace, catalogPacksOf } from './catalog-packs.ts';
import { type Discovery, discoverPersonas } from './discovery.ts';
import { tamperedWith } from './installed/tampering.ts';
import { KILL_SWITCH } from './kill-switch.ts';
import { operatorAgentFiles } from './operator-agents.ts';
import { listPackTree } from './pack-files.ts';

/** Beside the index, so that what looks at packs is in one file of the bundled program. */
export { loadCatalogPacks } from './catalog-packs.ts';

export type IndexPlace = Omit<CatalogPacksPlace, 'includeInactive'>;

/** A change this short before a look may not show in the stamps: file systems count in ticks. */
const TICK_MS = 50;

/**
 * Looks at the packs as the catalog does, and leaves what hooks need of it in the index. An index that would not hold
 * (something was changed a moment ago, or cannot be looked at, or the file cannot be written) is not written; the
 * answer is right in any case. The switch that turns packs off is not in it.
 */
export function indexPacks(place: IndexPlace, clock: Clock): PackIndex {
  const { paths, userHome, nexoVersion } = place;
  const startedMs = clock.now();
  const discovery = discoverPersonas({ ...place, env: { ...place.env, [KILL_SWITCH]: '' }, tamperedWith });
  const index: PackIndex = {
    inUse: catalogPacksOf(discovery, paths.config).flatMap(({ agents }) => agents.map(({ id }) => id)),
    gates: catalogPacksOf(discovery, paths.config, { includeInactive: true }).map(
      ({ agents, distrusted }) => ({
        agents: agents.map(({ id, capabilities }) => ({ id, capabilities })),
        ...(distrusted === undefined ? {} : { distrusted }),
      }),
    ),
  };
  const sources = stampSources(discovery, paths.config, startedMs - TICK_MS);
  if (sources !== undefined) {
    const file: PackIndexFile = { key: packIndexKey(paths, userHome, nexoVersion), sources, index };
    try {
      fs.mkdirSync(paths.cache, { recursive: true });
      writeFileDurable(fs, packIndexFile(paths), JSON.stringify(file), { durable: false, mode: 0o600 });
    } catch {
      // A home that cannot be written to: every hook looks for itself, as this one did.
    }
  }
  return index;
}

/** After a change of packs by this very process: waits until the change is old enough for an index that holds. */
export async function refreshPackIndex(place: IndexPlace, clock: Clock): Promise<void> {
  await delay(2 * TICK_MS);
  indexPacks(place, clock);
}

/** Everything that the answer was read from; undefined when something changed later than `latestMs`. */
function stampSources(
  discovery: Discovery,
  configDir: string,
  latestMs: number,
): IndexedSource[] | undefined {
  const sources: IndexedSource[] = [];
  let holds = true;
  const add = (path: string, follow: boolean): FileStamp => {
    const stamp = stampFile(path, { follow });
    holds &&= stamp.changedMs <= latestMs;
    sources.push([path, stamp.text, follow ? 1 : 0]);
    return stamp;
  };
  try {
    add(discovery.config.file, true);
    for (const path of operatorAgentFiles(configDir)) add(path, true);
    for (const { path } of discovery.searchPaths) {
      if (add(path, true).text === 'missing') continue;
      // Any folder in it may become a pack, and any link may lead somewhere else.
      for (const name of fs.readdirSync(path)) if (!name.startsWith('.')) add(join(path, name), true);
    }
    for (const { dir } of discovery.packs) {
      if (!fs.statSync(dir).isDirectory()) continue;
      const { entries } = listPackTree(dir, { maxEntries: Number.POSITIVE_INFINITY });
      for (const { path } of entries) add(join(dir, path), false);
    }
    return holds ? sources : undefined;
  } catch {
    return undefined; // what cannot be looked at now cannot be compared later
  }
}
