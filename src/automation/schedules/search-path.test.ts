import { describe, expect, it } from 'vitest';

import { captureSearchPath } from './search-path.ts';

const BIN = '/home/ada/.nexo/bin';
const capture = (folders: readonly string[], bin = BIN) =>
  captureSearchPath(folders.join(':'), bin, '/scratch');

describe('the PATH of jobs', () => {
  it('is that of the shell, behind the shim and before what every job may count on', () => {
    expect(capture(['/home/ada/.local/bin', '/usr/bin'])).toBe(
      `${BIN}:/home/ada/.local/bin:/usr/bin:/usr/local/bin:/bin`,
    );
    expect(captureSearchPath(undefined, BIN, '/scratch')).toBe(`${BIN}:/usr/local/bin:/usr/bin:/bin`);
  });

  it('leaves out what npm, npx and a package script put in front of it', () => {
    const path = capture([
      '/home/ada/work/node_modules/.bin',
      '/home/ada/node_modules/.bin/',
      '/home/ada/.npm/_npx/ab12/node_modules/.bin',
      '/usr/lib/node_modules/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin',
      '/opt/node/bin',
    ]);
    expect(path).toBe(`${BIN}:/opt/node/bin:/usr/local/bin:/usr/bin:/bin`);
  });

  it('leaves out temporary folders, whose programs are gone when a timer fires', () => {
    expect(capture(['/tmp/yarn--17/bin', '/scratch/x', '/var/folders/zz/T/bin', '/opt/bin'])).toBe(
      `${BIN}:/opt/bin:/usr/local/bin:/usr/bin:/bin`,
    );
  });

  it('keeps temporary folders for a home that is in one itself', () => {
    expect(capture(['/tmp/fakes'], '/tmp/home/bin')).toBe(
      '/tmp/home/bin:/tmp/fakes:/usr/local/bin:/usr/bin:/bin',
    );
  });

  it('takes no relative folder, no empty one and none with a line break', () => {
    expect(capture(['', '.', 'bin', '/opt/a\nb', '/opt/x/', '/opt/x'])).toBe(
      `${BIN}:/opt/x:/usr/local/bin:/usr/bin:/bin`,
    );
  });
});
