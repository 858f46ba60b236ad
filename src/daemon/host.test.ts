import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import { doctorWorld, runCheck } from '../../test/support/run-check.ts';
import { newFolder } from '../../test/support/state-project.ts';
import { putSchedule, type ScheduleSpec } from '../automation/schedules/store.ts';
import { bootIdentity } from '../base/process-identity.ts';
import { openHomeDatabase } from '../home/database.ts';
import { writeShim } from '../home/shim.ts';
import { DAEMON_CHECKS } from './checks.ts';
import { callDaemon } from './client.ts';
import { type DaemonEnd, runDaemon } from './host.ts';
import { readDaemonState, stopDaemon } from './launch.ts';
import type { DaemonPart } from './part.ts';
import { daemonPaths } from './paths.ts';
import { reloadDaemon, tellScheduler } from './reload.ts';

let stop = new AbortController();
let ended: Promise<DaemonEnd> | undefined;
afterEach(async () => {
  stop.abort();
  await ended?.catch(() => {});
  stop = new AbortController();
});

const newWorld = () => doctorWorld(join(newFolder('daemon-'), '.nexo'));

/** A daemon in this process, once it answers. */
async function start(
  { paths, env }: ReturnType<typeof newWorld>,
  parts: readonly DaemonPart[] = [],
  version = '9.9.9',
) {
  const notes: string[] = [];
  ended = runDaemon({
    paths,
    env,
    userHome: paths.home,
    version,
    program: { node: process.execPath, file: 'nexo' },
    parts,
    signal: stop.signal,
    note: (line) => notes.push(line),
  });
  await expect.poll(async () => (await readDaemonState(paths)).running && notes.length > 0).toBe(true);
  return daemonPaths(paths);
}

/** A part that works until it is told to stop, and notes with what grace. */
function worker(name: string, graces: number[] = []): DaemonPart {
  return {
    name,
    start: async () => ({ ready: Promise.resolve(), stop: async (ms) => void graces.push(ms) }),
  };
}

describe('the host', () => {
  it('is ready when all its parts are, and stops them with the grace that was asked for', async () => {
    const world = newWorld();
    const graces: number[] = [];
    const held = Promise.withResolvers<void>();
    const slow: DaemonPart = {
      name: 'slow',
      start: async () => ({ ready: held.promise, stop: async () => {} }),
    };
    await start(world, [worker('quick', graces), slow]);
    expect(await readDaemonState(world.paths)).toMatchObject({ ready: false });
    held.resolve();
    await expect.poll(() => readDaemonState(world.paths)).toMatchObject({ ready: true });
    expect(await stopDaemon({ paths: world.paths, graceMs: 1234 })).toBe(true);
    expect(await ended).toEqual({ reason: 'request', clean: true });
    expect(graces).toEqual([1234]);
  });

  it('goes on when a part fails, and says which', async () => {
    const world = newWorld();
    const broken: DaemonPart = { name: 'broken', start: () => Promise.reject(new Error('no such port')) };
    await start(world, [worker('fine'), broken]);
    await expect
      .poll(() => readDaemonState(world.paths))
      .toMatchObject({
        ready: false,
        parts: [
          { name: 'fine', ready: true },
          { name: 'broken', ready: false, detail: 'failed: no such port' },
        ],
      });
    expect(await runCheck(DAEMON_CHECKS, 'runtime.daemon', world)).toMatchObject({
      status: 'critical',
      evidence: expect.arrayContaining(['broken: failed: no such port']),
    });
  });

  it('says at a reload which part kept what it had', async () => {
    const world = newWorld();
    const reloads: string[] = [];
    const part = (name: string, reload: () => Promise<void>): DaemonPart => ({
      name,
      start: async () => ({ ready: Promise.resolve(), stop: async () => {}, reload }),
    });
    const daemon = await start(world, [
      part('good', async () => void reloads.push('good')),
      part('bad', () => Promise.reject(new Error('no'))),
    ]);
    await expect.poll(() => readDaemonState(world.paths)).toMatchObject({ ready: true });
    expect(await callDaemon(daemon, 'reload')).toEqual({
      applied: ['good'],
      rejected: [{ part: 'bad', reason: 'no' }],
    });
  });

  it('has one part look anew when that is asked for, whatever the settings have become', async () => {
    const world = newWorld();
    const looked: string[] = [];
    const part = (name: string): DaemonPart => ({
      name,
      start: async () => ({
        ready: Promise.resolve(),
        stop: async () => {},
        reload: async () => void looked.push(name),
      }),
    });
    await start(world, [part('scheduler'), part('other')]);
    await expect.poll(() => readDaemonState(world.paths)).toMatchObject({ ready: true });
    writeFileSync(join(world.paths.config, 'runtime.yaml'), 'daemon: [');
    await tellScheduler(world.paths);
    expect(looked).toEqual(['scheduler']);
    await expect(reloadDaemon(world.paths)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(looked).toEqual(['scheduler']);
  });

  it('ends when its lock is taken from it', async () => {
    const world = newWorld();
    const daemon = await start(world);
    const { rmSync } = await import('node:fs');
    rmSync(daemon.lock);
    expect(await ended).toMatchObject({ reason: 'replaced' });
  });
});

describe('the checks of the daemon', () => {
  const spec: ScheduleSpec = {
    cronId: 'x',
    name: 'x',
    scriptPath: '/x',
    description: '',
    source: 'added',
    backend: 'builtin',
    timing: { kind: 'interval', seconds: 3600 },
    recoveryPolicy: 'none',
    runOnBoot: false,
    runOnWake: false,
    idempotent: false,
    maxCatchupAge: 0,
    timeoutSeconds: null,
  };

  async function put(world: ReturnType<typeof newWorld>, more: Partial<ScheduleSpec> = {}): Promise<void> {
    const database = await openHomeDatabase(world.paths);
    putSchedule(database, { ...spec, ...more }, { now: Date.now(), boot: bootIdentity(), nextDueAt: null });
    database.close();
  }

  it('miss one only when something waits for it', async () => {
    const world = newWorld();
    expect(await runCheck(DAEMON_CHECKS, 'runtime.daemon', world)).toMatchObject({ status: 'healthy' });
    await put(world);
    expect(await runCheck(DAEMON_CHECKS, 'runtime.daemon', world)).toMatchObject({ status: 'critical' });
  });

  it('name one of another version', async () => {
    const world = newWorld();
    await start(world, [worker('fine')], '0.0.1');
    await expect.poll(() => readDaemonState(world.paths)).toMatchObject({ ready: true });
    expect(await runCheck(DAEMON_CHECKS, 'runtime.daemon', world)).toMatchObject({
      status: 'degraded',
      evidence: [expect.stringContaining('0.0.1')],
    });
  });

  it('miss the way into the program once timers need it', async () => {
    const world = newWorld();
    const check = (fix = false) => runCheck(DAEMON_CHECKS, 'boot.wrapper_scripts', world, fix);
    expect(await check()).toMatchObject({ status: 'healthy' });
    await put(world, { backend: 'systemd' });
    expect(await check()).toMatchObject({ status: 'critical' });
    writeShim({ paths: world.paths, node: process.execPath, program: '/elsewhere/main.js' });
    expect(await check()).toMatchObject({ status: 'degraded' });
    expect(await check(true)).toMatchObject({ status: 'healthy', fixed: true });
    rmSync(world.paths.bin, { recursive: true });
    expect(await check(true)).toMatchObject({ status: 'healthy', fixed: true });
    expect(await check(true)).toMatchObject({ status: 'healthy', fixed: false });
    writeFileSync(join(world.paths.bin, 'nexo'), '#!/bin/sh\n# of somebody else\n');
    expect(await check(true)).toMatchObject({ status: 'degraded', fixed: false });
  });
});
