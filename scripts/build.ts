// Builds dist/: `node scripts/build.ts [--out DIR]`. With --is-fresh it builds nothing and exits 0 when dist/ is
// what the sources would give, 1 when not.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

import { thirdPartyLicences } from './licences.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Beside dist/, not in it: dist/ is published whole. */
const cache = join(root, '.cache');
const stampFile = join(cache, 'build-stamp');
export const metafilePath = join(cache, 'metafile.json');

/** esbuild's stand-in for `require` in a module without one. CommonJS packages reach built-in modules through it. */
const REQUIRE_SHIM = 'Dynamic require of';
const REQUIRE_BANNER =
  "import{createRequire as nexoCreateRequire}from'node:module';const require=nexoCreateRequire(import.meta.url);\n";
/** What a shell starts. */
const PROGRAMS: ReadonlySet<string> = new Set(['main.js', 'agent-run.js']);
const SHEBANG = '#!/usr/bin/env node\n';

/**
 * The parts of a hook, each with all that it needs in one file: a hook stands before every tool call, and each file
 * that it loads costs more than the code in it. What only some hooks need (the shell parser, schemas, YAML) is a part
 * of its own. Packages and modules may be in several parts, so none of them keeps state that another has to see.
 */
const HOOK_PARTS = [
  'src/harness/hook-main.ts',
  'src/harness/handle-event.ts',
  'src/harness/handle-tool-use.ts',
  'src/hooks/gate/shell/describe-command.ts',
  'src/catalog/load.ts',
  'src/personas/index-packs.ts',
  'src/workspace/extensions.ts',
  'src/workspace/archive.ts',
];
/**
 * `nexo run` in one file: scripts and schedules call it again and again, and each file that it would load costs more
 * than the code in it. It is the whole program without the other commands, which it never reaches.
 */
const RUN_ENTRY = 'src/cli/run-main.ts';
const RUN_COMMAND = 'src/cli/commands/run.ts';
/** What `main.ts` loads, and where that is once it is built. */
const MAIN_PARTS = {
  'src/harness/hook-main.ts': './hook/hook-main.js',
  'src/cli/lifecycle.ts': './lifecycle.js',
  [RUN_ENTRY]: './run.js',
  'src/runner/scripted/scripted-main.ts': './scripted.js',
};

const hookParts = Object.fromEntries(
  HOOK_PARTS.map((part) => [part, `./${basename(part).replace(/\.ts$/, '.js')}`]),
);

/** Leaves modules that are loaded on demand, and are a file of their own, where they are. */
function apart(parts: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'apart',
    setup({ onResolve }) {
      onResolve({ filter: /\.ts$/ }, ({ path, kind, resolveDir }) => {
        const part = parts[relative(root, resolve(resolveDir, path)).replaceAll('\\', '/')];
        return kind === 'dynamic-import' && part !== undefined ? { path: part, external: true } : undefined;
      });
    },
  };
}

/** Leaves the commands out, all but `nexo run`. */
const otherCommandsOut: Plugin = {
  name: 'other-commands-out',
  setup({ onResolve }) {
    onResolve({ filter: /\/commands\/.*\.ts$/ }, ({ path, kind, resolveDir }) => {
      const file = relative(root, resolve(resolveDir, path)).replaceAll('\\', '/');
      return kind === 'dynamic-import' && file !== RUN_COMMAND ? { path, external: true } : undefined;
    });
  },
};

/**
 * Imports of Node's own modules become calls of `getBuiltinModule`. An import statement makes Node touch everything
 * that a module exports, and behind `node:fs` alone that is a third of the start of a hook.
 */
const builtinsByCall: Plugin = {
  name: 'builtins-by-call',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) => {
      // What is loaded on demand stays an import: it is rare, and wants its names as exports.
      if (kind === 'dynamic-import') return { path, external: true };
      return { path, namespace: kind === 'import-statement' ? 'builtin' : 'builtin-whole' };
    });
    // Name by name, so that only those are touched that are used; the bundler drops the others.
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: [
        `const builtin = ${builtinCall(path)};`,
        'const pick = (name) => builtin[name];',
        'export default builtin;',
        ...Object.keys(process.getBuiltinModule(path) ?? {})
          .filter((name) => /^[A-Za-z_]\w*$/.test(name) && name !== 'default')
          .map((name) => `export const ${name} = /* @__PURE__ */ pick(${JSON.stringify(name)});`),
      ].join('\n'),
      loader: 'js',
    }));
    onLoad({ filter: /.*/, namespace: 'builtin-whole' }, ({ path }) => ({
      contents: `module.exports = ${builtinCall(path)};`,
      loader: 'js',
    }));
  },
};

/** Old releases have no such function; main.ts tells them so before anything is used. */
function builtinCall(path: string): string {
  return `process.getBuiltinModule ? process.getBuiltinModule(${JSON.stringify(path)}) : {}`;
}

const shared = {
  absWorkingDir: root,
  bundle: true,
  outdir: 'dist',
  format: 'esm',
  platform: 'node',
  target: 'node22',
  // Its `main` is UMD, whose `require` a bundler cannot follow.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'warning',
} as const satisfies BuildOptions;

/**
 * Writes the whole of `dist/` to `outDir`: the same sources give the same bytes. The old folder is replaced in one
 * rename, so a program started meanwhile finds the old or the new build, never half of one.
 */
export async function buildDist(outDir: string): Promise<Metafile> {
  const built = await Promise.all([
    build({
      ...shared,
      entryPoints: {
        lifecycle: 'src/cli/lifecycle.ts',
        index: 'src/index.ts',
        scripted: 'src/runner/scripted/scripted-main.ts',
        'plugin-test-kit': 'src/plugins/test-kit.ts',
      },
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      plugins: [builtinsByCall],
    }),
    // Loaded by other people's programs, on whichever path they found it: one file, with all that it needs in it. Node
    // shows the line in which an error was thrown, so it has lines.
    build({ ...shared, entryPoints: ['src/helper.ts'], minifyWhitespace: false, plugins: [builtinsByCall] }),
    // The test kit is loaded by tests alone.
    build({
      ...shared,
      entryPoints: ['src/plugin.ts'],
      minifyWhitespace: false,
      plugins: [apart({ 'src/plugins/test-kit.ts': './plugin-test-kit.js' }), builtinsByCall],
    }),
    build({
      ...shared,
      entryPoints: { run: RUN_ENTRY },
      plugins: [otherCommandsOut, builtinsByCall],
    }),
    build({ ...shared, entryPoints: ['src/main.ts'], plugins: [apart(MAIN_PARTS), builtinsByCall] }),
    build({
      ...shared,
      entryPoints: ['src/agent-run.ts'],
      plugins: [apart({ 'src/main.ts': './main.js' }), builtinsByCall],
    }),
    ...HOOK_PARTS.map((part) =>
      build({
        ...shared,
        entryPoints: [part],
        outdir: 'dist/hook',
        // Short names are read faster, which is all that a hook does; nobody reads a stack trace of one.
        minifyIdentifiers: true,
        plugins: [apart(hookParts), builtinsByCall],
      }),
    ),
  ]);
  const metafile: Metafile = {
    inputs: Object.assign({}, ...built.map(({ metafile: { inputs } }) => inputs)),
    outputs: Object.assign({}, ...built.map(({ metafile: { outputs } }) => outputs)),
  };
  mkdirSync(cache, { recursive: true });
  const staging = join(cache, `dist-${process.pid}`);
  rmSync(staging, { recursive: true, force: true });
  for (const file of built.flatMap(({ outputFiles }) => outputFiles)) {
    const name = relative(join(root, 'dist'), file.path);
    const target = join(staging, name);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, finish(name, file.text));
  }
  for (const program of PROGRAMS) chmodSync(join(staging, program), 0o755);
  writeFileSync(
    join(staging, 'THIRD_PARTY_LICENSES'),
    thirdPartyLicences(root, Object.keys(metafile.inputs)),
  );
  emitTypes(join(staging, 'types'));
  replaceFolder(staging, outDir);
  return metafile;
}

/** Adds what esbuild's `banner` would put into every file to the only ones that need it. */
function finish(name: string, text: string): string {
  const body = text.includes(REQUIRE_SHIM) ? REQUIRE_BANNER + text : text;
  if (!PROGRAMS.has(name)) return body;
  return body.startsWith('#!') ? body : SHEBANG + body;
}

function emitTypes(outDir: string): void {
  const require = createRequire(import.meta.url);
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`tsc -p tsconfig.build.json ended with ${status}`);
  const published = new Set<string>();
  for (const entry of ['index.d.ts', 'helper.d.ts', 'plugin.d.ts'])
    reachableTypes(join(outDir, entry), published);
  for (const name of globSync('**/*.d.ts', { cwd: outDir })) {
    if (!published.has(join(outDir, name))) rmSync(join(outDir, name));
  }
  for (const folder of readdirSync(outDir, { withFileTypes: true, recursive: true }).reverse()) {
    const path = join(folder.parentPath, folder.name);
    if (folder.isDirectory() && readdirSync(path).length === 0) rmdirSync(path);
  }
}

/** The declarations that `file` needs. Of packages it may need none: the published package has no dependencies. */
function reachableTypes(file: string, seen: Set<string>): void {
  if (seen.has(file)) return;
  seen.add(file);
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(
    /\b(?:from|import\()\s*["']([^"']+)["']/g,
  )) {
    if (specifier.startsWith('.'))
      reachableTypes(join(dirname(file), specifier.replace(/\.[jt]s$/, '.d.ts')), seen);
    else if (!specifier.startsWith('node:')) throw new Error(`the public types need ${specifier} (${file})`);
  }
}

function replaceFolder(fresh: string, target: string): void {
  const old = join(cache, `old-${process.pid}`);
  if (existsSync(target)) renameSync(target, old);
  mkdirSync(dirname(target), { recursive: true });
  renameSync(fresh, target);
  rmSync(old, { recursive: true, force: true });
}

/** A digest of everything that the content of dist/ depends on. */
function sourcesDigest(): string {
  const hash = createHash('sha256').update(process.version);
  const patterns = ['src/**/*.ts', 'scripts/{build,licences}.ts', 'package*.json', 'tsconfig*.json'];
  for (const file of globSync(patterns, { cwd: root }).sort()) {
    if (/\.(test|prop\.test)\.ts$/.test(file)) continue;
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function isFresh(): boolean {
  return (
    existsSync(join(root, 'dist', 'main.js')) &&
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === sourcesDigest()
  );
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { out: { type: 'string' }, 'is-fresh': { type: 'boolean' } } });
  if (values['is-fresh'] === true) return isFresh() ? 0 : 1;
  // Taken before the build: a source that changes meanwhile makes this build stale, as it should.
  const digest = sourcesDigest();
  try {
    const metafile = await buildDist(resolve(values.out ?? join(root, 'dist')));
    if (values.out !== undefined) return 0;
    writeFileSync(metafilePath, JSON.stringify(metafile));
    writeFileSync(stampFile, digest);
    return 0;
  } catch (error) {
    // esbuild has printed its findings already.
    if (error instanceof Error && 'errors' in error) return 1;
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
