import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';

import { guardStdout } from './stdout-guard.ts';

describe('guardStdout', () => {
  it('sends what others write to standard error, and puts everything back', () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const { write, release } = guardStdout(stdout, stderr);
    stdout.write('a stray line\n');
    write.call(stdout, '{"jsonrpc":"2.0"}\n', 'utf8');
    release();
    stdout.write('after\n');
    expect(stdout.read().toString()).toBe('{"jsonrpc":"2.0"}\nafter\n');
    expect(stderr.read().toString()).toBe('a stray line\n');
  });
});
