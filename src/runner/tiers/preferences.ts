import { join } from 'node:path';

import { nodeFileSystem, readRegularFile } from '../../base/durable-file.ts';
import type { HomePaths } from '../../home/paths.ts';
import type { TierPreference } from './resolve-tier.ts';
import { TIERS, type Tier, toTier } from './tier.ts';

/** What an operator can choose to run agents with. `none` switches automation off. */
export const AUTOMATION_BACKENDS = [
  'claude_code',
  'codex',
  'opencode',
  'command',
  'scripted',
  'none',
] as const;
export type AutomationBackend = (typeof AUTOMATION_BACKENDS)[number];

/** Built in, free, and there on every machine. */
export const DEFAULT_BACKEND: AutomationBackend = 'scripted';

export interface PreferenceFiles {
  readonly calibration: string;
  /** Where an older home keeps it; read only. */
  readonly olderCalibration: string;
  readonly schedule: string;
}

export function preferenceFiles({ home, personal }: Pick<HomePaths, 'home' | 'personal'>): PreferenceFiles {
  return {
    calibration: join(personal, 'brain', 'calibration.json'),
    olderCalibration: join(home, 'brain', 'calibration.json'),
    schedule: join(personal, 'config', 'schedule.json'),
  };
}

export interface Preferences {
  /** In the order in which they count, invalid ones too. */
  readonly tiers: readonly TierPreference[];
  readonly automationEnabled: boolean;
  readonly automationBackend: AutomationBackend;
  /** False while the operator has chosen none: then it is the built-in one. */
  readonly backendIsChosen: boolean;
  readonly automationUserOverride: boolean;
  readonly defaultTerminalClient: string | null;
  readonly profiles: Readonly<Record<string, { readonly model?: string; readonly effort?: string }>>;
  /** Files that are there and cannot be read as JSON: they count as silent. */
  readonly warnings: readonly string[];
}

/** Reads what the operator prefers. Never throws: what cannot be read counts as no preference, with a warning. */
export function readPreferences(files: PreferenceFiles): Preferences {
  const warnings: string[] = [];
  const read = (path: string): unknown => readJsonFile(path, warnings);
  const [calibrationPath, rawCalibration] = firstFile([files.calibration, files.olderCalibration], read);
  const calibration = asRecord(rawCalibration);
  const schedule = asRecord(read(files.schedule));

  const tiers: TierPreference[] = [];
  const calibrated =
    asText(asRecord(calibration.preferences).default_resonance) ?? asText(calibration.default_resonance);
  if (calibrated !== undefined) tiers.push({ value: calibrated, file: calibrationPath });
  const scheduled = asText(schedule.default_resonance);
  if (scheduled !== undefined) tiers.push({ value: scheduled, file: files.schedule });

  const enabled = schedule.automation_enabled !== false;
  const asked = asText(schedule.automation_backend);
  const named = AUTOMATION_BACKENDS.find((each) => each === asked);
  if (asked !== undefined && named === undefined)
    warnings.push(`${files.schedule} names the backend "${asked}", which there is not.`);
  const profiles = Object.entries(asRecord(schedule.client_runtime_profiles)).map(([backend, raw]) => {
    const profile = asRecord(raw);
    const model = asText(profile.model);
    const effort = asText(profile.reasoning_effort) ?? asText(profile.effort);
    return [backend, { ...(model !== undefined && { model }), ...(effort !== undefined && { effort }) }];
  });
  return {
    tiers,
    automationEnabled: enabled,
    // A name that is no backend must not become another one that spends money or says nothing.
    automationBackend:
      enabled && (named !== undefined || asked === undefined) ? (named ?? DEFAULT_BACKEND) : 'none',
    backendIsChosen: named !== undefined,
    automationUserOverride: schedule.automation_user_override === true,
    defaultTerminalClient: asText(schedule.default_terminal_client) ?? null,
    profiles: Object.fromEntries(profiles),
    warnings,
  };
}

/** What `nexo preferences --show` answers with. */
export interface ShownPreferences {
  readonly default_resonance: string;
  readonly default_resonance_is_explicit: boolean;
  readonly default_resonance_source: 'calibration.json' | 'schedule.json' | 'default';
  readonly available_tiers: readonly Tier[];
  readonly automation_enabled: boolean;
  readonly automation_backend: AutomationBackend;
  readonly automation_user_override: boolean;
  readonly available_automation_backends: readonly AutomationBackend[];
  readonly default_terminal_client: string | null;
  readonly warnings: readonly string[];
}

export function showPreferences(files: PreferenceFiles, defaultTier: string): ShownPreferences {
  const preferences = readPreferences(files);
  const winner = preferences.tiers.find(({ value }) => toTier(value) !== undefined);
  const source =
    winner === undefined ? 'default' : winner.file === files.schedule ? 'schedule.json' : 'calibration.json';
  return {
    default_resonance: toTier(winner?.value) ?? defaultTier,
    default_resonance_is_explicit: winner !== undefined,
    default_resonance_source: source,
    available_tiers: TIERS,
    automation_enabled: preferences.automationEnabled,
    automation_backend: preferences.automationBackend,
    automation_user_override: preferences.automationUserOverride,
    available_automation_backends: AUTOMATION_BACKENDS,
    default_terminal_client: preferences.defaultTerminalClient,
    warnings: [
      ...preferences.warnings,
      ...preferences.tiers
        .filter(({ value }) => toTier(value) === undefined)
        .map(({ value, file }) => `${file} says "${value}", which is no tier; it counts as no preference.`),
    ],
  };
}

/** Of what others write only these keys are read; a value of another kind counts as absent. */
function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function firstFile(paths: readonly string[], read: (path: string) => unknown): [string, unknown] {
  for (const path of paths) {
    const value = read(path);
    if (value !== undefined) return [path, value];
  }
  return [paths[0] ?? '', undefined];
}

const MAX_BYTES = 1024 * 1024;

function readJsonFile(path: string, warnings: string[]): unknown {
  try {
    const file = readRegularFile(nodeFileSystem, path, MAX_BYTES);
    return file === undefined ? undefined : JSON.parse(file.bytes.toString('utf8'));
  } catch (error) {
    warnings.push(`${path} counts as empty: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
