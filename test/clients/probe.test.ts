import { mkdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { runNexo, temporaryFolder } from '../support/run-nexo.ts';
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
