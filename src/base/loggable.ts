import { isSecretName, REDACTED, type Redactor } from './redact.ts';

/** Depth and width of what is written of a value, and length of a text in characters: a log is no data store. */
const MAX_DEPTH = 6;
const MAX_ITEMS = 100;
const MAX_TEXT = 8_192;

/**
 * The value as plain data for a log line: no secrets in any key or text, errors with their code and cause, and
 * bounded in every direction. Never throws, whatever it is given.
 */
export function loggable(value: unknown, redact: Redactor): unknown {
  return plain(value, redact, 0);
}

function plain(value: unknown, redact: Redactor, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return cut(redact(value));
    case 'number':
    case 'bigint': {
      const text = String(value);
      const clean = redact(text);
      if (clean !== text) return clean;
      return typeof value === 'number' && Number.isFinite(value) ? value : text;
    }
    case 'boolean':
    case 'undefined':
      return value;
    case 'object':
      break;
    default:
      return `[${typeof value}]`;
  }
  if (value === null) return null;
  if (depth >= MAX_DEPTH) return '[deeper]';
  try {
    return plainObject(value, redact, depth + 1);
  } catch {
    return '[unreadable]'; // a getter or a proxy that throws
  }
}

function plainObject(value: object, redact: Redactor, depth: number): unknown {
  if (value instanceof Error) return plainError(value, redact, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map || value instanceof Set) return plain([...value], redact, depth);
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => plain(item, redact, depth));
    return value.length > MAX_ITEMS ? [...items, `[${value.length - MAX_ITEMS} more]`] : items;
  }
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MAX_ITEMS)
      .map(([key, item]) => {
        const hidden = isSecretName(key) && typeof item !== 'boolean' && item !== undefined && item !== null;
        return [cut(redact(key)), hidden ? REDACTED : plain(item, redact, depth)];
      }),
  );
}

function plainError(error: Error, redact: Redactor, depth: number): unknown {
  const { name, message, stack, cause, ...own } = error;
  const described = {
    name,
    message,
    ...own,
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && { cause }),
  };
  return plain(described, redact, depth - 1);
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}[${text.length - MAX_TEXT} more]`;
}
