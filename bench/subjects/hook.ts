import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { hookPayload, type PayloadQuestion } from '../../test/support/hook-payloads.ts';
import { HOOK_CASES, HOOK_HARNESSES, type HookRowId, hookRow } from '../hook-rows.ts';
import { failure, type Reading, summarise } from '../samples.ts';
import { seed } from '../scratch.ts';
import { nexoSeeds } from '../seeds.ts';
import type { Bench, Measurement, Subject } from '../subject.ts';

/**
 * `nexo hook` from spawn to its end, for every event of every harness, in the order of a session: the tracker that an
 * agent's start writes is there when it ends. The floor is Node.js itself, told to do nothing, right before each hook.
 */
export const hook: Subject = {
  name: 'hook',
  async *measure(bench) {
    const { rounds, warmups, longestMs = Number.POSITIVE_INFINITY } = bench.rounds(15, 6);
    const nexo = bench.contenders.find(({ name }) => name === 'nexo');
    const rows = HOOK_HARNESSES.flatMap((harness) => {
      const cwd = newProject(bench);
      return HOOK_CASES.map((each) => new HookTimes(hookRow(harness, each.name), { ...each, harness, cwd }));
    });
    const startedAt = performance.now();
    for (let round = -warmups; round < rounds; round += 1) {
      if (round >= FEWEST_ROUNDS && performance.now() - startedAt > ROOM * longestMs) break;
      for (const row of rows) row.measure(bench, nexo?.serve[0], round);
    }
    for (const row of rows) yield row.measurement();
  },
};

const FEWEST_ROUNDS = 5;
/** How many times as long as another subject this one may take: it has ten times as many rows. */
const ROOM = 6;

interface HookRun extends Omit<PayloadQuestion, 'event'> {
  readonly question: Pick<PayloadQuestion, 'event' | 'agent' | 'use'>;
  readonly exitCode: number;
}

class HookTimes {
  readonly #row: HookRowId;
  readonly #run: HookRun;
  readonly #floor: number[] = [];
  readonly #nexo: number[] = [];
  #failed: Reading | undefined;

  constructor(row: HookRowId, run: HookRun) {
    this.#row = row;
    this.#run = run;
  }

  /** Rounds below zero are for the caches and do not count. */
  measure(bench: Bench, entry: string | undefined, round: number): void {
    const { harness, cwd, question, exitCode } = this.#run;
    const floor = spawnNode(bench, { cwd, args: ['-e', '0'], input: '', exitCode: 0 });
    if (round >= 0) this.#floor.push(floor);
    if (entry === undefined || this.#failed !== undefined) return;
    const input = JSON.stringify(hookPayload({ harness, cwd, ...question, agentId: `agent${round}` }));
    const args = [entry, 'hook', question.event, '--harness', harness];
    try {
      const ms = spawnNode(bench, { cwd, args, input, exitCode });
      if (round >= 0) this.#nexo.push(ms);
    } catch (error) {
      this.#failed = failure(error);
    }
  }

  measurement(): Measurement {
    const hasNexo = this.#nexo.length > 0 || this.#failed !== undefined;
    return {
      row: this.#row,
      readings: {
        ...(hasNexo ? { nexo: this.#failed ?? summarise(this.#nexo) } : {}),
        floor: summarise(this.#floor),
      },
    };
  }
}

/** A project in the middle of its work: what a hook looks at is there. */
function newProject(bench: Bench): string {
  const project = bench.scratch.project();
  seed(project, 'plan', nexoSeeds.plan(3));
  seed(project, 'tasks', nexoSeeds.tasks(10));
  mkdirSync(join(project, '.nexus', 'memory'));
  writeFileSync(join(project, '.nexus', 'memory', 'empirical-start.md'), '# How it starts\n\nSlowly.\n');
  return project;
}

interface NodeRun {
  readonly cwd: string;
  readonly args: readonly string[];
  readonly input: string;
  readonly exitCode: number;
}

function spawnNode(bench: Bench, { cwd, args, input, exitCode }: NodeRun): number {
  const options = { cwd, env: bench.scratch.environment(), input, encoding: 'utf8' } as const;
  const before = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, options);
  const ms = performance.now() - before;
  // A hook that falls over at once would be the fastest.
  if (status !== exitCode || stderr.includes('error')) {
    throw new Error(`${args.slice(1).join(' ')} ended with ${status}: ${stderr}`);
  }
  return ms;
}
