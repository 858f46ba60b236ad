import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const repository = join(import.meta.dirname, '..', '..');

/** Variables that belong to the system, named on the page in passing. */
const SYSTEMS_OWN = new Set(['HOME', 'PATH', 'TMPDIR', 'GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE']);

function variablesInSource(): string[] {
  const found = new Set<string>();
  for (const file of globSync('src/**/*.ts', { cwd: repository })) {
    if (/\.test\.ts$/.test(file)) continue;
    const text = readFileSync(join(repository, file), 'utf8');
    for (const [, name = ''] of text.matchAll(/\benv\.([A-Z][A-Z_]+)\b/g)) found.add(name);
    for (const [, name = ''] of text.matchAll(/\benv\[['"]([A-Z][A-Z_]+)['"]\]/g)) found.add(name);
    for (const [, name = ''] of text.matchAll(/'((?:NEXO|NEXUS|CLAUDE|CODEX|OPENCODE)_[A-Z_]+)'/g))
      found.add(name);
  }
  return [...found].filter((name) => !SYSTEMS_OWN.has(name)).sort();
}

describe('docs/environment.md', () => {
  it('lists every variable that the sources read, and no other', () => {
    const page = readFileSync(join(repository, 'docs', 'environment.md'), 'utf8');
    const listed = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual(variablesInSource());
  });
});
