import { join } from 'node:path';
import * as z from 'zod';

import { nodeFileSystem, readRegularFile } from '../../base/durable-file.ts';
import { NexoError } from '../../errors.ts';
import type { HomePaths } from '../../home/paths.ts';
import { packageRoot } from '../../version.ts';
import { DEFAULT_TIER, TABLE_TIERS, type TableTier, TIERS } from './tier.ts';

export const TIERS_FILE = 'resonance_tiers.json';

const PairSchema = z.looseObject({ model: z.string().default(''), effort: z.string().default('') });

/** The file that says what a tier means for a backend. Other keys are left alone. */
export const TiersFileSchema = z.looseObject({
  tiers: z
    .record(z.string(), z.record(z.string(), PairSchema))
    .refine((tiers) => TIERS.every((tier) => Object.hasOwn(tiers, tier)), {
      error: ({ input }) => `has no ${missingTiers(input).join(', ')}`,
    }),
  default_tier: z.string().optional(),
});

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
  const parsed = TiersFileSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') ?? '';
    throw unusable(path, `${place === '' ? '' : `"${place}" `}${issue?.message ?? 'does not fit'}`, [path]);
  }
  const { tiers, default_tier: named } = parsed.data;
  const rows = TABLE_TIERS.flatMap((tier) => {
    const row = Object.hasOwn(tiers, tier) ? tiers[tier] : undefined;
    return row === undefined ? [] : [[tier, row] as const];
  });
  return {
    path,
    tiers: Object.fromEntries(rows),
    defaultTier: rows.find(([tier]) => tier === named)?.[0] ?? DEFAULT_TIER,
  };
}

/** What the table says for a backend; two empty texts where it says nothing. */
export function lookUpTier(table: TiersTable, tier: TableTier, backend: string): ModelAndEffort {
  const row = table.tiers[tier];
  const pair = row !== undefined && Object.hasOwn(row, backend) ? row[backend] : undefined;
  return { model: pair?.model ?? '', effort: pair?.effort ?? '' };
}

function missingTiers(tiers: unknown): string[] {
  return TIERS.filter((tier) => typeof tiers !== 'object' || tiers === null || !Object.hasOwn(tiers, tier));
}

function unusable(path: string, why: string, places: readonly string[], cause?: unknown): NexoError {
  return new NexoError('TIERS_UNUSABLE', `The tiers file ${path} cannot be used: ${why}.`, {
    hint: 'Correct it, or move it away; the one that ships with Nexo is used then.',
    data: { path, places },
    cause,
  });
}
