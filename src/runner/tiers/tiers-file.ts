import { join } from 'node:path';

import { nodeFileSystem, readRegularFile } from '../../base/durable-file.ts';
import { NexoError } from '../../errors.ts';
import type { HomePaths } from '../../home/paths.ts';
import { packageRoot } from '../../version.ts';
import { DEFAULT_TIER, TABLE_TIERS, type TableTier, TIERS } from './tier.ts';

export const TIERS_FILE = 'resonance_tiers.json';

export interface ModelAndEffort {
  /** Empty: the backend's own choice. */
  readonly model: string;
  readonly effort: string;
}

export interface TiersTable {
  readonly path: string;
  readonly tiers: Readonly<Partial<Record<TableTier, Readonly<Record<string, ModelAndEffort>>>>>;
  readonly defaultTier: TableTier;
}

/** Where the file is looked for, the first that is there wins. */
export function tiersFilePlaces({ home, personal }: Pick<HomePaths, 'home' | 'personal'>): string[] {
  return [join(personal, 'brain'), join(home, 'brain'), home, join(packageRoot(), 'assets')].map((folder) =>
    join(folder, TIERS_FILE),
  );
}

/**
 * Reads the tiers file. A file that is there and unusable is an error and not a reason to look further: its owner
 * believes that it counts. Throws TIERS_UNUSABLE.
 */
export function loadTiersTable(places: readonly string[]): TiersTable {
  for (const path of places) {
    const file = readRegularFile(nodeFileSystem, path, MAX_BYTES);
    if (file !== undefined) return parseTiersTable(path, file.bytes.toString('utf8'));
  }
  throw unusable(places[0] ?? TIERS_FILE, `there is no ${TIERS_FILE} in any of its places`, places);
}

const MAX_BYTES = 1024 * 1024;

function parseTiersTable(path: string, text: string): TiersTable {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unusable(path, 'it is not JSON', [path], cause);
  }
  const { tiers, default_tier: named } = asRecord(value) ?? {};
  const table = asRecord(tiers);
  if (table === undefined) throw unusable(path, 'it has no object "tiers"', [path]);
  const missing = TIERS.filter((tier) => asRecord(ownOf(table, tier)) === undefined);
  if (missing.length > 0) throw unusable(path, `it has no ${missing.join(', ')}`, [path]);
  const rows = TABLE_TIERS.flatMap((tier) => {
    const row = asRecord(ownOf(table, tier));
    return row === undefined ? [] : [[tier, parseRow(path, tier, row)] as const];
  });
  return {
    path,
    tiers: Object.fromEntries(rows),
    defaultTier: rows.find(([tier]) => tier === named)?.[0] ?? DEFAULT_TIER,
  };
}

function parseRow(path: string, tier: string, row: JsonObject): Record<string, ModelAndEffort> {
  const pairs = Object.entries(row).map(([backend, raw]) => {
    const pair = asRecord(raw);
    const { model = '', effort = '' } = pair ?? {};
    if (pair === undefined || typeof model !== 'string' || typeof effort !== 'string')
      throw unusable(path, `"tiers.${tier}.${backend}" has to be an object with texts "model" and "effort"`, [
        path,
      ]);
    return [backend, { model, effort }];
  });
  return Object.fromEntries(pairs);
}

type JsonObject = Readonly<Record<string, unknown>>;

function asRecord(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

function ownOf(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** What the table says for a backend; two empty texts where it says nothing. */
export function lookUpTier(table: TiersTable, tier: TableTier, backend: string): ModelAndEffort {
  const row = table.tiers[tier];
  const pair = row !== undefined && Object.hasOwn(row, backend) ? row[backend] : undefined;
  return { model: pair?.model ?? '', effort: pair?.effort ?? '' };
}

function unusable(path: string, why: string, places: readonly string[], cause?: unknown): NexoError {
  return new NexoError('TIERS_UNUSABLE', `The tiers file ${path} cannot be used: ${why}.`, {
    hint: 'Correct it, or move it away; the one that ships with Nexo is used then.',
    data: { path, places },
    cause,
  });
}
