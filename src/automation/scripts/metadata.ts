/** How many lines of a script may hold its metadata. */
export const METADATA_LINES = 25;

/** Every key that means something in a script's header, and no other is kept. */
export const METADATA_KEYS = [
  'name',
  'description',
  'runtime',
  'cron_id',
  'schedule',
  'interval_seconds',
  'schedule_required',
  'recovery_policy',
  'run_on_boot',
  'run_on_wake',
  'idempotent',
  'max_catchup_age',
  'timeout',
  'requires',
  'tools',
  'hidden',
  'category',
  'doctor_allow_db',
] as const;

export type MetadataKey = (typeof METADATA_KEYS)[number];

export interface MetadataFinding {
  /**
   * `conflict`: one key with two different values, which makes a declaration invalid. The others are warnings:
   * `duplicate` repeats the same value, `late` stands below the first 25 lines, `prefix` is spelled almost right.
   */
  readonly code: 'conflict' | 'duplicate' | 'unknown-key' | 'no-value' | 'late' | 'prefix';
  /** Line in the file, from 1. */
  readonly line: number;
  readonly key?: string;
  /** One sentence for the author. */
  readonly message: string;
}

export interface ScriptMetadata {
  /** Known keys only, as written: trimmed, no quoting. Of a repeated key the last one. */
  readonly values: Readonly<Record<string, string>>;
  readonly findings: readonly MetadataFinding[];
}

const MARKED = /^(?:#|\/\/|--|;) nexo:(.*)$/;
/** What somebody meant as metadata: another case, no blank or too many, a blank before the colon. */
const NEARLY_MARKED = /^(?:#+|\/\/+|--+|;+)\s{0,8}nexo\s{0,8}:\s*[\w-]+\s*=/i;
/** How much of a value or a key a message repeats, in characters. */
const SHOWN = 60;
/** How many findings are told of one file. */
const MAX_FINDINGS = 50;

/**
 * Reads the metadata of a script from its text: `# nexo: key=value` in the first 25 lines, behind `#`, `//`, `--` or
 * `;`. Never throws; what is odd comes back as findings, and lines below the 25 that `text` holds are looked at for
 * metadata that would have no effect. Whether the values make sense is for others to say.
 */
export function parseMetadata(text: string): ScriptMetadata {
  const values = new Map<string, string>();
  const findings: MetadataFinding[] = [];
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  for (const [index, raw] of lines.entries()) {
    if (findings.length >= MAX_FINDINGS) break;
    const line = index + 1;
    const trimmed = raw.trim();
    const body = MARKED.exec(trimmed)?.[1]?.trim();
    if (line > METADATA_LINES) {
      // Prose may speak of "nexo:"; only a pair was meant as metadata.
      if (body !== undefined && isKnown(body.split('=')[0]?.trim() ?? '') && body.includes('=')) {
        findings.push({
          code: 'late',
          line,
          message: `line ${line} is below the first ${METADATA_LINES} lines, so it has no effect`,
        });
      }
      continue;
    }
    if (body === undefined) {
      if (NEARLY_MARKED.test(trimmed)) {
        findings.push({
          code: 'prefix',
          line,
          message: `line ${line} looks like metadata and is not: write "# nexo: key=value" with one blank`,
        });
      }
      continue;
    }
    const finding = readPair(body, line, values);
    if (finding !== undefined) findings.push(finding);
  }
  return { values: Object.fromEntries(values), findings };
}

/** Whether a boolean value says yes; everything else says no. */
export function isYes(value: string | undefined): boolean {
  return value !== undefined && /^(?:1|true|yes|on)$/i.test(value.trim());
}

/** The parts of a list that is written with commas. */
export function listOf(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function readPair(body: string, line: number, values: Map<string, string>): MetadataFinding | undefined {
  const at = body.indexOf('=');
  if (at === -1) {
    return { code: 'no-value', line, message: `line ${line} has no "=": "${shown(body)}" is not key=value` };
  }
  const key = body.slice(0, at).trim();
  const value = body.slice(at + 1).trim();
  if (!isKnown(key)) return { code: 'unknown-key', line, key, message: unknownKey(key, line) };
  const before = values.get(key);
  values.set(key, value);
  if (before === undefined) return undefined;
  return before === value
    ? { code: 'duplicate', line, key, message: `line ${line} repeats ${key}` }
    : {
        code: 'conflict',
        line,
        key,
        message: `line ${line} sets ${key} to "${shown(value)}", and it was "${shown(before)}" before`,
      };
}

function unknownKey(key: string, line: number): string {
  const meant = nearestKey(key);
  const told = `line ${line}: no key is called "${shown(key)}"`;
  return meant === undefined ? told : `${told}; did you mean ${meant}?`;
}

function nearestKey(key: string): MetadataKey | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z]/g, '');
  const wanted = plain(key.slice(0, SHOWN));
  if (wanted.length < 3) return undefined;
  return METADATA_KEYS.find((known) => plain(known) === wanted || isOneEditAway(plain(known), wanted));
}

/** One letter more, less, or another. */
function isOneEditAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const [restA, restB] = [a.slice(at), b.slice(at)];
  return restA.slice(1) === restB || restA === restB.slice(1) || restA.slice(1) === restB.slice(1);
}

function isKnown(key: string): key is MetadataKey {
  return (METADATA_KEYS as readonly string[]).includes(key);
}

function shown(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
