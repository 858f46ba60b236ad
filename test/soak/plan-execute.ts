import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { soakPlan } from '../support/plan-soak.ts';

/**
 * A plan of 200 tasks with random dependencies, on the scripted backend, with failures, checks that say no, time limits,
 * cancels, and the program killed and stopped again and again: node test/soak/plan-execute.ts [seed] [tasks] [kills]
 */
const [seed = '1', tasks = '200', kills = '12'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'nexo-plan-soak-'));
const report = await soakPlan({
  folder,
  tasks: Number(tasks),
  seed: Number(seed),
  kills: Number(kills),
  stops: 4,
  parallel: 4,
  timeoutS: 4,
});
process.stdout.write(`${JSON.stringify({ seed: Number(seed), ...report }, null, 2)}\n`);
if (report.faults.length > 0) process.exitCode = 1;
else rmSync(folder, { recursive: true, force: true });
