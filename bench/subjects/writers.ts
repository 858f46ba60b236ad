import type { Contender, ContenderName } from '../contenders.ts';
import { textOf } from '../json.ts';
import { judge, type Verdict } from '../ledger.ts';
import { failure, type Reading, type Readings, summarise } from '../samples.ts';
import type { Server } from '../server.ts';
import type { Bench, Measurement, Subject } from '../subject.ts';

const WRITERS = 8;
const TASKS_EACH = 50;
/** In the race, the cycle is closed each time so many tasks more were acknowledged. */
const CLOSE_EVERY = 25;
/** No further round is begun after so long, in milliseconds. */
const LONGEST_MS = 20_000;

/** Eight processes that write to one project at once, alone and with a ninth that closes cycles under them. */
export const writers: Subject = {
  name: 'writers',
  async *measure(bench) {
    yield* measureRows(bench, false);
    yield* measureRows(bench, true);
  },
};

interface Outcome extends Verdict {
  readonly ms: number;
  /** Errors that writers got as an answer: not stored, and said so. */
  readonly refusals: readonly string[];
}

async function* measureRows(bench: Bench, racing: boolean): AsyncGenerator<Measurement> {
  const outcomes = await outcomesOf(bench, racing);
  const row = (
    read: (outcome: Outcome) => number,
    detail?: (outcomes: readonly Outcome[]) => string | undefined,
  ) => {
    const readings: Readings = {};
    for (const [name, outcome] of outcomes) {
      if ('kind' in outcome) readings[name] = outcome;
      else {
        const told = detail?.(outcome);
        readings[name] = summarise(outcome.map(read), told === undefined ? {} : { detail: told });
      }
    }
    return readings;
  };
  yield { row: racing ? 'racedLost' : 'writersLost', readings: row(({ lost, doubled }) => lost + doubled) };
  const why = (all: readonly Outcome[]) => all.flatMap(({ refusals }) => refusals)[0];
  yield {
    row: racing ? 'racedRefused' : 'writersRefused',
    readings: row(({ refusals }) => refusals.length, why),
  };
  yield {
    row: racing ? 'racedDuplicate' : 'writersDuplicate',
    readings: row(({ duplicateIds }) => duplicateIds),
  };
  yield { row: racing ? 'racedTime' : 'writersTime', readings: row(({ ms }) => ms) };
}

/** Round by round, the contenders in turns: each one's outcomes, or what failed. */
async function outcomesOf(
  bench: Bench,
  racing: boolean,
): Promise<Map<ContenderName, readonly Outcome[] | Reading>> {
  const outcomes = new Map<ContenderName, readonly Outcome[] | Reading>();
  const startedAt = performance.now();
  for (let round = 0; round < (bench.quick ? 1 : 3); round += 1) {
    if (performance.now() - startedAt > LONGEST_MS) break;
    for (const contender of bench.contenders) {
      const before = outcomes.get(contender.name) ?? [];
      // The floor has no lock and makes no promise to keep.
      if (contender.name === 'floor' || 'kind' in before) continue;
      try {
        outcomes.set(contender.name, [...before, await writeAtOnce(bench, contender, racing)]);
      } catch (error) {
        outcomes.set(contender.name, failure(error));
      }
    }
  }
  return outcomes;
}

async function writeAtOnce(bench: Bench, contender: Contender, racing: boolean): Promise<Outcome> {
  const project = bench.scratch.project();
  const servers = await Promise.all(
    Array.from({ length: WRITERS + (racing ? 1 : 0) }, async () => {
      const server = bench.start(contender, project);
      await server.initialize();
      return server;
    }),
  );
  const acknowledged: string[] = [];
  const closer = racing ? new Closer(servers[WRITERS], contender) : undefined;
  const refusals: string[] = [];
  const startedAt = performance.now();
  await Promise.all(
    servers.slice(0, WRITERS).map(async (server, writer) => {
      for (let n = 0; n < TASKS_EACH; n += 1) {
        const title = `Task ${n} of writer ${writer}`;
        const { result } = await server.tryCall('nx_task_add', contender.newTask(title));
        if (result.isError === true) refusals.push(textOf(result));
        else acknowledged.push(title);
        if ((acknowledged.length + refusals.length) % CLOSE_EVERY === 0) closer?.closeSoon();
      }
    }),
  );
  const ms = performance.now() - startedAt;
  await closer?.done();
  await Promise.all(servers.map((server) => server.stop()));
  return { ...judge(project, acknowledged), ms, refusals };
}

/** Closes cycles one after the other while the writers go on. */
class Closer {
  readonly #server: Server | undefined;
  readonly #contender: Contender;
  #last: Promise<unknown> = Promise.resolve();

  constructor(server: Server | undefined, contender: Contender) {
    this.#server = server;
    this.#contender = contender;
  }

  closeSoon(): void {
    this.#last = this.#last.then(() =>
      this.#server?.tryCall('nx_task_close', this.#contender.closeArguments),
    );
    // Waited for in `done`; until then a failure must not count as unhandled.
    this.#last.catch(() => {});
  }

  async done(): Promise<void> {
    await this.#last;
  }
}
