import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';

import { Output } from './output.ts';

const quiet = { progress: () => undefined, broken: () => undefined };

/** A stream whose other end does not read. */
const unread = () => new PassThrough({ highWaterMark: 10 });

describe('Output', () => {
  it('never blocks, and says when a client has left too much unread', () => {
    const stream = unread();
    const output = new Output(stream, stream.write, quiet);
    const line = 'x'.repeat(1024 * 1024);
    for (let n = 0; n < 8; n += 1) output.send(line);
    expect(output.isFull).toBe(false);
    output.send(line);
    output.send(line);
    expect(output.isFull).toBe(true);
  });

  it('is flushed when the client has read everything', async () => {
    const stream = unread();
    const output = new Output(stream, stream.write, quiet);
    for (let n = 0; n < 100; n += 1) output.send('0123456789');
    const flushed = output.flush(60_000);
    stream.resume();
    expect(await flushed).toBe(true);
  });

  it('gives up on a client that reads nothing', async () => {
    const stream = unread();
    const output = new Output(stream, stream.write, quiet);
    for (let n = 0; n < 100; n += 1) output.send('0123456789');
    expect(await output.flush(1)).toBe(false);
  });

  it('says when the client is gone, and sends nothing more', async () => {
    const stream = unread();
    const broken = Promise.withResolvers<void>();
    const output = new Output(stream, stream.write, { ...quiet, broken: broken.resolve });
    stream.destroy(new Error('EPIPE'));
    await broken.promise;
    output.send('{}');
    await output.flush(60_000);
  });
});
