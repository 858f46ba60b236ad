import type { Contender } from '../contenders.ts';
import { interleave, type Readings, type Rounds } from '../samples.ts';
import { seed, settleDisk } from '../scratch.ts';
import type { Server } from '../server.ts';
import type { Bench, Subject } from '../subject.ts';

/** Round trips to servers that run already. */
export const calls: Subject = {
  name: 'calls',
  async *measure(bench) {
    const small = bench.rounds(300, 60, 20);
    const large = bench.rounds(30, 8);
    yield { row: 'read', readings: await reads(bench, small, false) };
    yield { row: 'readRooted', readings: await reads(bench, small, true) };
    yield { row: 'add10', readings: await adds(bench, { there: 10, rounds: small, seedEvery: 10 }) };
    yield {
      row: 'add10Rooted',
      readings: await adds(bench, { there: 10, rounds: small, seedEvery: 10, rooted: true }),
    };
    yield { row: 'add1000', readings: await adds(bench, { there: 1_000, rounds: bench.rounds(60, 15) }) };
    yield { row: 'add10000', readings: await adds(bench, { there: 10_000, rounds: large }) };
    yield {
      row: 'add10000Changed',
      readings: await adds(bench, { there: 10_000, rounds: large, seedEvery: 1 }),
    };
    yield { row: 'list10000', readings: await lists(bench, large) };
  },
};

async function reads(bench: Bench, rounds: Rounds, rooted: boolean): Promise<Readings> {
  const plant = (contender: Contender, project: string) => seed(project, 'plan', contender.seeds.plan(3));
  return timeCalls(bench, { rounds, rooted, plant }, (server) => server.call('nx_plan_status', {}));
}

interface Adds {
  readonly there: number;
  readonly rounds: Rounds;
  readonly rooted?: boolean;
  /** Put the file back after so many calls: it stays small, or each call finds a file that somebody else wrote. */
  readonly seedEvery?: number;
}

async function adds(bench: Bench, { there, rounds, rooted = false, seedEvery }: Adds): Promise<Readings> {
  const texts = new Map(bench.contenders.map((contender) => [contender, contender.seeds.tasks(there)]));
  const plant = (contender: Contender, project: string) => seed(project, 'tasks', texts.get(contender) ?? '');
  return timeCalls(
    bench,
    { rounds, rooted, plant, ...(seedEvery === undefined ? {} : { seedEvery }) },
    (server, contender, round) => server.call('nx_task_add', contender.newTask(`Added in round ${round}`)),
  );
}

async function lists(bench: Bench, rounds: Rounds): Promise<Readings> {
  const plant = (contender: Contender, project: string) =>
    seed(project, 'tasks', contender.seeds.tasks(10_000));
  return timeCalls(bench, { rounds, rooted: false, plant }, (server) => server.call('nx_task_list', {}));
}

interface Setting {
  readonly rounds: Rounds;
  readonly rooted: boolean;
  readonly plant: (contender: Contender, project: string) => void;
  readonly seedEvery?: number;
}

async function timeCalls(
  bench: Bench,
  { rounds, rooted, plant, seedEvery }: Setting,
  call: (server: Server, contender: Contender, round: number) => Promise<{ readonly ms: number }>,
): Promise<Readings> {
  const running = await bench.startAll(plant, { rooted });
  const readings = await interleave(bench.contenders, rounds, async (contender, round) => {
    const { server, project } = running.of(contender);
    if (seedEvery !== undefined && round % seedEvery === 0) plant(contender, project);
    const { ms } = await call(server, contender, round);
    settleDisk(project);
    return ms;
  });
  await running.stop();
  return readings;
}
