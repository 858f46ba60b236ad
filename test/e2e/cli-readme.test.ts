import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

import { git, NEXO, runProgram, temporaryFolder } from '../support/run-nexo.ts';

const repository = resolve(dirname(NEXO), '..');

function read(path: string): string {
  return readFileSync(join(repository, path), 'utf8');
}

describe('README.md', () => {
  it('shows a session with the output that it really has', async () => {
    const session = /```console\n(.*?)```/s.exec(read('README.md'))?.[1] ?? '';
    const project = join(temporaryFolder(), 'shop');
    const bin = join(temporaryFolder(), 'bin');
    for (const folder of [project, bin]) mkdirSync(folder);
    symlinkSync(NEXO, join(bin, 'nexo'));
    await git(project, 'init', '--quiet', '--initial-branch=main');
    const env = { PATH: `${bin}:${join(process.execPath, '..')}:${process.env.PATH}` };

    const steps = session.split(/^\$ /m).slice(1);
    expect(steps.length).toBeGreaterThan(5);
    for (const step of steps) {
      const [command = '', ...shown] = step.trimEnd().split('\n');
      const ran = await runProgram('sh', ['-c', command], { cwd: project, env });
      const said = ran.stdout
        .trimEnd()
        .replaceAll(project, '/home/ada/shop')
        .replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, '2026-11-21 09:30');
      expect(said, command).toBe(shown.join('\n'));
      expect(ran, command).toMatchObject({ code: 0, stderr: '' });
    }
  });

  it.each(['README.md', 'AGENTS.md', 'docs/cli.md', 'docs/environment.md'])(
    'links of %s lead somewhere',
    (page) => {
      const links = [...read(page).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target = '']) => target);
      const broken = links.filter(
        (target) => !/^https?:/.test(target) && !existsSync(join(repository, dirname(page), target)),
      );
      expect(broken).toEqual([]);
    },
  );
});
