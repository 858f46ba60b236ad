/** `${VAR}`, `${VAR:-text}`, `${VAR-text}` and `${file:path}`. */
const PLACEHOLDER =
  /\$\{(?:file:(?<file>[^}]*)|(?<name>[A-Za-z_][A-Za-z0-9_]*)(?:(?<dash>:?-)(?<fallback>[^}]*))?)\}/g;

export interface Placeholder {
  readonly kind: 'variable' | 'file';
  /** Of the variable, or the path as it is written. */
  readonly name: string;
}

/** Every placeholder in the texts of a value, each once, in the order in which they stand. */
export function findPlaceholders(value: unknown): Placeholder[] {
  const found = new Map<string, Placeholder>();
  const walk = (inner: unknown): void => {
    if (typeof inner === 'string') {
      for (const { groups } of inner.matchAll(PLACEHOLDER)) {
        const { file, name = '' } = groups ?? {};
        const placeholder: Placeholder =
          file === undefined ? { kind: 'variable', name } : { kind: 'file', name: file };
        found.set(`${placeholder.kind}:${placeholder.name}`, placeholder);
      }
    } else if (Array.isArray(inner)) inner.forEach(walk);
    else if (typeof inner === 'object' && inner !== null) Object.values(inner).forEach(walk);
  };
  walk(value);
  return [...found.values()];
}

export type Lookup = (placeholder: Placeholder) => string | undefined;

export type Resolved =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly missing: readonly Placeholder[] };

/**
 * The value with every placeholder in its texts replaced. Only whole texts are touched, never keys, so that what is
 * put in cannot change the shape of a document. `lookup` answers undefined for what is not there or not allowed.
 */
export function resolvePlaceholders(value: unknown, lookup: Lookup): Resolved {
  const missing: Placeholder[] = [];
  const walk = (inner: unknown): unknown => {
    if (typeof inner === 'string') {
      return inner.replace(PLACEHOLDER, (whole, ...rest) => {
        // The last argument is the table of named groups.
        const { file, name = '', dash, fallback } = rest.at(-1) as Record<string, string | undefined>;
        const placeholder: Placeholder =
          file === undefined ? { kind: 'variable', name } : { kind: 'file', name: file };
        const text = lookup(placeholder);
        if (text !== undefined && (text !== '' || dash !== ':-')) return text;
        if (dash !== undefined) return fallback ?? '';
        missing.push(placeholder);
        return whole;
      });
    }
    if (Array.isArray(inner)) return inner.map(walk);
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, walk(item)]));
  };
  const resolved = walk(value);
  return missing.length === 0 ? { ok: true, value: resolved } : { ok: false, missing };
}
