import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { createRunHome } from '../../test/support/run-home.ts';
import { runsFolder } from './event-file.ts';
import {
  claimQueuedRun,
  enqueueRun,
  releaseClaim,
  removeSpentRequests,
  renewClaim,
  runClaimed,
} from './queue.ts';
import { openRunRecords } from './records/best-effort.ts';
import type { RunRow } from './records/run-row.ts';
import type { RunWorld } from './request.ts';
import { runAutomationPrompt } from './run.ts';

/** A world whose clock is moved by hand. */
function createQueue() {
  const { world } = createRunHome();
  let now = Date.parse('2026-11-21T08:00:00.000Z');
  const own: RunWorld = { ...world, clock: { now: () => now } };
  return {
    world: own,
    pass: (ms: number) => {
      now += ms;
    },
    add: (prompt = 'A prompt about the blue whale.') =>
      enqueueRun({ caller: 'personal/queue', backend: 'scripted', prompt }, own),
    claim: (worker: string) => claimQueuedRun(own, { worker, leaseMs: 1000 }),
    row: async (id: string): Promise<RunRow> => {
      const records = await openRunRecords(own);
      try {
        return records.find(id);
      } finally {
        records.close();
      }
    },
  };
}

describe('the queue of runs', () => {
  it('gives each run to one worker, the oldest first', async () => {
    const { add, claim, pass } = createQueue();
    const first = await add();
    pass(1);
    const second = await add();
    const claims = await Promise.all(['a', 'b', 'c'].map(claim));
    expect(claims.map((claimed) => claimed?.id).sort()).toEqual([first.id, second.id, undefined].sort());
  });

  it('keeps what is asked for out of the database, and only until it is done', async () => {
    const { world, add, claim, row } = createQueue();
    const { id } = await add();
    const file = join(runsFolder(world.paths), id, 'request.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const part of ['', '-wal']) {
      const path = `${world.paths.database}${part}`;
      if (existsSync(path)) expect(readFileSync(path, 'latin1')).not.toContain('blue whale');
    }
    expect(await row(id)).toMatchObject({ status: 'queued', promptChars: 30 });
    const claimed = await claim('a');
    if (claimed === undefined) throw new Error('nothing was claimed');
    expect(await runClaimed(claimed, world)).toMatchObject({ id, status: 'ok' });
    expect(existsSync(file)).toBe(false);
    expect(await row(id)).toMatchObject({
      status: 'ok',
      reason: 'completed',
      claimedBy: 'a',
      backend: 'scripted',
    });
    expect(readFileSync(join(runsFolder(world.paths), id, 'answer.txt'), 'utf8')).toBe(
      'A prompt about the blue whale.',
    );
  });

  it('gives a run to somebody else when a claim runs out, is given back, or is not renewed', async () => {
    const { world, add, claim, pass } = createQueue();
    const { id } = await add();
    expect((await claim('a'))?.id).toBe(id);
    expect(await claim('b')).toBeUndefined();
    pass(900);
    expect(await renewClaim(world, { id, worker: 'a' }, 1000)).toBe(true);
    pass(900);
    expect(await claim('b')).toBeUndefined();
    pass(200);
    expect((await claim('b'))?.id).toBe(id);
    expect(await renewClaim(world, { id, worker: 'a' }, 1000)).toBe(false);
    await releaseClaim(world, { id, worker: 'b' });
    expect((await claim('c'))?.id).toBe(id);
  });

  it('gives a run up whose workers die of it', async () => {
    const { add, claim, pass, row } = createQueue();
    const { id } = await add();
    for (const worker of ['a', 'b', 'c']) {
      expect((await claim(worker))?.id).toBe(id);
      pass(1001);
    }
    expect(await claim('d')).toBeUndefined();
    expect(await row(id)).toMatchObject({ status: 'failed', reason: 'lost' });
  });

  it('never begins a run that was cancelled while it waited', async () => {
    const { world, add, claim, row } = createQueue();
    const { id } = await add();
    const records = await openRunRecords(world);
    expect(records.requestCancel(id)).toMatchObject({ status: 'failed', reason: 'cancelled' });
    records.close();
    expect(await claim('a')).toBeUndefined();
    expect((await row(id)).returncode).toBe(130);
  });

  it('takes no run of a caller that nobody knows', async () => {
    const { world } = createQueue();
    await expect(enqueueRun({ caller: 'nobody/x', prompt: 'hi' }, world)).rejects.toMatchObject({
      code: 'CALLER_UNREGISTERED',
    });
  });

  it('forgets the words of a run that was cancelled while it waited, and never begins it', async () => {
    const { world, add, claim, row } = createQueue();
    const { id } = await add();
    const claimed = await claim('a');
    if (claimed === undefined) throw new Error('nothing was claimed');
    const records = await openRunRecords(world);
    try {
      records.requestCancel(id);
      removeSpentRequests(world, records);
    } finally {
      records.close();
    }
    expect(existsSync(join(runsFolder(world.paths), id, 'request.json'))).toBe(false);
    await expect(runClaimed(claimed, world)).rejects.toThrow(/was ended before it began/);
    expect(await row(id)).toMatchObject({ status: 'failed', reason: 'cancelled' });
  });

  it('keeps what waits however many other runs there are meanwhile', async () => {
    const { world, project } = createRunHome({ runs: { keep: 1 } });
    const { id } = await enqueueRun(
      { caller: 'personal/queue', backend: 'scripted', prompt: 'Later.' },
      world,
    );
    for (const prompt of ['one', 'two', 'three'])
      await runAutomationPrompt({ caller: 'personal/now', backend: 'scripted', prompt, cwd: project }, world);
    const claimed = await claimQueuedRun(world, { worker: 'a', leaseMs: 60_000 });
    expect(claimed).toMatchObject({ id, request: { prompt: 'Later.' } });
  });
});
