import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import type { Contender, ContenderName } from '../contenders.ts';
import { listAt } from '../json.ts';
import { each, interleave, type Readings, type Rounds, summarise } from '../samples.ts';
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
      return summarise([Math.round(JSON.stringify(tools).length / 4)], { note: `${tools.length} tools` });
    });
    yield { row: 'tokens', readings: tokens };
    if (process.platform !== 'linux') return; // the figures come from /proc

    const idle = await memoryOf(bench, bench.rounds(5, 2, 0), () => {}, listTools);
    yield { row: 'memory', readings: idle.resident };
    yield { row: 'memoryPss', readings: idle.proportional };
    const loaded = await memoryOf(bench, { warmups: 0, rounds: 1 }, seedMuch, readMuch);
    yield { row: 'memoryLoaded', readings: loaded.resident };
  },
};

function listTools(server: Server): Promise<unknown> {
  return server.request('tools/list');
}

function seedMuch(contender: Contender, project: string): void {
  seed(project, 'tasks', contender.seeds.tasks(RECORDS));
  seed(project, 'history', contender.seeds.history(RECORDS));
}

async function readMuch(server: Server): Promise<void> {
  await server.call('nx_task_list', {});
  await server.call('nx_history_search', { query: 'nothing like it' });
}

interface Memory {
  /** Resident set, in MiB: comparable, but shared pages count in full. */
  readonly resident: Readings;
  /** Proportional set, in MiB: shared pages count by how many share them. */
  readonly proportional: Readings;
}

async function memoryOf(
  bench: Bench,
  rounds: Rounds,
  prepare: (contender: Contender, project: string) => void,
  use: (server: Server) => Promise<unknown>,
): Promise<Memory> {
  const proportional = new Map<ContenderName, number[]>();
  const projects = new Map<ContenderName, string>();
  const resident = await interleave(bench.contenders, rounds, async (contender) => {
    const project = projects.get(contender.name) ?? bench.scratch.project();
    if (!projects.has(contender.name)) prepare(contender, project);
    projects.set(contender.name, project);
    const server = bench.start(contender, project);
    await server.initialize();
    await use(server);
    const settled = await settledMemory(server.pid);
    await server.stop();
    proportional.set(contender.name, [...(proportional.get(contender.name) ?? []), settled.pss]);
    return settled.rss;
  });
  const readings: Readings = {};
  for (const [name, values] of proportional) readings[name] = summarise(values);
  return { resident, proportional: readings };
}

/** Reads until three readings in a row agree within 1 %, at most for three seconds. In MiB. */
async function settledMemory(pid: number): Promise<{ rss: number; pss: number }> {
  let readings: { rss: number; pss: number }[] = [];
  for (let tries = 0; tries < 20; tries += 1) {
    await delay(150);
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    readings = [...readings, { rss: mebibytes(text, 'Rss'), pss: mebibytes(text, 'Pss') }].slice(-3);
    const rss = readings.map((reading) => reading.rss);
    if (rss.length === 3 && Math.max(...rss) <= Math.min(...rss) * 1.01) break;
  }
  const last = readings.at(-1);
  if (last === undefined) throw new Error(`no memory of process ${pid}`);
  return last;
}

function mebibytes(text: string, field: string): number {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
  if (kib === undefined) throw new Error(`no ${field} in ${text.slice(0, 200)}`);
  return Number(kib) / 1024;
}
