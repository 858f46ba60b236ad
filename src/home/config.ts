import { join } from 'node:path';
import * as z from 'zod';

import { nodeFileSystem, readRegularFile } from '../base/durable-file.ts';
import { decodeUtf8, JsonFault } from '../base/json-document.ts';
import { checkSchema } from '../base/schema-faults.ts';
import { parseYaml } from '../base/yaml-source.ts';
import { NexoError } from '../errors.ts';
import type { HomePaths } from './paths.ts';
import { type PluginSettings, PluginsSchema, toPluginSettings } from './plugin-settings.ts';
import { BackendsSchema, PricesSchema, RunsSchema } from './run-schema.ts';
import { type BackendSettings, type Prices, type RunSettings, toRunSettings } from './run-settings.ts';

/** Version of the settings file that this program writes and reads. */
export const SETTINGS_VERSION = 1;
/** Largest settings file that is read, in bytes. */
const MAX_SETTINGS_BYTES = 1024 * 1024;

const addressSchema = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^\s:[\]]+):\d{1,5}$/, 'must be HOST:PORT, such as 127.0.0.1:0');

/** `runtime.yaml`: strict, because a misspelt setting that is ignored is worse than an error. */
const SettingsSchema = z.strictObject({
  schema_version: z.literal(SETTINGS_VERSION).optional(),
  // Null is a section whose lines are all commented out.
  http: z.strictObject({ health_addr: addressSchema.optional() }).nullish(),
  daemon: z.strictObject({ grace_seconds: z.int().min(0).max(3600).optional() }).nullish(),
  schedules: z
    .strictObject({ backend: z.enum(['auto', 'systemd', 'launchd', 'builtin']).optional() })
    .nullish(),
  runs: RunsSchema.nullish(),
  backends: BackendsSchema.nullish(),
  prices: PricesSchema.nullish(),
  plugins: PluginsSchema.nullish(),
});

export interface Settings {
  /** Where the daemon answers health and readiness; port 0 takes a free one. */
  readonly healthAddress: string;
  /** How long a stopping daemon lets runs finish, in milliseconds. */
  readonly graceMs: number;
  readonly scheduleBackend: 'auto' | 'systemd' | 'launchd' | 'builtin';
  readonly maxConcurrentRuns: number;
  readonly runs: RunSettings;
  readonly backends: BackendSettings;
  readonly prices: Prices;
  readonly plugins: PluginSettings;
}

/** One thing that is wrong in a settings file. */
export interface SettingsProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly fix: string;
}

export interface LoadedSettings {
  readonly file: string;
  readonly settings: Settings;
  /** When there are any, `settings` are the defaults. */
  readonly problems: readonly SettingsProblem[];
}

/** Reads `runtime.yaml`; a missing file means the defaults, and every problem is listed. */
export function loadSettings(paths: Pick<HomePaths, 'config'>): LoadedSettings {
  const file = join(paths.config, 'runtime.yaml');
  const read = readRegularFile(nodeFileSystem, file, MAX_SETTINGS_BYTES);
  if (read === undefined) return { file, settings: toSettings({}), problems: [] };
  let text: string;
  try {
    text = read.bytes.length === 0 ? '' : decodeUtf8(read.bytes);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    const problem = { file, line: 1, message: error.message, fix: 'Save the file as UTF-8.' };
    return { file, settings: toSettings({}), problems: [problem] };
  }
  // Every line is optional, so all of them are.
  if (/^(?:\s*(?:#.*)?\n)*\s*(?:#.*)?$/.test(text)) return { file, settings: toSettings({}), problems: [] };
  const parsed = parseYaml(text);
  if (!parsed.ok) {
    const { line, message, fix } = parsed;
    return { file, settings: toSettings({}), problems: [{ file, line, message, fix }] };
  }
  const checked = checkSchema(parsed.source.value, SettingsSchema);
  if (checked.ok) return { file, settings: toSettings(checked.data), problems: [] };
  const problems = checked.faults.map(({ path, message, fix }) => ({
    file,
    line: parsed.source.lineOf(path),
    message,
    fix,
  }));
  return { file, settings: toSettings({}), problems };
}

/** The settings, or CONFIG_INVALID with the first problem in its message and all of them in its data. */
export function loadSettingsOrThrow(paths: Pick<HomePaths, 'config'>): Settings {
  const { settings, problems } = loadSettings(paths);
  const [first] = problems;
  if (first === undefined) return settings;
  const more = problems.length === 1 ? '' : ` (and ${problems.length - 1} more)`;
  throw new NexoError('CONFIG_INVALID', `${first.file}:${first.line}: ${first.message}${more}.`, {
    hint: first.fix,
    data: { problems },
  });
}

function toSettings(raw: z.infer<typeof SettingsSchema>): Settings {
  return {
    healthAddress: raw.http?.health_addr ?? '127.0.0.1:0',
    graceMs: (raw.daemon?.grace_seconds ?? 30) * 1000,
    scheduleBackend: raw.schedules?.backend ?? 'auto',
    maxConcurrentRuns: raw.runs?.max_concurrent ?? 4,
    runs: toRunSettings(raw.runs ?? {}),
    backends: raw.backends ?? {},
    prices: raw.prices ?? {},
    plugins: toPluginSettings(raw.plugins ?? {}),
  };
}
