import { setTimeout as delay } from 'node:timers/promises';

import type { Contender } from '../contenders.ts';
import { judge } from '../ledger.ts';
import { failure, type Readings, summarise } from '../samples.ts';
import type { Server } from '../server.ts';
import type { Bench, Subject } from '../subject.ts';

/** Writers that go on while another is killed. */
const BYSTANDERS = 2;
/** Requests that the victim has before it at a time, so that it is nearly always in the middle of one. */
const IN_FLIGHT = 40;
/** The victim is killed within so many milliseconds after its first answer. */
const KILL_WITHIN_MS = 12;

/** A writer is killed with SIGKILL under load: how soon can another write, and is everything there that was promised? */
export const crash: Subject = {
  name: 'crash',
  async *measure(bench) {
    const wait: Readings = {};
    const lost: Readings = {};
    for (const contender of bench.contenders) {
      if (contender.name === 'floor') continue;
      try {
        const outcome = await killWriters(bench, contender);
        const note = `${outcome.waits.length} kills${outcome.gaveUp ? ', did not recover' : ''}`;
        wait[contender.name] = summarise(outcome.waits, { note });
        lost[contender.name] = summarise([outcome.lost], { note: `of ${outcome.acknowledged}` });
      } catch (error) {
        wait[contender.name] = lost[contender.name] = failure(error);
      }
    }
    yield { row: 'crashWait', readings: wait };
    yield { row: 'crashLost', readings: lost };
  },
};

interface Outcome {
  readonly waits: readonly number[];
  readonly acknowledged: number;
  readonly lost: number;
  /** The last wait was cut short: the real one is longer. */
  readonly gaveUp: boolean;
}

async function killWriters(bench: Bench, contender: Contender): Promise<Outcome> {
  const kills = bench.quick ? 6 : 40;
  const patienceMs = bench.quick ? 4_000 : 35_000;
  const project = bench.scratch.project();
  const acknowledged: string[] = [];
  const writer = new Writer(contender, acknowledged);
  const probe = bench.start(contender, project);
  await probe.initialize();
  const bystanders = await Promise.all(
    Array.from({ length: BYSTANDERS }, () => initialised(bench, contender, project)),
  );
  let stopped = false;
  // Settled: one that fails while the kills go on is looked at in the end.
  const load = Promise.allSettled(
    bystanders.map(async (server, index) => {
      for (let n = 0; !stopped; n += 1) await writer.add(server, `Task ${n} of bystander ${index}`);
    }),
  );
  const waits: number[] = [];
  let gaveUp = false;
  for (let kill = 0; kill < kills && !gaveUp; kill += 1) {
    const victim = await initialised(bench, contender, project);
    const requests = Array.from({ length: IN_FLIGHT }, (_, n) =>
      writer.add(victim, `Task ${n} of victim ${kill}`),
    );
    // Requests without an answer are allowed to be lost; that they fail is what is meant to happen.
    const settled = Promise.allSettled(requests);
    await requests[0];
    await delay(Math.random() * KILL_WITHIN_MS);
    victim.kill();
    const killedAt = performance.now();
    gaveUp = !(await writesWithin(probe, writer, `Task after kill ${kill}`, patienceMs));
    const wait = performance.now() - killedAt;
    waits.push(wait);
    await victim.closed();
    await settled;
    // One that waited for a stale lock has shown what it does; the next would take as long again.
    if (wait > 20_000) break;
  }
  stopped = true;
  // Those that wait for a lock nobody will give back have nothing more to tell.
  if (gaveUp) for (const server of bystanders) server.kill();
  const fallen = (await load).find((bystander) => bystander.status === 'rejected');
  if (fallen !== undefined && !gaveUp) throw fallen.reason;
  await Promise.all([probe, ...bystanders].map((server) => server.stop()));
  return { waits, acknowledged: acknowledged.length, lost: judge(project, acknowledged).lost, gaveUp };
}

/** Tries again after a refusal, as an agent would. */
async function writesWithin(
  server: Server,
  writer: Writer,
  title: string,
  patienceMs: number,
): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  for (let attempt = 0; performance.now() < deadline; attempt += 1) {
    if (await writer.add(server, `${title}, attempt ${attempt}`)) return true;
  }
  return false;
}

async function initialised(bench: Bench, contender: Contender, project: string): Promise<Server> {
  const server = bench.start(contender, project);
  await server.initialize();
  return server;
}

/** Adds tasks and notes which were acknowledged. */
class Writer {
  readonly #contender: Contender;
  readonly #acknowledged: string[];

  constructor(contender: Contender, acknowledged: string[]) {
    this.#contender = contender;
    this.#acknowledged = acknowledged;
  }

  async add(server: Server, title: string): Promise<boolean> {
    const { result } = await server.tryCall('nx_task_add', this.#contender.newTask(title));
    if (result.isError === true) return false;
    this.#acknowledged.push(title);
    return true;
  }
}
