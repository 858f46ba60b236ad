import { cpSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { NEXO, runNexo, runProgram, temporaryFolder } from '../support/run-nexo.ts';
import { installedCodex, installedOpenCode } from './clients.ts';

const NAMES = [
  'session',
  'server',
  'notice',
  'tool-log',
  'gated-session',
  'edit-refused',
  'shell-refused',
  'read-allowed',
  'file-kept',
];

describe('nexo harness probe', () => {
  it('finds both clients on PATH and sees everything work', async () => {
    const ran = await runNexo(['harness', 'probe', '--json'], {
      env: { PATH: `${bin()}${delimiter}${process.env.PATH}` },
    });
    const checks = NAMES.map((name) => ({ name, status: 'pass' }));
    expect(JSON.parse(ran.stdout)).toMatchObject({
      clients: [
        { harness: 'codex', version: '0.169.0', checks },
        { harness: 'opencode', version: '1.18.33', checks },
      ],
    });
    expect(ran.code).toBe(0);
  });

  it('turns red when what is rendered for a client is broken', async () => {
    const broken = join(temporaryFolder(), 'nexo');
    const whole = dirname(dirname(NEXO));
    for (const name of ['dist', 'assets', 'package.json'])
      cpSync(join(whole, name), join(broken, name), { recursive: true });
    // A hook under a name that the client does not know is passed over without a word.
    let replaced = 0;
    for (const name of globSync('dist/**/*.js', { cwd: broken })) {
      const text = readFileSync(join(broken, name), 'utf8');
      const changed = text
        .replaceAll('native:"PreToolUse"', 'native:"PreToolUsage"')
        .replaceAll("'tool.execute.before':", "'tool.execute.earlier':");
      replaced += changed === text ? 0 : 1;
      writeFileSync(join(broken, name), changed);
    }
    expect(replaced).toBeGreaterThan(1);
    const program = join(broken, 'dist/main.js');
    const ran = await runProgram(process.execPath, [program, 'harness', 'probe', '--json'], {
      env: { PATH: `${bin()}${delimiter}${process.env.PATH}` },
    });
    const { clients } = JSON.parse(ran.stdout) as {
      clients: { harness: string; checks: { name: string; status: string }[] }[];
    };
    const failed = clients.map(({ harness, checks }) => [
      harness,
      checks.filter(({ status }) => status === 'fail').map(({ name }) => name),
    ]);
    const gate = ['edit-refused', 'shell-refused', 'read-allowed', 'file-kept'];
    expect(failed).toEqual([
      ['codex', gate],
      ['opencode', gate],
    ]);
    expect(ran.code).toBe(1);
  });

  it('fails where no client is', async () => {
    const ran = await runNexo(['harness', 'probe'], { env: { PATH: temporaryFolder() } });
    expect(ran.stdout).toContain('codex: not found on PATH');
    expect(ran.code).toBe(1);
  });
});

function bin(): string {
  const folder = join(temporaryFolder(), 'bin');
  mkdirSync(folder);
  symlinkSync(installedCodex().program.at(-1) ?? '', join(folder, 'codex'));
  symlinkSync(installedOpenCode().program.at(-1) ?? '', join(folder, 'opencode'));
  return folder;
}
