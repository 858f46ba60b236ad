/** Why a path in a fixture cannot name a file of the project, or undefined when it can. */
export function statePathFault(path: string): string | undefined {
  const unknown = path.match(/\{[^}]*\}?/g)?.find((token) => !TOKENS.has(token));
  if (unknown !== undefined) return `has the unknown token ${unknown}`;
  if (path === '' || path.startsWith('/') || path.includes('\\') || /^[A-Za-z]:/.test(path)) {
    return 'is not a path relative to the project, with /';
  }
  const segments = path.split('/');
  return segments.some((segment) => segment === '' || segment === '.' || segment === '..')
    ? 'has an empty, . or .. part'
    : undefined;
}

/** The path with its tokens replaced, relative to the project. */
export function resolveStatePath(path: string, harnessId: string): string {
  return path.replaceAll('{STATE_ROOT}', '.nexus/state').replaceAll('{HARNESS_ID}', harnessId);
}

const TOKENS: ReadonlySet<string> = new Set(['{STATE_ROOT}', '{HARNESS_ID}']);
