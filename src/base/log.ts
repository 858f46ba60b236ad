import { type Clock, isoTime, systemClock } from './clock.ts';
import { loggable } from './loggable.ts';
import { createRedactor, type Redactor } from './redact.ts';
import { RotatingFile } from './rotating-file.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes one JSON object per line. Its methods never throw: a failing log must not break the work. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log that adds these fields to each of its lines. */
  child(fields: LogFields): Log;
  /** Closes the file. Lines written later open it again. */
  close(): void;
}

export interface LogOptions {
  /**
   * Where the lines go: anything that takes text, or a file of mode 0600 that is set aside at `maxBytes` (default
   * 5 MiB) with the last `keep` (default 3) kept beside it.
   */
  readonly to:
    | { write(line: string): unknown }
    | { readonly path: string; readonly maxBytes?: number; readonly keep?: number };
  /** The lowest level that is written. Default: `info`. */
  readonly level?: LogLevel;
  /** Values that must not appear in any line, in whatever encoding. */
  readonly secrets?: readonly string[];
  readonly clock?: Clock;
}

const DEFAULT_MAX_BYTES = 5 * 1024 * 1024;
const DEFAULT_KEEP = 3;
/** What every line has. */
const LINE_KEYS: ReadonlySet<string> = new Set(['level', 'time', 'pid', 'message']);

/** What a terminal could act on, or an editor could hide, and that JSON leaves as it is. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Opens a log. Every text in a line is free of the given secrets and of whatever looks like a token; control
 * characters and terminal escapes are written as `\uXXXX`, so that a line can be shown as it is.
 */
export async function openLog({
  to,
  level = 'info',
  secrets,
  clock = systemClock,
}: LogOptions): Promise<Log> {
  // Loaded here, because most commands never log.
  const { default: pino } = await import('pino'); // bundled, it has no other name
  const redact = createRedactor(secrets);
  const file =
    'path' in to
      ? new RotatingFile({ maxBytes: DEFAULT_MAX_BYTES, keep: DEFAULT_KEEP, clock, ...to })
      : undefined;
  const sink = file ?? ('write' in to ? to : undefined);
  const logger = pino(
    {
      level,
      messageKey: 'message',
      base: { pid: process.pid },
      timestamp: () => `,"time":"${isoTime(clock)}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => writeSafely(line) },
  );

  function writeSafely(line: string): void {
    const lost = file?.lostLines ?? 0;
    try {
      // The line break at its end is ours, the rest is JSON.
      sink?.write(`${line.trimEnd().replace(UNSAFE, jsonEscape)}\n`);
    } catch {
      return; // a stream that is gone: there is nowhere left to say so
    }
    if (lost > 0 && file?.lostLines === 0) logger.warn({ lines: lost }, 'log lines were lost');
  }

  function bind(bound: LogFields): Log {
    const at = (name: LogLevel) => (message: string, fields?: LogFields) => {
      if (!logger.isLevelEnabled(name)) return;
      logger[name]({ ...bound, ...lineFields(fields, redact) }, redact(message));
    };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => bind({ ...bound, ...lineFields(fields, redact) }),
      close: () => file?.close(),
    };
  }
  return bind({});
}

/** The fields as plain data; one with a name that every line has gets an underscore, so that no key comes twice. */
function lineFields(fields: LogFields | undefined, redact: Redactor): LogFields {
  const plain = Object.entries(loggable(fields ?? {}, redact) ?? {});
  return Object.fromEntries(plain.map(([key, value]) => [LINE_KEYS.has(key) ? `${key}_` : key, value]));
}

function jsonEscape(character: string): string {
  return Array.from(
    character.split(''),
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  ).join('');
}
