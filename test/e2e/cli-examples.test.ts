import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { allCommands } from '../../src/cli/table.ts';
import type { FakeReleases } from '../support/fake-releases.ts';
import { git, NEXO, nexoJson, runNexo, runProgram, temporaryFolder } from '../support/run-nexo.ts';
import { startStockedReleases } from '../support/stocked-releases.ts';

describe('the example in the help of', () => {
  let bin: string;
  /** A git project in which a cycle has just begun; each example gets a copy. */
  let begun: string;
  let releases: FakeReleases;
  /** An operator's folder in which packs are installed. */
  let home: string;

  beforeAll(async () => {
    begun = await beginCycle();
    releases = await startStockedReleases();
    home = temporaryFolder('home');
    const env = { NEXO_HOME: home, NEXO_GITHUB_API_BASE: releases.base };
    await nexoJson(['persona', 'install', 'acme/persona-cody@v0.1.0'], { env });
    await nexoJson(['plugin', 'install', 'acme/plugin-clock'], { env });
    bin = join(temporaryFolder('bin'), 'bin');
    mkdirSync(bin);
    symlinkSync(NEXO, join(bin, 'nexo'));
  });

  afterAll(() => releases.close());

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
    const env = {
      PATH: `${bin}:${join(process.execPath, '..')}:${rest}`,
      ...(/^(persona|plugin) /.test(path) && { NEXO_HOME: home, NEXO_GITHUB_API_BASE: releases.base }),
    };
    const ran = await runProgram('sh', ['-c', example], { cwd, env });
    const code = path === 'harness probe' ? 1 : 0;
    expect(ran, `${example}\n${ran.stdout}${ran.stderr}`).toMatchObject({ code });
  });
});

describe('the help', () => {
  it('of nexo itself lists every command that people call', async () => {
    const { stdout } = await runNexo([]);
    for (const { path, entry } of allCommands()) {
      const name = path.split(' ')[0] ?? '';
      if (entry.hidden === true) expect(stdout).not.toContain(` ${name} `);
      else expect(stdout).toMatch(new RegExp(`^  ${name} {2,}\\S`, 'm'));
    }
  });
});
