import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as plist from 'plist';
import { describe, expect, it } from 'vitest';

import { fakeLaunchctl, fakeSystemctl } from '../../../test/support/os-schedulers.ts';
import { newFolder } from '../../../test/support/state-project.ts';
import { runProcess } from '../../base/process.ts';
import { resolveHomePaths } from '../../home/paths.ts';
import type { ServiceManager } from './contract.ts';
import { launchdService } from './launchd.ts';
import { installService, readService, type ServiceOptions, uninstallService } from './service.ts';
import { systemdService } from './systemd.ts';

/** A home with what makes quoting hard, as a service would have it in real life; nothing here reaches the system. */
function newOptions(manager: ServiceManager, base: string): ServiceOptions {
  const paths = resolveHomePaths({ NEXO_HOME: join(base, `it's "50%" of $HOME`, '.nexo') }, base);
  return {
    paths,
    userHome: base,
    searchPath: '/opt/my tools:/usr/bin:/bin',
    manager,
    program: { node: process.execPath, file: '/opt/nexo/dist/main.js' },
    scratch: undefined,
  };
}

async function newManager(name: 'systemd' | 'launchd') {
  const base = newFolder('service-');
  const folder = join(base, 'units');
  const system = name === 'systemd' ? fakeSystemctl(folder) : fakeLaunchctl();
  const manager =
    name === 'systemd'
      ? systemdService({ folder, run: system.run })
      : await launchdService({ folder, uid: 501, run: system.run });
  return { options: newOptions(manager, base), system };
}

describe.each(['systemd', 'launchd'] as const)('the daemon as a service of %s', (name) => {
  it('is installed, found, repaired and removed', async () => {
    const { options, system } = await newManager(name);
    const { path } = options.manager;
    expect(await readService(options)).toMatchObject({ installed: false, owner: 'missing', state: null });
    const installed = await installService(options);
    expect(installed).toMatchObject({
      manager: name,
      changed: true,
      dry_run: false,
      stopped_background: false,
    });
    expect(readFileSync(path, 'utf8')).toBe(installed.file.content);
    expect(existsSync(join(options.paths.bin, 'nexo'))).toBe(true);
    expect(await readService(options)).toMatchObject({
      owner: 'ours',
      current: true,
      state: { loaded: true },
    });
    expect(await installService(options)).toMatchObject({ changed: false });
    expect(await readService({ ...options, searchPath: '/of/another/shell' })).toMatchObject({
      current: true,
    });

    // As an older version would have written it.
    writeFileSync(path, installed.file.content.replace('55', '30'));
    expect(await readService(options)).toMatchObject({ owner: 'ours', current: false });
    expect(await installService(options)).toMatchObject({ changed: true });
    expect(await readService(options)).toMatchObject({ current: true });

    expect(await uninstallService(options)).toMatchObject({ removed: path });
    expect(existsSync(path)).toBe(false);
    expect(system.loaded.size).toBe(0);
    expect(await uninstallService(options)).toMatchObject({ removed: null });
  });

  it('touches nothing in a dry run, nor in a scratch home', async () => {
    const { options, system } = await newManager(name);
    const dry = await installService({ ...options, scratch: 'it is temporary' }, { dryRun: true });
    expect(dry).toMatchObject({ dry_run: true, changed: true });
    expect(dry.commands.join()).toMatch(/enable|bootstrap/);
    await expect(installService({ ...options, scratch: 'it is temporary' })).rejects.toMatchObject({
      code: 'SERVICE_REFUSED',
      message: expect.stringContaining('it is temporary'),
    });
    expect(existsSync(dirname(options.manager.path))).toBe(false);
    expect(existsSync(options.paths.bin)).toBe(false);
    expect(system.calls).toEqual([]);
  });

  it('leaves alone what is not ours', async () => {
    const { options, system } = await newManager(name);
    mkdirSync(dirname(options.manager.path), { recursive: true });
    writeFileSync(options.manager.path, 'made by hand\n');
    expect(await readService(options)).toMatchObject({ installed: false, owner: 'foreign' });
    await expect(installService(options)).rejects.toMatchObject({ code: 'SERVICE_EXISTS' });
    await expect(uninstallService(options)).rejects.toMatchObject({ code: 'SERVICE_EXISTS' });
    expect(readFileSync(options.manager.path, 'utf8')).toBe('made by hand\n');

    const other = resolveHomePaths({ NEXO_HOME: join(options.userHome, 'other') }, options.userHome);
    writeFileSync(
      options.manager.path,
      options.manager.file({ ...options, paths: other, shim: '/x', stopSeconds: 1 }).content,
    );
    expect(await readService(options)).toMatchObject({ owner: 'other-home' });
    await expect(uninstallService(options)).rejects.toMatchObject({ code: 'SERVICE_EXISTS' });
    expect(system.calls).toEqual([]);
  });

  it('passes on what the system says when it refuses, and can be tried again', async () => {
    const { options, system } = await newManager(name);
    system.refuse(1, 'No medium found');
    await expect(installService(options)).rejects.toMatchObject({
      code: 'SERVICE_FAILED',
      message: expect.stringContaining('No medium found'),
    });
  });
});

describe('the unit for systemd', () => {
  it('is one that systemd accepts, with the words that were meant', async (context) => {
    const probe = await runProcess('systemd-analyze', ['--version'], { timeoutMs: 20_000 }).catch(
      () => undefined,
    );
    if (probe === undefined) return context.skip();
    const { options } = await newManager('systemd');
    await installService(options);
    const checked = await runProcess('systemd-analyze', ['verify', options.manager.path], {
      timeoutMs: 20_000,
    });
    expect(`${checked.stdout}${checked.stderr}`).toBe('');
    expect(checked.code).toBe(0);
  });
});

describe('the agent for launchd', () => {
  it('reads back as what was meant', async () => {
    const { options } = await newManager('launchd');
    const { file } = await installService(options, { dryRun: true });
    expect(plist.parse(file.content)).toMatchObject({
      Label: 'com.nexo.daemon',
      ProgramArguments: [join(options.paths.bin, 'nexo'), 'daemon', 'run'],
      EnvironmentVariables: { NEXO_HOME: options.paths.home, PATH: options.searchPath },
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
      ExitTimeOut: 55,
    });
  });
});
