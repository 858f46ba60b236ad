import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { resolveHomePaths } from './paths.ts';

describe('resolveHomePaths', () => {
  it('defaults to .nexo in the home folder', () => {
    expect(resolveHomePaths({}, '/home/ada').home).toBe('/home/ada/.nexo');
  });

  it.each([
    ['an absolute folder', '/srv/nexo', '/srv/nexo'],
    ['a tilde, which no shell has expanded', '~/work/nexo', '/home/ada/work/nexo'],
    ['a lone tilde', '~', '/home/ada'],
    ['a relative folder, from the working directory', 'scratch', join(process.cwd(), 'scratch')],
    ['nothing but blanks, which counts as unset', '  ', '/home/ada/.nexo'],
  ])('reads %s from NEXO_HOME', (_name, value, expected) => {
    expect(resolveHomePaths({ NEXO_HOME: value }, '/home/ada').home).toBe(expected);
  });

  it('keeps every folder inside the home', () => {
    expect(resolveHomePaths({ NEXO_HOME: '/n' }, '/home/ada')).toEqual({
      home: '/n',
      personal: '/n/personal',
      scripts: '/n/personal/scripts',
      skills: '/n/personal/skills',
      plugins: '/n/personal/plugins',
      brain: '/n/personal/brain',
      config: '/n/config',
      state: '/n/state',
      database: '/n/state/nexo.db',
      backups: '/n/state/backups',
      personas: '/n/state/personas',
      skillsRuntime: '/n/skills-runtime',
      bin: '/n/bin',
      logs: '/n/logs',
      cache: '/n/cache',
    });
  });

  it('takes the settings from NEXO_CONFIG_DIR', () => {
    expect(resolveHomePaths({ NEXO_HOME: '/n', NEXO_CONFIG_DIR: '~/etc' }, '/home/ada').config).toBe(
      '/home/ada/etc',
    );
  });
});
