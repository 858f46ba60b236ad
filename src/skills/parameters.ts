/** What a parameter may be; a type that is none of these is not checked. */
export interface ParameterSpec {
  readonly type?: string | undefined;
  readonly required?: boolean | undefined;
  readonly default?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly description?: string | undefined;
}

export type ParamsSchema = Readonly<Record<string, ParameterSpec>>;

export type Resolved =
  | { readonly ok: true; readonly params: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly errors: readonly string[] };

/** Checks the values that were given and adds the defaults. Every problem is listed; unknown parameters are kept. */
export function resolveParams(schema: ParamsSchema, given: Readonly<Record<string, unknown>>): Resolved {
  const errors: string[] = [];
  const params = new Map(Object.entries(given));
  for (const [name, spec] of Object.entries(schema)) {
    if (!params.has(name) && spec.default !== undefined) params.set(name, spec.default);
    if (!params.has(name)) {
      if (spec.required === true) errors.push(`${name} is missing.`);
      continue;
    }
    const problem = problemOf(params.get(name), spec);
    if (problem !== undefined) errors.push(`${name} ${problem}`);
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, params: Object.fromEntries(params) };
}

function problemOf(value: unknown, { type, enum: allowed }: ParameterSpec): string | undefined {
  if (type !== undefined && Object.hasOwn(TYPES, type) && TYPES[type]?.(value) === false) {
    return `must be ${type === 'integer' ? 'an' : 'a'} ${type}.`;
  }
  if (allowed !== undefined && !allowed.includes(value)) {
    return `must be one of ${allowed.map((each) => JSON.stringify(each)).join(', ')}.`;
  }
  return undefined;
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  boolean: (value) => typeof value === 'boolean',
};

/** What is known besides the parameters. */
export interface BuiltIns {
  readonly file_path: string;
  readonly skill_id: string;
  readonly skill_name: string;
}

const PLACEHOLDER = /\{\{\s*([\w.-]+)\s*\}\}/g;
const ONLY_PLACEHOLDER = /^\{\{\s*([\w.-]+)\s*\}\}$/;

/**
 * The command as a list of arguments. A value stays within its own argument whatever it holds, and no shell ever sees
 * it. An argument that is one placeholder without a value is left out. A parameter cannot take the name of what is
 * built in.
 */
export function renderArgv(
  template: readonly string[] | undefined,
  params: Readonly<Record<string, unknown>>,
  builtIns: BuiltIns,
): readonly string[] {
  const values = new Map<string, unknown>([...Object.entries(params), ...Object.entries(builtIns)]);
  return (template ?? ['{{file_path}}']).flatMap((token) => {
    const only = ONLY_PLACEHOLDER.exec(token)?.[1];
    if (only !== undefined && toText(values.get(only)) === undefined) return [];
    return [token.replace(PLACEHOLDER, (_whole, name: string) => toText(values.get(name)) ?? '')];
  });
}

function toText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string'
    ? value
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
}
