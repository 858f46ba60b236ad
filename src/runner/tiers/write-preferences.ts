import { dirname, join } from 'node:path';

import { type Clock, isoTime } from '../../base/clock.ts';
import { nodeFileSystem, readRegularFile, writeFileDurable } from '../../base/durable-file.ts';
import { ensureFolder } from '../../base/folder.ts';
import { withLock } from '../../base/lock.ts';
import { NexoError } from '../../errors.ts';
import type { AutomationBackend, PreferenceFiles } from './preferences.ts';
import type { Tier } from './tier.ts';

export interface PreferenceChanges {
  readonly resonance?: Tier | undefined;
  readonly automationEnabled?: boolean | undefined;
  readonly automationBackend?: AutomationBackend | undefined;
}

type JsonObject = Record<string, unknown>;

/** Where the keys of the flat, older form of calibration.json belong. */
const FLAT_KEYS: Readonly<Record<string, readonly string[]>> = {
  user: ['name', 'language', 'timezone', 'assistant_name'],
  personality: ['autonomy', 'communication', 'honesty', 'proactivity', 'error_handling'],
  preferences: ['default_resonance'],
  meta: ['role', 'technical_level'],
};

/**
 * Writes the changes into both files; every other key stays. A file in the older, flat form is copied beside itself
 * before it is put into the present one. Throws PREFERENCES_DAMAGED when a file is there and is no JSON object, with
 * nothing written to either.
 */
export async function writePreferences(
  files: PreferenceFiles,
  changes: PreferenceChanges,
  clock: Clock,
): Promise<{ readonly backup: string | null }> {
  const folders = [dirname(files.calibration), dirname(files.schedule)];
  for (const folder of folders) ensureFolder(nodeFileSystem, folder);
  return withLock(join(dirname(files.schedule), '.preferences.lock'), () => {
    const schedule = readObject(files.schedule) ?? {};
    const calibration = readObject(files.calibration) ?? readObject(files.olderCalibration) ?? {};
    const { resonance, automationEnabled, automationBackend } = changes;
    let backup: string | null = null;
    if (resonance !== undefined) {
      const nested = toNested(calibration);
      if (nested !== calibration) {
        backup = `${files.calibration}.${isoTime(clock).replace(/[-:.]/g, '')}.bak`;
        writeObject(backup, calibration);
      }
      const preferences = { ...asObject(nested.preferences), default_resonance: resonance };
      writeObject(files.calibration, { ...nested, preferences });
    }
    writeObject(files.schedule, {
      ...schedule,
      ...(resonance === undefined ? {} : { default_resonance: resonance }),
      ...(automationEnabled === undefined
        ? {}
        : { automation_enabled: automationEnabled, automation_user_override: true }),
      ...(automationBackend === undefined
        ? {}
        : { automation_backend: automationBackend, automation_user_override: true }),
    });
    return { backup };
  });
}

/** The same object when nothing of it is in the flat form. */
function toNested(flat: JsonObject): JsonObject {
  const nested: JsonObject = { ...flat };
  let isFlat = false;
  for (const [group, keys] of Object.entries(FLAT_KEYS)) {
    for (const key of keys) {
      if (!Object.hasOwn(flat, key)) continue;
      isFlat = true;
      nested[group] = { [key]: flat[key], ...asObject(nested[group]) };
      delete nested[key];
    }
  }
  return isFlat ? nested : flat;
}

function readObject(path: string): JsonObject | undefined {
  const file = readRegularFile(nodeFileSystem, path);
  if (file === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(file.bytes.toString('utf8'));
    if (isObject(value)) return value;
  } catch {
    // said below
  }
  throw new NexoError('PREFERENCES_DAMAGED', `${path} is no JSON object, so nothing was changed.`, {
    hint: 'Correct it, or move it away; a new one is made then.',
    data: { path },
  });
}

function writeObject(path: string, value: JsonObject): void {
  writeFileDurable(nodeFileSystem, path, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
