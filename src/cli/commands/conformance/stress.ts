import { renderStress } from '../../../conformance/stress/render.ts';
import { runStress } from '../../../conformance/stress/stress.ts';
import { NexoError } from '../../../errors.ts';
import { defineCommand } from '../../command.ts';
import { text, wholeNumber } from '../../flags.ts';
import { createProgress } from '../../render/progress.ts';

export default defineCommand({
  description:
    'Proves that a workspace server loses nothing: several clients write to one temporary project, each through a ' +
    'server process of its own, while processes are killed and paused at random and every file is read meanwhile. ' +
    'At the end the files are compared with every acknowledged call. Without --server this nexo is put to it.',
  example: 'nexo conformance stress --writers 2 --ops 10 --kills 4',
  flags: {
    server: text('command that starts the MCP server, such as "node server.js"', { placeholder: 'command' }),
    toolPrefix: text('what stands before the tool names at the server, such as nx_', {
      placeholder: 'prefix',
    }),
    writers: wholeNumber('clients that write at the same time; 8 unless said'),
    ops: wholeNumber('calls that each makes; 50 unless said, or more where the kills need it'),
    kills: wholeNumber('server processes to kill; 200 unless said'),
    seed: wholeNumber('repeats the calls and kills of an earlier run'),
    timeLimit: wholeNumber('stop after this long, and check what is there; 300 unless said', 'seconds'),
  },
  stopsItself: true,
  run: async ({ flags: { server, toolPrefix, timeLimit, ...sizes }, context: { io } }) => {
    const progress = createProgress(io.stderr);
    try {
      return await runStress({
        ...sizes,
        ...(server === undefined ? ownServer() : { server, toolPrefix }),
        timeLimitMs: timeLimit === undefined ? undefined : timeLimit * 1000,
        env: io.env,
        cwd: io.cwd(),
        signal: io.signal,
        onProgress: (made, planned) => progress.show(`${made} of ${planned} calls`),
      });
    } finally {
      progress.clear();
    }
  },
  failed: ({ violations, cutShort }) => violations.length > 0 || cutShort,
  render: (report, view) => renderStress(report, view),
});

/** This very program, as `nexo mcp`. */
function ownServer(): { server: readonly [string, ...string[]]; toolPrefix: string } {
  const program = process.argv[1];
  if (program === undefined) throw new NexoError('USAGE', 'Without --server there is no server to start.');
  return { server: [process.execPath, ...process.execArgv, program, 'mcp'], toolPrefix: 'nx_' };
}
