/**
 * The leaf paths of a JSON Schema, the way the coverage rule counts them: members joined by `.`, list items marked by
 * `[]`, a list at the root without a prefix. Objects without declared members and nodes without a `type` are leaves.
 */
export function extractLeaves(schema: unknown): string[] {
  const found = [...new Set(leavesOf(schema, schema, '', []))];
  return found.filter((path) => path !== '' && !found.some((other) => isBelow(other, path)));
}

function leavesOf(root: unknown, raw: unknown, path: string, seen: readonly unknown[]): string[] {
  const node = resolveReference(root, raw);
  // A schema may contain itself; one turn through it names all its leaves.
  if (!isObject(node) || seen.includes(node)) return [path];
  const types: unknown[] = Array.isArray(node.type) ? node.type : [node.type];
  const inside = [...seen, node];
  if (types.includes('array')) {
    const items = resolveReference(root, node.items);
    if (path === '') return leavesOf(root, items, '', inside);
    return leavesOf(root, items, `${path}[]`, inside);
  }
  const properties =
    types.includes('object') && isObject(node.properties) ? Object.entries(node.properties) : [];
  if (properties.length === 0) return [path];
  return properties.flatMap(([name, child]) =>
    leavesOf(root, child, path === '' ? name : `${path}.${name}`, inside),
  );
}

function isBelow(path: string, parent: string): boolean {
  return path.startsWith(`${parent}.`) || path.startsWith(`${parent}[]`);
}

/** Follows `$ref` inside the same document; anything else stays what it is, and so becomes a leaf. */
function resolveReference(root: unknown, node: unknown): unknown {
  let current = node;
  for (let hops = 0; hops < 32 && isObject(current); hops += 1) {
    const reference = current.$ref;
    if (typeof reference !== 'string' || !reference.startsWith('#')) return current;
    current = reference
      .split('/')
      .slice(1)
      .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((at, part) => (isObject(at) ? at[part] : undefined), root);
  }
  return current;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
