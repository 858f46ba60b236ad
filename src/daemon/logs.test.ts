import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { newFolder } from '../../test/support/state-project.ts';
import { followLines, readLastLines } from './logs.ts';

const line = (message: string): string =>
  `${JSON.stringify({ level: 'info', time: '2026-11-21T08:00:00.000Z', message, part: 'x' })}\n`;

describe('the last lines of the log', () => {
  it('are taken apart, oldest first', () => {
    const path = join(newFolder('logs-'), 'daemon.log');
    writeFileSync(path, line('one') + line('two') + line('three'));
    expect(readLastLines(path, 2)).toEqual([
      { level: 'info', time: '2026-11-21T08:00:00.000Z', message: 'two', fields: { part: 'x' } },
      { level: 'info', time: '2026-11-21T08:00:00.000Z', message: 'three', fields: { part: 'x' } },
    ]);
    expect(readLastLines(path, 0)).toEqual([]);
  });

  it('are none without a log, and show what is no line of ours as it is', () => {
    const path = join(newFolder('logs-'), 'daemon.log');
    expect(readLastLines(path, 5)).toEqual([]);
    writeFileSync(path, '{"level":"in');
    expect(readLastLines(path, 5)).toEqual([{ level: '', time: '', message: '{"level":"in', fields: {} }]);
  });
});

describe('following the log', () => {
  it('goes on over a file that is set aside, and loses no line', async () => {
    const path = join(newFolder('logs-'), 'daemon.log');
    writeFileSync(path, line('before'));
    const stop = new AbortController();
    const seen: string[] = [];
    const follow = (async () => {
      for await (const { message } of followLines(path, stop.signal)) {
        seen.push(message);
        if (message === 'one') {
          // The last line of the old file comes just before it is set aside.
          appendFileSync(path, line('two'));
          renameSync(path, `${path}.old`);
          writeFileSync(path, line('three'));
        } else if (message === 'three') {
          appendFileSync(path, line('four').slice(0, 10));
          appendFileSync(path, line('four').slice(10));
        } else if (message === 'four') {
          stop.abort();
        }
      }
    })();
    appendFileSync(path, line('one'));
    await follow;
    expect(seen).toEqual(['one', 'two', 'three', 'four']);
  });

  it('waits for a log that is not there yet', async () => {
    const path = join(newFolder('logs-'), 'daemon.log');
    const stop = new AbortController();
    const lines = followLines(path, stop.signal);
    const first = lines.next();
    writeFileSync(path, line('hello'));
    expect((await first).value).toMatchObject({ message: 'hello' });
    stop.abort();
    expect((await lines.next()).done).toBe(true);
  });
});
