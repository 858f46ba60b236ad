import type * as z from 'zod';

/** One thing that is wrong with a value, in words for its author. */
export interface SchemaFault {
  /** Where in the value, from its root. */
  readonly path: readonly PropertyKey[];
  /** What is wrong, beginning with the field's name. */
  readonly message: string;
  /** What to do about it, a sentence. */
  readonly fix: string;
}

export type Checked<T> =
  | { readonly ok: true; readonly data: T }
  | { readonly ok: false; readonly faults: readonly SchemaFault[] };

export interface Wording {
  /** Stands before each field's name. */
  readonly label?: readonly PropertyKey[];
  /** What the value is to its author. Default: `this file`. */
  readonly whole?: string;
}

/** Checks a value against a schema and says every fault in words of ours. */
export function checkSchema<T extends z.ZodType>(
  value: unknown,
  schema: T,
  { label = [], whole = 'this file' }: Wording = {},
): Checked<z.infer<T>> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, data: result.data };
  const faults = result.error.issues.flatMap((issue): SchemaFault[] => {
    const isMissing = valueAt(value, issue.path) === undefined;
    const inside =
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return inside.map((path) => ({
      path,
      ...describe(issue, { path: [...label, ...path], isMissing, whole }),
    }));
  });
  return { ok: false, faults };
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

function describe(
  issue: z.core.$ZodIssue,
  { path, isMissing, whole }: { path: readonly PropertyKey[]; isMissing: boolean; whole: string },
): { message: string; fix: string } {
  const field = path.map(String).join('.') || whole.replace(/^(this|these) /, 'the ');
  switch (issue.code) {
    case 'unrecognized_keys':
      return { message: `${field} is no field of ${whole}`, fix: 'Remove it, or correct its spelling.' };
    case 'invalid_type':
      return isMissing
        ? { message: `${field} is missing`, fix: `Add ${field}, ${article(issue.expected)}.` }
        : {
            message: `${field} must be ${article(issue.expected)}`,
            fix: `Write ${article(issue.expected)}.`,
          };
    case 'invalid_value':
      if (isMissing)
        return {
          message: `${field} is missing`,
          fix: `Add ${field}: ${issue.values.map(String).join(', ')}.`,
        };
      return {
        message: `${field} has a value that is not allowed`,
        fix: `Use one of ${issue.values.map(String).join(', ')}.`,
      };
    case 'too_small':
      return {
        message: `${field} is too ${issue.origin === 'number' || issue.origin === 'int' ? 'small' : 'short'}`,
        fix: `Give it at least ${amount(issue.minimum, issue.origin)}.`,
      };
    case 'too_big':
      return {
        message: `${field} is too ${issue.origin === 'number' || issue.origin === 'int' ? 'large' : 'long'}`,
        fix: `Keep it to ${amount(issue.maximum, issue.origin)}.`,
      };
    default:
      return { message: `${field} ${issue.message}`, fix: 'Correct the value.' };
  }
}

/** `1 character`, `3 items`, or the bare number where it is a number that is judged. */
function amount(limit: number | bigint, origin: string): string {
  const unit = UNITS[origin];
  return unit === undefined ? String(limit) : `${limit} ${unit}${Number(limit) === 1 ? '' : 's'}`;
}

const UNITS: Readonly<Record<string, string>> = { string: 'character', array: 'item' };

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  int: 'a whole number',
  object: 'an object',
  record: 'an object',
  boolean: 'true or false',
};

function article(type: string): string {
  return KINDS[type] ?? `a ${type}`;
}
