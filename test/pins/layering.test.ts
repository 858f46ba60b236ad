import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const source = join(import.meta.dirname, '..', '..', 'src');

/** What lies directly in src/ and may be used by everything, as `base/` may. */
const FREE = ['errors.ts', 'version.ts', 'base'];

/** Folder → the folders it may import besides `FREE`; types follow the same rule. `*` is anything. */
const ALLOWED: Record<string, readonly string[]> = {
  base: [],
  home: [],
  workspace: [],
  broker: [],
  // Packs that are installed are a layer of the catalog, so that every door sees their agents.
  catalog: ['home', 'personas'],
  personas: ['home'],
  // A plugin may come with a companion script, and is linked to the library as scripts are.
  plugins: ['home', 'automation'],
  hooks: ['workspace'],
  // The hook door opens the workspace that the hooks decide about.
  harness: ['hooks', 'catalog', 'workspace'],
  helper: [],
  // Owners of tasks come from the catalog, and what they do without a harness of their own is asked of the gate.
  runner: ['home', 'workspace', 'harness', 'catalog', 'hooks'],
  automation: ['home', 'runner'],
  skills: ['home', 'automation'],
  // A tool is a door as a command is: `nexo_doctor` reaches the doctor, and a changed schedule the daemon.
  mcp: [
    'home',
    'workspace',
    'catalog',
    'skills',
    'plugins',
    'runner',
    'automation',
    'personas',
    'advise',
    'doctor',
    'daemon',
  ],
  // Once a day it lets skills decay that nobody uses.
  daemon: ['home', 'automation', 'skills', 'broker', 'plugins', 'personas', 'runner', 'workspace'],
  advise: ['home', 'skills', 'plugins', 'automation'],
  doctor: [
    'base',
    'home',
    'workspace',
    'catalog',
    'harness',
    'hooks',
    'skills',
    'plugins',
    'automation',
    'personas',
    'daemon',
    'broker',
    'runner',
    'advise',
  ],
  conformance: ['*'],
  cli: ['*'],
};

/** The files in src/ itself. `main.ts` reaches the commands through `import()` only. */
const ALLOWED_ROOT: Record<string, readonly string[]> = {
  'errors.ts': [],
  'version.ts': [],
  'main.ts': ['home', 'version.ts', 'lazy harness', 'lazy runner', 'lazy cli'],
  'agent-run.ts': ['lazy main.ts'],
  // What personal scripts import: it talks to the program and knows nothing of its insides.
  'helper.ts': ['helper'],
  'index.ts': ['errors.ts', 'version.ts', 'base', 'workspace', 'conformance'],
  // Types for authors; the test kit loads the real host, and only when asked.
  'plugin.ts': ['lazy plugins'],
};

interface FolderImport {
  readonly file: string;
  readonly from: string;
  /** A folder of src/, a file in src/ itself, or the package's name. */
  readonly to: string;
  readonly lazy: boolean;
  readonly isPackage: boolean;
}

const files = globSync('**/*.ts', { cwd: source }).sort();
const imports = files.flatMap(importsOf);
/** Unit tests may also use test/support, and whatever package they like. */
const ours = imports.filter(({ isPackage }) => !isPackage).filter(({ to }) => to !== '../test');

function importsOf(file: string): FolderImport[] {
  const text = withoutComments(readFileSync(join(source, file), 'utf8'));
  const found = text.matchAll(
    /(?:\bfrom\s+|\bimport\s+|\bimport(?<lazy>\s*\(\s*))(['"])(?<specifier>[^'"\n]+)\2/g,
  );
  return [...found].map(({ groups }) => {
    const specifier = groups?.specifier ?? '';
    const isPackage = !specifier.startsWith('.');
    const to = isPackage ? specifier : folderOf(normalize(join(dirname(file), specifier)));
    return { file, from: folderOf(file), to, lazy: groups?.lazy !== undefined, isPackage };
  });
}

function folderOf(path: string): string {
  const parts = path.split(sep);
  return parts[0] === '..' ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

function withoutComments(text: string): string {
  return text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
}

function isAllowed({ from, to, lazy }: FolderImport): boolean {
  if (to === from) return true;
  const rootRule = ALLOWED_ROOT[from];
  if (rootRule !== undefined) return rootRule.includes(to) || (lazy && rootRule.includes(`lazy ${to}`));
  if (from === 'base') return to === 'errors.ts';
  if (FREE.includes(to)) return true;
  const rule = ALLOWED[from] ?? [];
  return rule.includes(to) || (rule.includes('*') && Object.hasOwn(ALLOWED, to));
}

describe('layering', () => {
  it('finds the imports at all', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(ours.length).toBeGreaterThan(100);
    expect(ours.some(({ lazy }) => lazy)).toBe(true);
  });

  it('knows every folder and file of src/', () => {
    const known = [...Object.keys(ALLOWED), ...Object.keys(ALLOWED_ROOT)];
    const unknown = new Set(files.map(folderOf).filter((name) => !known.includes(name)));
    expect([...unknown]).toEqual([]);
  });

  it('lets every file import only what its folder may', () => {
    const forbidden = ours.filter((each) => !isAllowed(each)).map(({ file, to }) => `${file} imports ${to}`);
    expect(forbidden).toEqual([]);
  });

  it('has no cycle between folders', () => {
    expect(cycleIn(edges(ours))).toBeUndefined();
  });

  it('keeps tests out of the program', () => {
    const leaks = imports.filter(({ file }) => !file.endsWith('.test.ts') && !file.endsWith('.prop.test.ts'));
    expect(leaks.filter(({ to }) => to === '../test' || to === 'vitest' || to === 'fast-check')).toEqual([]);
  });

  it('writes built-in modules with node: and its own with their extension', () => {
    const specifiers = files.flatMap((file) => {
      const text = withoutComments(readFileSync(join(source, file), 'utf8'));
      return [...text.matchAll(/\bfrom\s+'(\.[^']*)'/g)].map((match) => `${file}: ${match[1]}`);
    });
    expect(specifiers.filter((each) => !/\.(ts|json)$/.test(each))).toEqual([]);
  });
});

describe('the check itself', () => {
  it('refuses what goes upward, sideways or out of base/', () => {
    const edge = (from: string, to: string, lazy = false) =>
      isAllowed({ file: 'x.ts', from, to, lazy, isPackage: false });
    expect(edge('hooks', 'workspace')).toBe(true);
    expect(edge('workspace', 'hooks')).toBe(false);
    expect(edge('workspace', 'home')).toBe(false);
    expect(edge('base', 'workspace')).toBe(false);
    expect(edge('base', 'version.ts')).toBe(false);
    expect(edge('workspace', 'errors.ts')).toBe(true);
    expect(edge('workspace', 'index.ts')).toBe(false);
    expect(edge('main.ts', 'cli')).toBe(false);
    expect(edge('main.ts', 'cli', true)).toBe(true);
    expect(edge('cli', 'mcp')).toBe(true);
    expect(edge('cli', 'main.ts')).toBe(false);
  });

  it('finds a cycle', () => {
    const graph = new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['c'])],
      ['c', new Set(['b'])],
    ]);
    expect(cycleIn(graph)).toEqual(['b', 'c', 'b']);
  });
});

function edges(all: readonly FolderImport[]): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>();
  for (const { from, to } of all) {
    if (from !== to) graph.set(from, (graph.get(from) ?? new Set()).add(to));
  }
  return graph;
}

function cycleIn(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const search = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of graph.get(node) ?? []) {
      const cycle = search(next, [...path, node]);
      if (cycle !== undefined) return cycle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const cycle = search(node, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
