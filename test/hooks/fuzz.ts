import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { closeLock } from '../../src/base/lock.ts';
import type { HarnessName } from '../../src/harness/contract.ts';
import { runHookDoor } from '../../src/harness/hook-door.ts';
import { workspacePaths } from '../../src/workspace/workspace.ts';
import { createRandom } from '../gate/grammar.ts';
import { faultsOf } from './answers.ts';
import { type FuzzCase, fuzzCase } from './fuzz-payloads.ts';

export interface HookFuzzResult {
  readonly cases: number;
  /** What went wrong, with the case that did it. */
  readonly faults: readonly string[];
  readonly refused: number;
  readonly slowestMs: number;
  readonly slowest: string;
}

/** Hands payloads that no harness would send to the function behind `nexo hook`, in a project made for it. */
export async function fuzzHooks(harness: HarnessName, cases: number, seed: number): Promise<HookFuzzResult> {
  const yard = realpathSync(mkdtempSync(join(tmpdir(), 'hook-fuzz-')));
  const project = join(yard, 'project');
  const home = join(yard, 'home');
  mkdirSync(join(project, '.nexus', 'memory'), { recursive: true });
  mkdirSync(home);
  writeFileSync(join(project, '.nexus', 'memory', 'a.md'), '# A\n');
  const prototype = Reflect.ownKeys(Object.prototype).length;
  try {
    const random = createRandom(seed);
    const faults: string[] = [];
    let refused = 0;
    let slowestMs = 0;
    let slowest = '';
    for (let index = 0; index < cases; index += 1) {
      const fuzzed = fuzzCase(harness, project, random);
      const startedAt = performance.now();
      const found = await ask(harness, fuzzed, { project, home });
      const elapsed = performance.now() - startedAt;
      if (elapsed > slowestMs) {
        slowestMs = elapsed;
        slowest = `#${index} ${show(fuzzed)}`;
      }
      if (found.refused) refused += 1;
      for (const fault of found.faults) faults.push(`#${index} ${fault}: ${show(fuzzed)}`);
    }
    if (Reflect.ownKeys(Object.prototype).length !== prototype) faults.push('Object.prototype was changed');
    const strangers = readdirSync(yard).filter((name) => name !== 'project' && name !== 'home');
    if (strangers.length > 0) faults.push(`files outside of the project: ${strangers.join(', ')}`);
    return { cases, faults, refused, slowestMs, slowest };
  } finally {
    closeLock(workspacePaths.lock(project));
    rmSync(yard, { recursive: true, force: true });
  }
}

async function ask(
  harness: HarnessName,
  fuzzed: FuzzCase,
  { project, home }: { project: string; home: string },
): Promise<{ faults: string[]; refused: boolean }> {
  try {
    const output = await runHookDoor({
      argv: [fuzzed.event, '--harness', harness],
      payload: fuzzed.bytes,
      env: {
        HOME: home,
        NEXO_HOME: join(home, '.nexo'),
        ...(fuzzed.agent === undefined ? {} : { NEXO_AGENT: fuzzed.agent }),
      },
      cwd: project,
      home,
    });
    return { faults: faultsOf(harness, fuzzed, output), refused: output.exitCode === 2 };
  } catch (error) {
    return { faults: [`it threw ${String(error).slice(0, 200)}`], refused: false };
  }
}

function show({ event, agent, bytes }: FuzzCase): string {
  const text = bytes === undefined ? '(too large)' : JSON.stringify(bytes.toString('latin1').slice(0, 400));
  return `${event}, NEXO_AGENT=${agent ?? '(unset)'}, ${text}`;
}
