import type { PluginLibrary, PluginSlot } from './library.ts';
import { keyOf } from './register.ts';

/** One plugin as lists show it; the names are a published shape. */
export interface PluginRow {
  readonly file: string;
  readonly kind: string;
  /** `core`, `personal` or `personal (override)`. */
  readonly source: string;
  readonly status:
    | 'loaded'
    | 'helper'
    | 'failed'
    | 'rejected'
    | 'removed'
    | 'waiting'
    | 'replaced'
    | 'skipped';
  readonly tools: readonly string[];
  readonly tools_count: number;
  /** Why its file as it is now is not in use; null when it is. */
  readonly last_error: string | null;
  /** ISO 8601; null for what has never loaded. */
  readonly loaded_at: string | null;
  readonly overrides: string | null;
  readonly companion: string | null;
  readonly digest: string | null;
  readonly env: readonly string[];
  /** Variables that it declares and that are not set here. */
  readonly missing_env: readonly string[];
  readonly running: boolean;
  readonly path: string | null;
}

export function listPlugins(library: PluginLibrary, env: NodeJS.ProcessEnv): readonly PluginRow[] {
  const rows = library.slots.map((slot) => toPluginRow(library, slot, env));
  const left = library.skipped.map(
    ({ file, origin, reason }): PluginRow => ({
      ...EMPTY,
      file,
      kind: '',
      source: origin,
      status: 'skipped',
      last_error: reason,
    }),
  );
  return [...rows, ...left].sort((a, b) =>
    a.source === b.source || (a.source !== 'core' && b.source !== 'core')
      ? a.file < b.file
        ? -1
        : 1
      : a.source === 'core'
        ? -1
        : 1,
  );
}

const EMPTY = {
  tools: [],
  tools_count: 0,
  last_error: null,
  loaded_at: null,
  overrides: null,
  companion: null,
  digest: null,
  env: [],
  missing_env: [],
  running: false,
  path: null,
} as const;

export function toPluginRow(library: PluginLibrary, slot: PluginSlot, env: NodeJS.ProcessEnv): PluginRow {
  const { found, known, error } = slot;
  const { registration } = library;
  const { file, origin } = found;
  const rejection = registration.rejected.get(keyOf(found));
  const overrides = origin === 'personal' && registration.replaced.has(file);
  const tools = registration.tools.filter((each) => each.file === file && each.origin === origin);
  const names = tools.map(({ tool }) => tool.name);
  const declared = known?.loaded.declared;
  return {
    file,
    kind: found.kind,
    source: overrides ? 'personal (override)' : origin,
    status: statusOf(slot, rejection, origin === 'core' && registration.replaced.has(file)),
    tools: names,
    tools_count: names.length,
    last_error: error?.message ?? (rejection === undefined ? null : `${rejection}.`),
    loaded_at: known === undefined ? null : new Date(known.loadedAt).toISOString(),
    overrides: declared?.overrides ?? null,
    companion: declared?.companion ?? null,
    digest: known?.digest ?? null,
    env: declared?.env ?? [],
    missing_env: (declared?.env ?? []).filter((name) => env[name] === undefined),
    running: slot.host?.isRunning === true,
    path: found.path,
  };
}

function statusOf(
  { state, known }: PluginSlot,
  rejection: string | undefined,
  isReplaced: boolean,
): PluginRow['status'] {
  if (state === 'removed' || state === 'waiting' || state === 'failed') return state;
  if (isReplaced) return 'replaced';
  if (rejection !== undefined) return 'rejected';
  return known?.loaded.tools.length === 0 ? 'helper' : 'loaded';
}
