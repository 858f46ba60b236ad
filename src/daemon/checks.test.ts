import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { fakeSystemctl } from '../../test/support/os-schedulers.ts';
import { doctorWorld, runCheck } from '../../test/support/run-check.ts';
import { newFolder } from '../../test/support/state-project.ts';
import { DAEMON_CHECKS } from './checks.ts';
import { serviceOptions } from './service/options.ts';
import { installService } from './service/service.ts';

/** A home whose systemd is a fake; the real one is never asked. */
function newWorld() {
  const base = newFolder('service-check-');
  const systemctl = fakeSystemctl(join(base, '.config', 'systemd', 'user'));
  const env = {
    PATH: '/usr/bin:/bin',
    XDG_CONFIG_HOME: join(base, '.config'),
    NEXO_ALLOW_EPHEMERAL_INSTALL: '1',
  };
  const world = { ...doctorWorld(join(base, '.nexo')), env, userHome: base, run: systemctl.run };
  const options = () => serviceOptions({ ...world, signal: AbortSignal.timeout(10_000) });
  return { world, systemctl, options, check: () => runCheck(DAEMON_CHECKS, 'runtime.service', world) };
}

describe.skipIf(process.platform !== 'linux')('the service of the daemon', () => {
  it('is nobody’s business where it is not installed, or is that of another home', async () => {
    const { check, options } = newWorld();
    expect(await check()).toMatchObject({
      status: 'healthy',
      summary: expect.stringContaining('not installed'),
    });
    const here = await options();
    await installService(here);
    const text = readFileSync(here.manager.path, 'utf8');
    writeFileSync(here.manager.path, text.replaceAll(here.paths.home, '/home/somebody/.nexo'));
    expect(await check()).toMatchObject({
      status: 'healthy',
      summary: expect.stringContaining('not of this home'),
    });
  });

  it('is healthy as it was installed, and degraded once its file says something else', async () => {
    const { check, options } = newWorld();
    const here = await options();
    const { file } = await installService(here);
    expect(await check()).toMatchObject({
      status: 'healthy',
      summary: 'The daemon is a service of systemd.',
    });
    writeFileSync(here.manager.path, file.content.replace('55', '30'));
    expect(await check()).toMatchObject({ status: 'degraded', evidence: [here.manager.path] });
    await installService(here);
    expect(await check()).toMatchObject({ status: 'healthy' });
    rmSync(here.manager.path);
    expect(await check()).toMatchObject({
      status: 'healthy',
      summary: expect.stringContaining('not installed'),
    });
  });

  it('is critical when the system has not loaded it', async () => {
    const { check, options, systemctl } = newWorld();
    await installService(await options());
    systemctl.loaded.clear();
    expect(await check()).toMatchObject({
      status: 'critical',
      repair_plan: ['nexo service install loads it again.'],
    });
  });
});
