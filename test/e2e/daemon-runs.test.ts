import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { RunRow } from '../../src/runner/records/run-row.ts';
import { nexoJson, runNexo, temporaryFolder } from '../support/run-nexo.ts';

describe('the daemon', () => {
  it('runs what waits in the queue, and says so', async () => {
    const cwd = temporaryFolder('queue');
    const env = { HOME: cwd, NEXO_HOME: join(cwd, '.nexo') };
    const prompt = ['--caller', 'personal/queue', '--backend', 'scripted', '--prompt', 'hello', '--queue'];
    const queued = await runNexo(['run', ...prompt], { cwd, env });
    expect(queued.code, queued.stderr).toBe(0);
    try {
      const started = await runNexo(['daemon', 'start'], { cwd, env });
      expect(started.code, started.stderr).toBe(0);
      const id = queued.stdout.trim();
      // It ends by itself when the run has ended.
      const tail = await runNexo(['runs', 'tail', id], { cwd, env });
      expect(tail.code, tail.stderr).toBe(0);
      const { run } = (await nexoJson(['runs', 'show', id], { cwd, env })) as { run: RunRow };
      expect(run).toMatchObject({ status: 'ok', caller: 'personal/queue', reason: 'completed' });
      expect((await runNexo(['daemon', 'status'], { cwd, env })).stdout).toContain('runs');
    } finally {
      await runNexo(['daemon', 'stop', '--now'], { cwd, env });
    }
  });
});
