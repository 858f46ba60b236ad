import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { EXIT, execute } from '../../src/cli/execute.ts';
import type { Io, Output } from '../../src/cli/io.ts';

const silent: Output = { isTerminal: false, columns: undefined, write: () => {} };

/** Runs one command line in an empty project. */
function exitCodeOf(...argv: string[]): Promise<number> {
  const project = mkdtempSync(join(tmpdir(), 'nexo-exit-'));
  const io: Io = {
    env: { NEXO_PROJECT_ROOT: project },
    stdinIsTerminal: false,
    stdout: silent,
    stderr: silent,
    signal: new AbortController().signal,
    cwd: () => project,
    userHome: () => join(project, 'home'),
    readStdin: () => Promise.resolve(new Uint8Array()),
    ask: () => Promise.resolve(undefined),
    onHangUp: () => () => {},
    program: 'nexo',
  };
  return execute(argv, io);
}

describe('exit codes', () => {
  it('are these', () => {
    expect(EXIT).toEqual({ done: 0, failed: 1, usage: 2, caller: 3 });
  });

  it.each([
    [0, ['status']],
    [0, ['--help']],
    [0, ['task', 'add', '--title', 't', '--context', 'c', '--json']],
    [1, ['task', 'update', '--id', '7', '--status', 'completed']],
    [1, ['plan', 'decide', '--issue-id', '1', '--decision', 'd', '--json']],
    [2, ['no-such-command']],
    [2, ['task', 'add', '--no-such-flag']],
    [2, ['task', 'add', '--title', '', '--context', 'c', '--json']],
    [2, ['conformance', 'run', '--fixtures', 'no-such-folder']],
  ])('%i for nexo %j', async (code, argv) => {
    expect(await exitCodeOf(...argv)).toBe(code);
  });
});
