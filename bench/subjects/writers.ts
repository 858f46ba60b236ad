import type { Contender, ContenderName } from '../contenders.ts';
import { judge, type Verdict } from '../ledger.ts';
import { failure, type Reading, type Readings, summarise } from '../samples.ts';
import type { Server } from '../server.ts';
import type { Bench, Measurement, Subject } from '../subject.ts';

const WRITERS = 8;
const TASKS_EACH = 50;
/** In the race, the cycle is closed each time so many tasks more were acknowledged. */
const CLOSE_EVERY = 25;

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
  /** Answered with an error: not stored, and said so. */
  readonly refused: number;
}

async function* measureRows(bench: Bench, racing: boolean): AsyncGenerator<Measurement> {
  const lost: Readings = {};
  const duplicates: Readings = {};
  const time: Readings = {};
  for (const { name, outcomes } of await outcomesOf(bench, racing)) {
    if (!Array.isArray(outcomes)) {
      lost[name] = duplicates[name] = time[name] = outcomes;
      continue;
    }
    const refused = outcomes.reduce((sum, outcome) => sum + outcome.refused, 0);
    const note = refused === 0 ? undefined : `${refused} refused`;
    lost[name] = summarise(
      outcomes.map((outcome) => outcome.lost + outcome.doubled),
      note,
    );
    duplicates[name] = summarise(outcomes.map((outcome) => outcome.duplicateIds));
    time[name] = summarise(outcomes.map((outcome) => outcome.ms));
  }
  yield { row: racing ? 'racedLost' : 'writersLost', readings: lost };
  yield { row: racing ? 'racedDuplicate' : 'writersDuplicate', readings: duplicates };
  yield { row: racing ? 'racedTime' : 'writersTime', readings: time };
}

async function outcomesOf(bench: Bench, racing: boolean) {
  // The floor has no lock and makes no promise to keep.
  const contenders = bench.contenders.filter(({ name }) => name !== 'floor');
  const collected = contenders.map((contender) => ({
    contender,
    outcomes: [] as Outcome[],
    failed: undefined as Reading | undefined,
  }));
  for (let round = 0; round < (bench.quick ? 1 : 3); round += 1) {
    for (const entry of collected) {
      if (entry.failed !== undefined) continue;
      try {
        entry.outcomes.push(await writeAtOnce(bench, entry.contender, racing));
      } catch (error) {
        entry.failed = failure(error);
      }
    }
  }
  return collected.map(
    ({ contender, outcomes, failed }): { name: ContenderName; outcomes: Outcome[] | Reading } => ({
      name: contender.name,
      outcomes: failed ?? outcomes,
    }),
  );
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
  let refused = 0;
  const startedAt = performance.now();
  await Promise.all(
    servers.slice(0, WRITERS).map(async (server, writer) => {
      for (let n = 0; n < TASKS_EACH; n += 1) {
        const title = `Task ${n} of writer ${writer}`;
        const { result } = await server.tryCall('nx_task_add', contender.newTask(title));
        if (result.isError === true) refused += 1;
        else acknowledged.push(title);
        if ((acknowledged.length + refused) % CLOSE_EVERY === 0) closer?.closeSoon();
      }
    }),
  );
  const ms = performance.now() - startedAt;
  await closer?.done();
  await Promise.all(servers.map((server) => server.stop()));
  return { ...judge(project, acknowledged), ms, refused };
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
