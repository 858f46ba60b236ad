import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { FakeReleases } from '../support/fake-releases.ts';
import { writeFiles } from '../support/persona-pack.ts';
import { NEXO, runNexo, startProgram, temporaryFolder } from '../support/run-nexo.ts';
import { startStockedReleases } from '../support/stocked-releases.ts';

let fake: FakeReleases;
beforeAll(async () => {
  fake = await startStockedReleases();
});
afterAll(() => fake.close());

describe('a plugin from a release', () => {
  it('goes where the settings say, runs in the foreground, and is removed from there', async () => {
    const home = temporaryFolder('home');
    const elsewhere = join(home, 'code');
    const env = { HOME: home, NEXO_HOME: join(home, '.nexo'), NEXO_GITHUB_API_BASE: fake.base };
    writeFiles(join(env.NEXO_HOME, 'config'), {
      'plugins/discovery.yaml': `discovery:\n  search_paths: ["$HOME/code"]\n`,
    });
    const nexo = async (...args: string[]) => {
      const { code, stdout } = await runNexo(['plugin', ...args, '--json'], { env });
      return { code, answer: JSON.parse(stdout) as Record<string, unknown> };
    };
    const folder = join(elsewhere, 'clock-1.0.0');
    expect(await nexo('install', 'acme/plugin-clock')).toMatchObject({
      code: 0,
      answer: { ok: true, id: 'clock', plugin_dir: folder, lifecycle_event_emitted: true },
    });
    expect(await nexo('list')).toMatchObject({ answer: { plugins: [{ id: 'clock', plugin_dir: folder }] } });

    const child = startProgram(process.execPath, [NEXO, 'plugin', 'run', folder], { cwd: home, env });
    let told = '';
    const ended = new Promise<number | null>((resolve) => {
      child.on('close', resolve);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      if (/clock is ready/.test(told)) child.kill('SIGTERM');
    });
    expect([await ended, told]).toEqual([0, expect.stringContaining('clock was stopped')]);

    expect(await nexo('remove', 'clock')).toMatchObject({ code: 1, answer: { kind: 'NeedsYesConfirm' } });
    expect(await nexo('remove', 'clock', '--yes')).toMatchObject({ code: 0 });
    expect(existsSync(folder)).toBe(false);
  });
});
