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
      config: '/n/config',
      state: '/n/state',
      logs: '/n/logs',
      cache: '/n/cache',
    });
  });
});
