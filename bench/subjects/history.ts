import { textOf } from '../json.ts';
import { interleave } from '../samples.ts';
import { seed, settleDisk } from '../scratch.ts';
import { RARE_WORD } from '../seeds.ts';
import type { Server } from '../server.ts';
import type { Subject } from '../subject.ts';

const CYCLES = 10_000;

/** Searching a long history, and closing a cycle on top of it. */
export const history: Subject = {
  name: 'history',
  async *measure(bench) {
    const running = await bench.startAll((contender, project) =>
      seed(project, 'history', contender.seeds.history(CYCLES)),
    );
    const warm = await interleave(bench.contenders, bench.rounds(20, 6, 1), async (contender) =>
      search(running.of(contender).server),
    );
    yield { row: 'search', readings: warm };

    const first = await interleave(bench.contenders, bench.rounds(5, 2, 0), async (contender) => {
      const server = bench.start(contender, running.of(contender).project);
      await server.initialize();
      const ms = await search(server);
      await server.stop();
      return ms;
    });
    yield { row: 'searchFirst', readings: first };

    const cycle = await interleave(bench.contenders, bench.rounds(12, 4, 1), async (contender, round) => {
      const { server, project } = running.of(contender);
      const plan = { topic: `Round ${round}`, issues: ['One', 'Two'], research_summary: 'Measured before.' };
      const planned = await server.call('nx_plan_start', plan);
      const added = await server.call('nx_task_add', contender.newTask(`Added in round ${round}`));
      const closed = await server.call('nx_task_close', contender.closeArguments);
      settleDisk(project);
      return planned.ms + added.ms + closed.ms;
    });
    yield { row: 'cycle', readings: cycle };
    await running.stop();
  },
};

async function search(server: Server): Promise<number> {
  const { ms, result } = await server.call('nx_history_search', { query: RARE_WORD });
  // Finding nothing would be quick.
  if (!textOf(result).includes(RARE_WORD) && !textOf(result).includes('"total":1')) {
    throw new Error(`history_search did not find "${RARE_WORD}": ${textOf(result).slice(0, 200)}`);
  }
  return ms;
}
