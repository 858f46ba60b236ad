import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { allCommands } from '../../src/cli/table.ts';
import type { FakeReleases } from '../support/fake-releases.ts';
import {
  git,
  NEXO,
  nexoJson,
  type RunOptions,
  runNexo,
  runProgram,
  startProgram,
  temporaryFolder,
} from '../support/run-nexo.ts';
import { startStockedReleases } from '../support/stocked-releases.ts';

describe('the example in the help of', () => {
  let bin: string;
  /** A git project in which a cycle has just begun; each example gets a copy. */
  let begun: string;
  let releases: FakeReleases;
  /** An operator's folder in which packs are installed. */
  let home: string;
  /** An operator's folder with one script and one plugin; each example gets a copy. */
  let scripts: string;
  /** An operator's folder in which an agent has run once. */
  let runs: string;

  beforeAll(async () => {
    begun = await beginCycle();
    releases = await startStockedReleases();
    home = temporaryFolder('home');
    const env = { NEXO_HOME: home, NEXO_GITHUB_API_BASE: releases.base };
    await nexoJson(['persona', 'install', 'acme/persona-cody@v0.1.0'], { env });
    await nexoJson(['plugin', 'install', 'acme/plugin-clock'], { env });
    scripts = temporaryFolder('home');
    await nexoJson(['scripts', 'create', 'morning-report'], { env: { NEXO_HOME: scripts } });
    await nexoJson(['plugins', 'create', 'crm-bridge'], { env: { NEXO_HOME: scripts } });
    runs = temporaryFolder('home');
    const hello = ['--caller', 'personal/hello', '--backend', 'scripted', '--prompt', 'hello'];
    await nexoJson(['run', ...hello], { env: { NEXO_HOME: runs } });
    bin = join(temporaryFolder('bin'), 'bin');
    mkdirSync(bin);
    symlinkSync(NEXO, join(bin, 'nexo'));
  });

  afterAll(() => releases.close());

  function scriptsHome(path: string): string {
    const copy = temporaryFolder('home');
    if (!/^(scripts|plugins) create$/.test(path))
      cpSync(scripts, copy, { recursive: true, verbatimSymlinks: true });
    return copy;
  }

  async function beginCycle(): Promise<string> {
    const cwd = temporaryFolder();
    await git(cwd, 'init', '--quiet');
    await git(cwd, 'commit', '--quiet', '--allow-empty', '--message', 'first');
    await nexoJson(['plan', 'start', '--topic', 'T', '--issue', 'One', '--research-summary', 'r'], { cwd });
    await nexoJson(['task', 'add', '--title', 'First', '--context', 'c'], { cwd });
    for (const name of ['base', 'ours', 'theirs'])
      writeFileSync(join(cwd, `${name}.json`), '{"cycles":[]}\n');
    return cwd;
  }

  it.each(allCommands().map(({ path }) => [path] as const))('nexo %s works as it stands', async (path) => {
    const cwd = temporaryFolder();
    cpSync(begun, cwd, { recursive: true });
    const help = await nexoJson([...path.split(' '), '--help'], { cwd });
    const example = (help as { help: string }).help.split('\nExample:\n')[1] ?? '';
    // Without the clients that a person may have: probing those is the business of the client tests.
    const rest = path === 'harness probe' ? '/usr/bin:/bin' : process.env.PATH;
    const env: Record<string, string> = {
      PATH: `${bin}:${join(process.execPath, '..')}:${rest}`,
      ...(/^(persona|plugin) /.test(path) && { NEXO_HOME: home, NEXO_GITHUB_API_BASE: releases.base }),
      ...(/^(scripts|schedules|plugins|artifacts verify)\b/.test(path) && { NEXO_HOME: scriptsHome(path) }),
      ...(/^(runs?|backends|tiers|preferences|plan execute)\b/.test(path) && { NEXO_HOME: runs }),
      ...(path.startsWith('daemon') && { NEXO_HOME: join(temporaryFolder('home'), '.nexo') }),
    };
    if (path === 'schedules remove' || path === 'schedules fire')
      await nexoJson(['schedules', 'add', 'morning-report', '--schedule', '09:00'], { env });
    if (/^persona (verify|pack|run)$/.test(path)) {
      await nexoJson(['persona', 'init', 'my-persona'], { cwd });
      env.NEXO_HOME = join(temporaryFolder('home'), '.nexo');
    }
    if (path === 'plugin run')
      cpSync(join(home, 'state', 'plugins', 'clock-1.0.0'), join(cwd, 'my-plugin'), { recursive: true });
    if (/^(daemon|daemon run|persona run|plugin run)$/.test(path))
      return runsUntilStopped(example, { cwd, env });
    const ran = await runProgram('sh', ['-c', example], { cwd, env });
    const code = path === 'harness probe' ? 1 : 0;
    expect(ran, `${example}\n${ran.stdout}${ran.stderr}`).toMatchObject({ code });
  });

  /** What runs until it is told to stop is told so once it says that it runs. */
  async function runsUntilStopped(example: string, options: RunOptions): Promise<void> {
    const child = startProgram('sh', ['-c', `exec ${example}`], options);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (/ runs;| is ready;/.test(said)) child.kill('SIGTERM');
    });
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect(code, said).toBe(0);
  }
});

describe('the help', () => {
  it('of nexo itself lists every command that people call', async () => {
    const { stdout } = await runNexo([]);
    for (const { path, entry } of allCommands()) {
      const name = path.split(' ')[0] ?? '';
      // Of a group only the name is listed, whatever its verbs are.
      if (entry.hidden === true && !path.includes(' ')) expect(stdout).not.toContain(` ${name} `);
      else expect(stdout).toMatch(new RegExp(`^  ${name} {2,}\\S`, 'm'));
    }
  });
});
