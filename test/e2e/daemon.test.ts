import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { NEXO, type Ran, runNexo, startProgram, temporaryFolder } from '../support/run-nexo.ts';

let home: string;
let env: Record<string, string>;
const nexo = (...args: string[]): Promise<Ran> => runNexo(args, { env });
// What the program prints is checked by each test.
const json = async (...args: string[]) => JSON.parse((await nexo(...args, '--json')).stdout);

beforeEach(() => {
  home = join(temporaryFolder('home'), '.nexo');
  env = { NEXO_HOME: home };
});
afterEach(async () => {
  await nexo('daemon', 'stop', '--now');
});

/** A daemon in the foreground, once it says that it runs. */
async function foreground(...args: string[]) {
  const child = startProgram(process.execPath, [NEXO, 'daemon', 'run', ...args], { env });
  let said = '';
  const ended = new Promise<number | string | null>((resolve) =>
    child.on('exit', (code, signal) => resolve(code ?? signal)),
  );
  await new Promise<void>((resolve, reject) => {
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (/ runs;/.test(said)) resolve();
    });
    child.on('exit', () => reject(new Error(said)));
  });
  return { child, ended, said: () => said };
}

function get(url: string, path: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const sent = request(`${url}${path}`, { headers, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('nexo daemon', () => {
  it('starts in the background, is found by status, and stops', async () => {
    const started = await json('daemon', 'start');
    expect(started).toMatchObject({ running: true, ready: true, already: false, home });
    const status = await json('daemon', 'status');
    expect(status).toMatchObject({ running: true, ready: true, pid: started.pid, stopping: false });
    expect(status.version).toBe(status.program_version);
    expect(await json('daemon', 'start')).toMatchObject({ already: true, pid: started.pid });
    expect(await json('daemon', 'stop')).toEqual({ stopped: true });
    expect(await nexo('daemon', 'status')).toMatchObject({ code: 1 });
    expect(await json('daemon', 'stop')).toEqual({ stopped: false });
    expect(existsSync(join(home, 'state', 'daemon', 'daemon.sock'))).toBe(false);
    expect(existsSync(join(home, 'state', 'daemon', 'daemon.json'))).toBe(false);
  });

  it('lets nobody else in', async () => {
    await json('daemon', 'start');
    const mode = (...path: string[]): number => statSync(join(home, ...path)).mode & 0o777;
    expect(mode('state', 'daemon')).toBe(0o700);
    expect(mode('state', 'daemon', 'daemon.sock')).toBe(0o600);
    expect(mode('state', 'daemon', 'daemon.json')).toBe(0o600);
    expect(mode('logs', 'daemon.log')).toBe(0o600);
  });

  it('runs once a home: a second one is refused and names the first', async () => {
    const { child, ended } = await foreground();
    const second = await nexo('daemon', 'run');
    expect(second).toMatchObject({ code: 1 });
    expect(second.stderr).toContain(`process ${child.pid}`);
    expect(second.stderr).toContain('DAEMON_ALREADY_RUNNING');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('takes over at once behind one that was killed, whatever process has its number now', async () => {
    const first = await json('daemon', 'start');
    process.kill(first.pid, 'SIGKILL');
    const info = join(home, 'state', 'daemon', 'daemon.json');
    const stale = JSON.parse(readFileSync(info, 'utf8'));
    // As if the number of the dead daemon belonged to a process that lives.
    writeFileSync(info, JSON.stringify({ ...stale, pid: process.pid }));
    expect(await nexo('daemon', 'status')).toMatchObject({ code: 1 });
    const second = await json('daemon', 'start');
    expect(second.ready).toBe(true);
    expect(second.pid).not.toBe(first.pid);
  });

  it('is started once by many at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => json('daemon', 'start')));
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(1);
    expect(answers.filter(({ already }) => !already)).toHaveLength(1);
  });

  it('serves health, readiness and metrics to this machine alone', async () => {
    const { http } = await json('daemon', 'start');
    expect(await get(http, '/health')).toEqual({ status: 200, body: '{"status":"ok"}' });
    expect(await get(http, '/ready')).toMatchObject({ status: 200 });
    expect((await get(http, '/metrics')).body).toContain('nexo_daemon_uptime_seconds');
    expect(await get(http, '/')).toMatchObject({ status: 404 });
    expect(await get(http, '/health', {}, 'POST')).toMatchObject({ status: 405 });
    expect(await get(http, '/health', { host: 'evil.example' })).toMatchObject({ status: 403 });
    expect(await get(http, '/health', { origin: 'https://evil.example' })).toMatchObject({ status: 403 });
    const open = await nexo('daemon', 'restart', '--http', '0.0.0.0:0');
    expect(open).toMatchObject({ code: 1 });
    expect(open.stderr).toContain('HTTP_ADDRESS_REFUSED');
  });

  it('says why it does not start, and leaves nothing running', async () => {
    mkdirSync(join(home, 'config'), { recursive: true });
    writeFileSync(join(home, 'config', 'runtime.yaml'), 'daemon:\n  grace_secs: 5\n');
    const refused = await nexo('daemon', 'start');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('runtime.yaml:2');
    expect(refused.stderr).toContain('CONFIG_INVALID');
    expect(await nexo('daemon', 'status')).toMatchObject({ code: 1 });
    writeFileSync(join(home, 'config', 'runtime.yaml'), '');
    writeFileSync(
      join(home, 'state', 'nexo.db'),
      'this is no database, and long enough to be looked at twice',
    );
    const damaged = await nexo('daemon', 'start');
    expect(damaged.code).toBe(1);
    expect(damaged.stderr).toContain('DATABASE_DAMAGED');
  });

  it('reads its settings anew at SIGHUP, and keeps the old ones when the new are wrong', async () => {
    const { child, ended } = await foreground();
    const settings = join(home, 'config', 'runtime.yaml');
    const log = (): string => readFileSync(join(home, 'logs', 'daemon.log'), 'utf8');
    writeFileSync(settings, 'daemon: {grace_seconds: 1}\n');
    child.kill('SIGHUP');
    await expect.poll(log).toContain('"message":"reloaded"');
    writeFileSync(settings, 'daemon: [\n');
    child.kill('SIGHUP');
    await expect.poll(log).toContain('the old ones stay');
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });

  it('hears of a new schedule at once', async () => {
    await json('daemon', 'start');
    await nexo('scripts', 'create', 'often', '--runtime', 'shell', '--interval', '1');
    await nexo('scripts', 'reconcile');
    // By itself it would look 20 seconds after its start.
    await expect
      .poll(async () => (await json('schedules', 'list'))[0].last_run_at, { timeout: 12_000, interval: 250 })
      .not.toBeNull();
    expect(await json('daemon', 'reload')).toEqual({
      applied: ['scheduler', 'runs', 'personas', 'upkeep'],
      rejected: [],
    });
    writeFileSync(join(home, 'config', 'runtime.yaml'), 'daemon: [');
    expect(await nexo('daemon', 'reload')).toMatchObject({ code: 1 });
  });

  it('works where the path of the socket is too long for the system', async () => {
    home = join(temporaryFolder('home'), 'x'.repeat(120), '.nexo');
    env = { NEXO_HOME: home };
    expect(await json('daemon', 'start')).toMatchObject({ ready: true });
    expect(await json('daemon', 'status')).toMatchObject({ running: true });
    const { socket } = JSON.parse(readFileSync(join(home, 'state', 'daemon', 'daemon.json'), 'utf8'));
    expect(Buffer.byteLength(socket)).toBeLessThan(104);
    await json('daemon', 'stop');
    expect(existsSync(socket)).toBe(false);
  });

  it('shows its log, and follows it', async () => {
    await json('daemon', 'start');
    const { stdout } = await nexo('daemon', 'logs');
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}info {3}the daemon starts/m);
    const follow = startProgram(process.execPath, [NEXO, 'daemon', 'logs', '--follow', '--lines', '0'], {
      env,
    });
    const seen = new Promise<void>((resolve) => {
      follow.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        if (chunk.includes('the daemon')) resolve();
      });
    });
    await nexo('daemon', 'restart');
    await seen;
    follow.kill('SIGINT');
    expect(await new Promise((resolve) => follow.on('exit', resolve))).toBe(0);
    expect(await nexo('daemon', 'logs', '--follow', '--json')).toMatchObject({ code: 2 });
  });

  it('stops one that hangs', async () => {
    const { pid } = await json('daemon', 'start');
    process.kill(pid, 'SIGSTOP');
    writeFileSync(join(home, 'config', 'runtime.yaml'), 'daemon: {grace_seconds: 0}\n');
    try {
      expect(await json('daemon', 'stop', '--now')).toEqual({ stopped: true });
    } finally {
      execFileSync('kill', ['-9', String(pid)], { stdio: 'ignore' });
    }
  });
});
