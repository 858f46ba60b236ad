import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { runProcess } from '../base/process.ts';
import { resolveHomePaths } from './paths.ts';
import { checkShim, shimPath, writeShim } from './shim.ts';

/** A folder whose name breaks whatever does not quote. */
let folder: string;
let program: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'shim-')), `it's a "home" $(x) %h é`);
  mkdirSync(folder);
  program = join(folder, 'main.js');
  writeFileSync(program, 'console.log(JSON.stringify([process.env.NEXO_HOME, ...process.argv.slice(2)]))');
});

const options = (more = {}) => ({
  paths: resolveHomePaths({ NEXO_HOME: folder }),
  node: process.execPath,
  program,
  ...more,
});
const call = (env: NodeJS.ProcessEnv = {}) =>
  runProcess(shimPath(options().paths), ['schedules', 'fire', 'a b'], {
    timeoutMs: 20_000,
    env: { PATH: '/usr/bin:/bin', HOME: folder, ...env },
  });

describe('the shim', () => {
  it('starts the program of this home with its arguments, wherever it lies', async () => {
    expect(writeShim(options())).toBe(true);
    expect(JSON.parse((await call()).stdout)).toEqual([folder, 'schedules', 'fire', 'a b']);
    expect(statSync(shimPath(options().paths)).mode & 0o777).toBe(0o755);
  });

  it('is written again only when something has moved', () => {
    expect(checkShim(options()).state).toBe('missing');
    writeShim(options());
    expect(writeShim(options())).toBe(false);
    expect(checkShim(options({ node: '/elsewhere/node' })).state).toBe('stale');
    expect(writeShim(options({ node: '/elsewhere/node' }))).toBe(true);
  });

  it('finds another Node when its own is gone', async () => {
    writeShim(options({ node: join(folder, 'gone', 'node') }));
    const bin = join(folder, '.nvm', 'versions', 'node', 'v24.0.0', 'bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(process.execPath, join(bin, 'node'));
    const ran = await call({ PATH: `${join(folder, 'nothing')}:/bin` });
    expect(ran.stderr + ran.stdout).toContain('"schedules","fire","a b"');
  });

  it('finds the program again after an update has put it beside another Node', async () => {
    const prefix = join(folder, 'prefix');
    mkdirSync(join(prefix, 'bin'), { recursive: true });
    symlinkSync(process.execPath, join(prefix, 'bin', 'node'));
    const dist = join(prefix, 'lib', 'node_modules', '@nexo-home', 'nexo', 'dist');
    mkdirSync(dist, { recursive: true });
    copyFileSync(program, join(dist, 'main.js'));
    writeShim(options({ node: join(prefix, 'bin', 'node') }));
    rmSync(program);
    expect((await call()).stdout).toContain('"schedules"');
  });

  it('says what to do when there is nothing to be found', async () => {
    writeShim(options({ program: join(folder, 'gone.js') }));
    const ran = await call();
    expect(ran.code).toBe(127);
    expect(ran.stderr).toContain('nexo scripts reconcile');
  });

  it('leaves a file alone that is not ours', () => {
    mkdirSync(options().paths.bin);
    writeFileSync(shimPath(options().paths), '#!/bin/sh\n');
    expect(() => writeShim(options())).toThrow('is not ours');
  });
});
