import { spawnSync } from 'node:child_process';

import type { Contender } from '../contenders.ts';
import { interleave } from '../samples.ts';
import type { Bench, Subject } from '../subject.ts';

/** How long a process takes that does nearly nothing, and how long until a server has answered for the first time. */
export const start: Subject = {
  name: 'start',
  async *measure(bench) {
    const runnable = bench.contenders.filter(({ name }) => name !== 'reference');
    const rounds = bench.rounds(40, 15, 3);
    yield {
      row: 'version',
      readings: await interleave(runnable, rounds, async (contender) => runOnce(bench, contender)),
    };

    const project = bench.scratch.project();
    const readings = await interleave(bench.contenders, bench.rounds(25, 8), async (contender) => {
      const server = bench.start(contender, project);
      const { ms } = await server.initialize();
      await server.stop();
      return ms;
    });
    yield { row: 'initialize', readings };
  },
};

/** One process from spawn to its end. The floor is Node.js itself, told to do nothing. */
function runOnce(bench: Bench, { name, serve }: Contender): number {
  const [entry = ''] = serve;
  const args = name === 'nexo' ? [entry, '--version'] : ['-e', '0'];
  const options = { cwd: bench.scratch.folder, env: bench.scratch.environment(), encoding: 'utf8' } as const;
  const before = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, options);
  const ms = performance.now() - before;
  // A program that falls over at once would be the fastest.
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  if (name === 'nexo' && !/\d+\.\d+\.\d+/.test(stdout))
    throw new Error(`--version printed "${stdout.trim()}"`);
  return ms;
}
