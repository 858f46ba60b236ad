import { isDeepStrictEqual } from 'node:util';

import { isMapping, type PartialShape } from './plugin-partial.ts';

export type Merged =
  | {
      readonly ok: true;
      readonly value: unknown;
      /** What of the addition is not used, because the base has it already. */
      readonly notes: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

export interface MergeOptions {
  /** What the plugin's own schema says that its configuration is. */
  readonly shape?: 'object' | 'array';
}

/**
 * Adds a pack's fragment to the configuration of a plugin, in memory. The base always wins: instances of a list are
 * added unless the base has one of that name, keys of a mapping unless the base has them, and a list inside of a
 * mapping is the base's alone. Shapes that do not go together are refused. Neither argument is changed.
 */
export function mergePluginConfig(
  base: unknown,
  addition: PartialShape,
  { shape }: MergeOptions = {},
): Merged {
  if (base === undefined || base === null)
    return Array.isArray(addition) ? mergeLists([], addition) : { ok: true, value: addition, notes: [] };
  if (Array.isArray(base)) {
    if (Array.isArray(addition)) return mergeLists(base, addition);
    return { ok: false, reason: 'is a mapping, and the configuration of the plugin is a list' };
  }
  if (!isMapping(base)) return { ok: false, reason: 'cannot be added to a single value' };
  if (isMapping(addition)) return { ok: true, value: mergeMappings(base, addition), notes: [] };
  if (shape === 'array' && Array.isArray(addition)) return mergeLists([base], addition);
  return { ok: false, reason: 'is a list, and the configuration of the plugin is a mapping' };
}

function mergeLists(base: readonly unknown[], addition: readonly unknown[]): Merged {
  const value = [...base];
  const notes: string[] = [];
  for (const item of addition) {
    const instance = instanceOf(item);
    const twin = value.find((other) =>
      instance === undefined ? isDeepStrictEqual(other, item) : instanceOf(other) === instance,
    );
    if (twin === undefined) value.push(item);
    else if (instance !== undefined)
      notes.push(`the instance ${instance} is there already and stays as it is`);
  }
  return { ok: true, value, notes };
}

function mergeMappings(
  base: Readonly<Record<string, unknown>>,
  addition: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const added = Object.entries(addition).filter(([key]) => !Object.hasOwn(base, key));
  const merged = Object.entries(base).map(([key, value]): [string, unknown] => {
    const more = Object.hasOwn(addition, key) ? addition[key] : undefined;
    return [key, isMapping(value) && isMapping(more) ? mergeMappings(value, more) : value];
  });
  return Object.fromEntries([...merged, ...added]);
}

function instanceOf(item: unknown): string | undefined {
  return isMapping(item) && typeof item.instance === 'string' ? item.instance : undefined;
}
