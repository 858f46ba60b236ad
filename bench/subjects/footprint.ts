import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { listAt } from '../json.ts';
import { each, interleave, type Readings, summarise } from '../samples.ts';
import { seed } from '../scratch.ts';
import type { Server } from '../server.ts';
import type { Bench, Subject } from '../subject.ts';

const RECORDS = 10_000;

/** What a server costs while it waits: memory of the machine, and room in the model's context. */
export const footprint: Subject = {
  name: 'footprint',
  async *measure(bench) {
    const tokens = await each(bench.contenders, async (contender) => {
      const server = bench.start(contender, bench.scratch.project());
      await server.initialize();
      const tools = listAt((await server.request('tools/list')).result, 'tools');
      await server.stop();
      return summarise([Math.round(JSON.stringify(tools).length / 4)], `${tools.length} tools`);
    });
    yield { row: 'tokens', readings: tokens };
    if (process.platform !== 'linux') return; // the figures come from /proc

    yield { row: 'memory', readings: await memoryOf(bench, 'Rss', idle) };
    yield { row: 'memoryPss', readings: await memoryOf(bench, 'Pss', idle) };
    yield { row: 'memoryLoaded', readings: await memoryOf(bench, 'Rss', loaded, 1) };
  },
};

type Use = (server: Server) => Promise<unknown>;

const idle: Use = (server) => server.request('tools/list');

const loaded: Use = async (server) => {
  await server.call('nx_task_list', {});
  await server.call('nx_history_search', { query: 'nothing like it' });
};

async function memoryOf(bench: Bench, field: 'Rss' | 'Pss', use: Use, rounds?: number): Promise<Readings> {
  const project = new Map(bench.contenders.map((contender) => [contender, bench.scratch.project()]));
  if (use === loaded) {
    for (const [contender, folder] of project) {
      seed(folder, 'tasks', contender.seeds.tasks(RECORDS));
      seed(folder, 'history', contender.seeds.history(RECORDS));
    }
  }
  const counts = rounds === undefined ? bench.rounds(5, 2, 1) : { warmups: 0, rounds };
  return interleave(bench.contenders, counts, async (contender) => {
    const server = bench.start(contender, project.get(contender) ?? '');
    await server.initialize();
    await use(server);
    const mib = await settledMemory(server.pid, field);
    await server.stop();
    return mib;
  });
}

/** Reads until three readings in a row agree within 1 %, at most for three seconds. */
async function settledMemory(pid: number, field: 'Rss' | 'Pss'): Promise<number> {
  let readings: number[] = [];
  for (let tries = 0; tries < 20; tries += 1) {
    await delay(150);
    readings = [...readings, memory(pid, field)].slice(-3);
    if (readings.length === 3 && Math.max(...readings) <= Math.min(...readings) * 1.01) break;
  }
  return readings.at(-1) ?? Number.NaN;
}

function memory(pid: number, field: 'Rss' | 'Pss'): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
  if (kib === undefined) throw new Error(`no ${field} of process ${pid}`);
  return Number(kib) / 1024;
}
