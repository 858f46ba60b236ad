import { describe, expect, it } from 'vitest';

import { scratchReason } from './scratch.ts';

const real = {
  home: '/home/ada/.nexo',
  userHome: '/home/ada',
  accountHome: '/home/ada',
  temporaryFolder: '/tmp',
  env: {},
};

describe('scratchReason', () => {
  it('lets a home in the real account through', () => {
    expect(scratchReason(real)).toBeUndefined();
    expect(scratchReason({ ...real, home: '/srv/nexo', accountHome: undefined })).toBeUndefined();
  });

  it.each([
    ['NEXO_HOME in /tmp', { home: '/tmp/x/.nexo' }],
    ['NEXO_HOME that is /tmp itself', { home: '/tmp' }],
    [
      'HOME in a macOS temporary folder',
      { userHome: '/var/folders/zz/T/x', accountHome: '/var/folders/zz/T/x' },
    ],
    ['NEXO_HOME in the folder that TMPDIR names', { home: '/scratch/n', temporaryFolder: '/scratch' }],
    ['another HOME than the account has', { userHome: '/home/grace', home: '/home/grace/.nexo' }],
  ])('refuses %s', (_name, change) => {
    expect(scratchReason({ ...real, ...change })).toMatch(/temporary folder|not the home folder/);
  });

  it('does not take a name that only begins like a temporary folder for one', () => {
    expect(scratchReason({ ...real, home: '/tmpfiles/nexo' })).toBeUndefined();
    expect(scratchReason({ ...real, home: '/home/ada/..tmp/nexo' })).toBeUndefined();
  });

  it('goes ahead when the operator says that it is meant', () => {
    expect(
      scratchReason({ ...real, home: '/tmp/n', env: { NEXO_ALLOW_EPHEMERAL_INSTALL: '1' } }),
    ).toBeUndefined();
  });
});
