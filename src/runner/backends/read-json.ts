/** Careful reading of what another program prints: a value of another kind counts as absent. */

export type JsonRecord = Readonly<Record<string, unknown>>;

/** The object on a line; undefined for anything else. */
export function parseRecord(line: string): JsonRecord | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return asObject(JSON.parse(line));
  } catch {
    return undefined;
  }
}

export function asObject(value: unknown): JsonRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonRecord)
    : undefined;
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A number that can count something; 0 for anything else. */
export function asCount(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
}

export function asCost(value: unknown): { costUsd?: number } {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? { costUsd: value } : {};
}

/** Whether a message of a provider tells of something that passes by itself. */
export function isTransient(status: unknown, message: string): boolean {
  if (typeof status === 'number') return status === 429 || status === 529 || (status >= 500 && status <= 504);
  // Providers put the status into words; there is no other field to go by.
  return /\b(?:429|529|50[0-4])\b|overloaded|rate.?limit|temporarily unavailable/i.test(message);
}
