import { globSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { inputsOf, runWatched, sources } from '../support/loaded-files.ts';
import { olderNode } from '../support/older-node.ts';
import { type Ran, runProgram } from '../support/run-nexo.ts';

const root = join(import.meta.dirname, '..', '..');
const dist = join(root, 'dist');

interface PackReport {
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

function scratch(name: string): string {
  return mkdtempSync(join(tmpdir(), name));
}

/** npm as it was started, or the one in PATH. */
async function npm(args: readonly string[], cwd: string): Promise<Ran> {
  const script = process.env.npm_execpath;
  const ran =
    script !== undefined && /\.c?js$/.test(script)
      ? await runProgram(process.execPath, [script, ...args], { cwd })
      : await runProgram('npm', args, { cwd });
  if (ran.code !== 0)
    throw new Error(`npm ${args.join(' ')} ended with ${ran.code}\n${ran.stdout}${ran.stderr}`);
  return ran;
}

async function pack(): Promise<{ report: PackReport; file: string }> {
  const folder = scratch('nexo-pack-');
  const { stdout } = await npm(['pack', '--json', '--pack-destination', folder], root);
  // npm 12 answers with an object by package name, earlier ones with a list.
  const [report] = Object.values(JSON.parse(stdout) as Record<string, PackReport>);
  if (report === undefined) throw new Error(stdout);
  return { report, file: join(folder, report.filename) };
}

/** Every file below a folder with its content. */
function tree(folder: string): Map<string, string> {
  const names = globSync('**', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(names.sort().map((name) => [name.slice(folder.length + 1), readFileSync(name, 'base64')]));
}

describe('the build', () => {
  it('gives the same bytes twice, wherever it is written to', async () => {
    const folders = [join(scratch('nexo-build-'), 'dist'), join(scratch('nexo build ü '), 'deeper', 'dist')];
    for (const folder of folders) {
      const ran = await runProgram(process.execPath, ['scripts/build.ts', '--out', folder], { cwd: root });
      expect(ran).toMatchObject({ code: 0 });
    }
    const [first, second] = folders.map(tree);
    expect(first?.size).toBeGreaterThan(10);
    expect([...(first ?? [])].filter(([name, content]) => second?.get(name) !== content)).toEqual([]);
    expect(second?.size).toBe(first?.size);
  });

  it('names no place of the machine it ran on', () => {
    const named = [...tree(dist)].filter(([, content]) => Buffer.from(content, 'base64').includes(root));
    expect(named.map(([name]) => name)).toEqual([]);
  });

  it('carries the licence of every package that it contains', () => {
    const licences = readFileSync(join(dist, 'THIRD_PARTY_LICENSES'), 'utf8');
    const sections = licences.split(`\n${'-'.repeat(80)}\n`).slice(1);
    expect(sections.length).toBe(bundledPackages().size);
    for (const section of sections) expect(section, section.split('\n')[0]).toMatch(/copyright|permission/i);
  });
});

describe('the package', () => {
  let packed: { report: PackReport; file: string };
  let app: string;
  const installed = (...path: string[]) => join(app, 'node_modules', '@nexo-home', 'nexo', ...path);
  const nexo = (...args: string[]) =>
    runProgram(join(app, 'node_modules', '.bin', 'nexo'), args, { cwd: app });

  beforeAll(async () => {
    packed = await pack();
    app = join(scratch('nexo-install-'), 'Meine Äpfel & co');
    mkdirSync(app);
    writeFileSync(join(app, 'package.json'), '{ "name": "app", "private": true, "type": "module" }');
    await npm(['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', packed.file], app);
  });

  it('is the same, byte for byte, when it is packed again', async () => {
    const again = await pack();
    expect(readFileSync(again.file).equals(readFileSync(packed.file))).toBe(true);
  });

  it('contains listed files only: no sources, no tests, nothing hidden', () => {
    const paths = packed.report.files.map(({ path }) => path);
    const listed =
      /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|docs\/[\w-]+\.md|assets\/.+|dist\/(main|lifecycle|run|index|helper|plugin|plugin-test-kit|scripted|agent-run)\.js|dist\/(chunks|hook)\/[\w-]+\.js|dist\/types\/.+\.d\.ts|dist\/THIRD_PARTY_LICENSES)$/;
    expect(paths.filter((path) => !listed.test(path))).toEqual([]);
    expect(paths.filter((path) => /(^|\/)\.|\.test\.|\.tgz$|node_modules/.test(path))).toEqual([]);
    for (const needed of ['dist/main.js', 'dist/index.js', 'dist/types/index.d.ts', 'README.md', 'LICENSE']) {
      expect(paths).toContain(needed);
    }
  });

  it('needs no other package and runs nothing when it is installed', () => {
    const manifest: Record<string, unknown> = JSON.parse(readFileSync(installed('package.json'), 'utf8'));
    expect(manifest).not.toHaveProperty('dependencies');
    expect(manifest).not.toHaveProperty('optionalDependencies');
    expect(
      Object.keys(manifest.scripts ?? {}).filter((name) => /install|prepare|pack|publish/.test(name)),
    ).toEqual([]);
    const neighbours = globSync('node_modules/{*,@*/*}/package.json', { cwd: app });
    expect(neighbours).toEqual([join('node_modules', '@nexo-home', 'nexo', 'package.json')]);
  });

  it('runs through the link that npm makes, in a folder with a space and an umlaut', async () => {
    if (process.platform !== 'win32')
      expect(lstatSync(join(app, 'node_modules', '.bin', 'nexo')).isSymbolicLink()).toBe(true);
    const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(await nexo('--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
    const added = await nexo('task', 'add', '--title', 'Äpfel zählen', '--context', 'c', '--json');
    expect(added).toMatchObject({ code: 0, stderr: '' });
    const status = await nexo('status', '--json');
    expect(status).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.stringify(JSON.parse(status.stdout))).toContain('Äpfel zählen');
    const file = readFileSync(join(app, '.nexus', 'state', 'tasks.json'), 'utf8');
    expect(JSON.parse(file)).toMatchObject({ tasks: [{ id: 1, title: 'Äpfel zählen' }] });
  });

  it('serves a program that imports it, and that the type checker accepts without any other package', async () => {
    writeFileSync(
      join(app, 'program.ts'),
      `import { NexoError, openWorkspace, WORKSPACE_TOOLS, type WorkspaceTool } from '@nexo-home/nexo';
       const list: WorkspaceTool | undefined = WORKSPACE_TOOLS.find(({ name }) => name === 'task_update');
       try {
         await list?.run(openWorkspace(process.cwd()), { id: 99, status: 'completed' });
       } catch (error) {
         if (error instanceof NexoError) console.log(error.code);
         // @ts-expect-error: so that a package without types cannot pass
         if (error instanceof NexoError) error.code.none();
       }`,
    );
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const options = ['--strict', '--module', 'nodenext', '--target', 'es2024', '--types', 'node', '--noEmit'];
    const typeRoots = ['--typeRoots', join(root, 'node_modules', '@types')];
    const checked = await runProgram(process.execPath, [tsc, ...options, ...typeRoots, 'program.ts'], {
      cwd: app,
    });
    expect(checked).toMatchObject({ code: 0, stdout: '' });
    const ran = await runProgram(process.execPath, ['program.ts'], { cwd: app });
    expect(ran.stdout).toBe('TASK_NOT_FOUND\n');
  });
});

describe('what a command loads', () => {
  it('is our own code only for nexo --version', async () => {
    const loaded = await loadedFiles('--version');
    expect(loaded).toContain('dist/main.js');
    expect(loaded.flatMap(inputsOf).filter((input) => input.includes('node_modules'))).toEqual([]);
  });

  it('is seen by this very check when it is not our own', async () => {
    const loaded = await loadedFiles('task', 'add', '--title', 't', '--context', 'c');
    expect(loaded.flatMap(inputsOf).filter((input) => input.includes('node_modules/zod/'))).not.toEqual([]);
  });
});

describe('an old Node', () => {
  const sentence =
    /^Nexo needs Node\.js 22\.13 or later, and this is (\d+\.\d+\.\d+) \[NODE_TOO_OLD\]\n.+\n$/;

  it.each(['18.20.0', '20.19.5', '22.12.0'])(
    'of version %s gets one sentence and exit code 1',
    async (version) => {
      const pretend = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`;
      const ran = await runProgram(process.execPath, ['--import', pretend, join(dist, 'main.js'), 'status']);
      expect(ran).toMatchObject({ code: 1, stdout: '' });
      expect(sentence.exec(ran.stderr)?.[1]).toBe(version);
    },
  );

  const old = olderNode();
  it.skipIf(old === undefined)('that is really there gets it too (skipped where PATH has none)', async () => {
    const ran = await runProgram(old ?? '', [join(dist, 'main.js'), 'status']);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(sentence);
  });
});

function bundledPackages(): Set<string> {
  const names = sources().map((input) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

/** The files that Node loads for a command, asked of Node itself; paths from the root of the repository. */
async function loadedFiles(...args: string[]): Promise<string[]> {
  const folder = scratch('nexo-loaded-');
  const { ran, loaded } = await runWatched(args, { cwd: folder });
  if (ran.code !== 0) throw new Error(ran.stderr);
  return loaded;
}
