import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';

import { bootIdentity, identifyProcess, isRunning, ownIdentity, pidOf } from './process-identity.ts';

describe('process identity', () => {
  it('names us, the same each time', () => {
    expect(ownIdentity()).toBe(identifyProcess(process.pid));
    expect(pidOf(ownIdentity())).toBe(process.pid);
    expect(isRunning(ownIdentity())).toBe(true);
  });

  it('tells a process that runs from one that has ended, before anybody has waited for it', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const identity = identifyProcess(child.pid ?? 0) ?? '';
    expect(isRunning(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isRunning(identity)).toBe(false);
  });

  it('does not take another process with the same id for it', () => {
    expect(isRunning(`${process.pid}@another-start`)).toBe(false);
    expect(isRunning(`${process.ppid}@another-start`)).toBe(false);
    expect(isRunning('nonsense')).toBe(false);
    expect(identifyProcess(2 ** 22 + 12_345)).toBeUndefined();
  });

  it('names this run of the machine', () => {
    expect(bootIdentity()).toBe(bootIdentity());
    expect(bootIdentity().length).toBeGreaterThan(8);
  });
});
