import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { olderNode } from '../support/older-node.ts';
import { runProgram, startProgram, temporaryFolder } from '../support/run-nexo.ts';

/** A stand-in for each tool that `scripts/dev.mjs` starts; the environment tells it what to do. */
const TOOLS: Record<string, string> = {
  '@biomejs/biome': `if (process.env.BIOME === 'fails') { console.log('biome found this'); process.exit(1) }`,
  typescript: '',
  knip: '',
  vitest: `
    import { writeFileSync } from 'node:fs';
    const option = (name) => process.argv.find((arg) => arg.startsWith(name + '='))?.slice(name.length + 1);
    const plan = JSON.parse(process.env.VITEST_PLAN ?? '{}')[option('--project')] ?? { passed: 2, failed: 0 };
    if (plan.hangs) { writeFileSync(plan.hangs, String(process.pid)); setInterval(() => {}, 1e6); }
    else {
      if (!plan.crashes)
        writeFileSync(option('--outputFile.json'), JSON.stringify({ numPassedTests: plan.passed, numFailedTests: plan.failed }));
      process.exitCode = plan.crashes || plan.failed ? 1 : 0;
    }`,
};

describe('scripts/dev.mjs', () => {
  let repository: string;
  const dev = (args: readonly string[], env: Record<string, string> = {}, node = process.execPath) =>
    runProgram(node, [join(repository, 'scripts', 'dev.mjs'), ...args], { cwd: repository, env });
  const plan = (value: Record<string, unknown>) => ({ VITEST_PLAN: JSON.stringify(value) });

  /** Adds a package to package.json and the lockfile, as a colleague's commit would. */
  const addDependency = async (name: string) => {
    mkdirSync(join(repository, name));
    writeFileSync(join(repository, name, 'package.json'), JSON.stringify({ name, version: '1.0.0' }));
    const args = ['install', '--save-dev', '--package-lock-only', '--offline', '--no-audit', `./${name}`];
    expect(await runProgram('npm', args, { cwd: repository })).toMatchObject({ code: 0 });
  };

  beforeAll(async () => {
    repository = temporaryFolder('repository ü');
    const put = (name: string, content: unknown) => {
      const path = join(repository, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    };
    const tools = Object.keys(TOOLS).map((name) => ({
      name,
      folder: `tools/${name.replaceAll(/\W/g, '-')}`,
    }));
    for (const { name, folder } of tools) {
      const command = name === 'typescript' ? 'tsc' : name.replace(/.*\//, '');
      put(`${folder}/package.json`, { name, version: '1.0.0', type: 'module', bin: { [command]: 'cli.js' } });
      put(`${folder}/cli.js`, TOOLS[name]);
    }
    put('toolchain/package.json', { name: 'toolchain', version: '1.0.0' });
    put('package.json', {
      name: 'repository',
      type: 'module',
      devDependencies: Object.fromEntries(tools.map(({ name, folder }) => [name, `file:${folder}`])),
    });
    put(
      'scripts/build.ts',
      `process.exitCode = process.argv.includes('--is-fresh') ? 1 : Number(process.env.BUILD ?? 0)`,
    );
    put(
      'dist/main.js',
      `console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = Number(process.env.MAIN ?? 0)`,
    );
    cpSync(
      join(import.meta.dirname, '..', '..', 'scripts', 'dev.mjs'),
      join(repository, 'scripts', 'dev.mjs'),
    );
    const locked = await runProgram('npm', ['install', '--package-lock-only', '--offline', '--no-audit'], {
      cwd: repository,
    });
    expect(locked).toMatchObject({ code: 0 });
  });

  it('installs what is missing, once, and again when the lockfile changes', async () => {
    expect((await dev(['build'])).stdout).toMatch(/✓ install .*\n✓ build/);
    expect((await dev(['build'])).stdout).not.toContain('install');
    await addDependency('first');
    expect((await dev(['build'])).stdout).toContain('✓ install');
    expect((await dev(['build'])).stdout).not.toContain('install');
    rmSync(join(repository, 'node_modules'), { recursive: true });
    expect((await dev(['build'])).stdout).toContain('✓ install');
  });

  it('does not install again what npm install has installed', async () => {
    await addDependency('second');
    const installed = await runProgram('npm', ['install', '--offline', '--no-audit'], { cwd: repository });
    expect(installed).toMatchObject({ code: 0 });
    expect((await dev(['build'])).stdout).not.toContain('install');
  });

  it('says so when the install fails, and does not take it for done', async () => {
    const manifest = join(repository, 'package.json');
    const before = readFileSync(manifest, 'utf8');
    writeFileSync(manifest, before.replace('"file:', '"file:moved/'));
    const ran = await dev(['build']);
    writeFileSync(manifest, before);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('npm ci failed, see above.');
    expect((await dev(['build'])).code).toBe(0);
  });

  it('adds up the tests of all runs and closes with one plain line', async () => {
    const ran = await dev(['test'], plan({ unit: { passed: 40, failed: 0 }, e2e: { passed: 2, failed: 0 } }));
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout.endsWith('\n42 passed, 0 failed\n')).toBe(true);
  });

  it.each([
    ['a failing test', plan({ e2e: { passed: 1, failed: 3 } }), '3 passed, 3 failed'],
    ['a crash of the test runner', plan({ unit: { crashes: true } }), '2 passed, 1 failed'],
    ['a run without tests', plan({ e2e: { passed: 0, failed: 0 } }), '2 passed, 1 failed'],
    ['a failing check', { BIOME: 'fails' }, '4 passed, 1 failed'],
    ['a failing build', { BUILD: '1' }, '2 passed, 1 failed'],
  ])('fails on %s', async (_, env, line) => {
    const ran = await dev(['test'], env);
    expect(ran.code).toBe(1);
    expect(ran.stdout.endsWith(`\n${line}\n`)).toBe(true);
  });

  it('shows what a failing step said, and nothing of the others', async () => {
    expect((await dev(['check'], { BIOME: 'fails' })).stderr).toBe('biome found this\n');
  });

  it('starts the tour, or what it is told, and ends with its exit code', async () => {
    expect((await dev(['start'])).stdout).toContain('["tour"]');
    const ran = await dev(['start', 'status', '--json'], { MAIN: '3' });
    expect(ran.stdout).toContain('["status","--json"]');
    expect(ran.code).toBe(3);
  });

  it('explains its use', async () => {
    for (const args of [[], ['tset'], ['constructor']]) {
      const ran = await dev(args);
      expect(ran.code).toBe(2);
      expect(ran.stderr).toMatch(/^usage: node scripts\/dev\.mjs start\|test\|/);
    }
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('takes its children along when %s comes', async (signal) => {
    const mark = join(temporaryFolder('mark'), 'pid');
    const child = startProgram(process.execPath, [join(repository, 'scripts', 'dev.mjs'), 'check'], {
      cwd: repository,
      env: plan({ unit: { hangs: mark } }),
    });
    await fileAt(mark);
    child.kill(signal);
    const [code] = await once(child, 'exit');
    expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(() => process.kill(Number(readFileSync(mark, 'utf8')), 0)).toThrow('ESRCH');
  });

  const old = olderNode();
  it.skipIf(old === undefined)(
    'asks for a newer Node where none is pinned (skipped where PATH has no old one)',
    async () => {
      const ran = await dev(['build'], {}, old);
      expect(ran.code).toBe(1);
      expect(ran.stderr).toMatch(
        /^No Node is pinned for \S+ and this one is v\S+: install Node 22\.13 or newer .*\n$/,
      );
    },
  );
});

async function fileAt(path: string): Promise<void> {
  const watcher = watch(dirname(path));
  try {
    while (!existsSync(path) || readFileSync(path, 'utf8') === '') await once(watcher, 'change');
  } finally {
    watcher.close();
  }
}
