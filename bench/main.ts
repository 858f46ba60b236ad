import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { CONTENDER_NAMES, contendersOf } from './contenders.ts';
import { type Options, readOptions, USAGE, UsageError } from './options.ts';
import { Processes } from './processes.ts';
import { ensureReference } from './reference.ts';
import { ROWS } from './rows.ts';
import { Scratch } from './scratch.ts';
import { Bench, type Subject } from './subject.ts';
import { calls } from './subjects/calls.ts';
import { crash } from './subjects/crash.ts';
import { damage } from './subjects/damage.ts';
import { footprint } from './subjects/footprint.ts';
import { history } from './subjects/history.ts';
import { hook } from './subjects/hook.ts';
import { packs } from './subjects/packs.ts';
import { plugins } from './subjects/plugins.ts';
import { runs } from './subjects/runs.ts';
import { skills } from './subjects/skills.ts';
import { start } from './subjects/start.ts';
import { writers } from './subjects/writers.ts';
import { type Judged, judgeRow, renderTable } from './table.ts';

const SUBJECTS: readonly Subject[] = [
  start,
  hook,
  footprint,
  calls,
  history,
  writers,
  crash,
  damage,
  packs,
  runs,
  skills,
  plugins,
];
/** A run that takes longer is cut: what is left by then does not tell anything any more. In milliseconds. */
const LONGEST_RUN_MS = 290_000;

process.exitCode = await main(process.argv.slice(2));

/** Returns the exit code: 0 measured, 1 something failed (or is over budget, with --check), 2 usage, 130 interrupted. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(
      args,
      SUBJECTS.map(({ name }) => name),
    );
    if (options === 'help') {
      process.stdout.write(USAGE);
      return 0;
    }
    return await run(options);
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n\n${USAGE}`);
      return 2;
    }
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

async function run(options: Options): Promise<number> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  if (options.contenders.includes('nexo') && !existsSync(join(root, 'dist', 'main.js'))) {
    throw new Error('There is no dist/main.js: run `npm run build` first, or `npm run bench`, which does.');
  }
  const scratch = new Scratch();
  const processes = new Processes();
  const startedAt = performance.now();
  let cutShort: string | undefined;
  const cut = (reason: string): void => {
    cutShort ??= reason;
    processes.endAll();
  };
  const deadline = setTimeout(() => cut(`it took longer than ${LONGEST_RUN_MS / 1_000} s`), LONGEST_RUN_MS);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => cut(signal));
  const rows: Judged[] = [];
  try {
    const entries = {
      nexo: options.contenders.includes('nexo') ? scratch.copyOfBuild(root) : '',
      reference: options.contenders.includes('reference') ? ensureReference() : '',
      floor: scratch.copyOfFloor(),
    };
    const contenders = contendersOf(entries).filter(({ name }) => options.contenders.includes(name));
    const bench = new Bench({ contenders, scratch, processes, quick: options.quick });
    for (const subject of SUBJECTS) {
      if (options.subjects.length > 0 && !options.subjects.includes(subject.name)) continue;
      const subjectAt = performance.now();
      process.stderr.write(`· ${subject.name} … `);
      for await (const measurement of subject.measure(bench)) {
        if (cutShort === undefined) rows.push(judgeRow(measurement));
      }
      process.stderr.write(`${((performance.now() - subjectAt) / 1_000).toFixed(0)} s\n`);
    }
  } catch (error) {
    process.stderr.write('\n');
    if (cutShort === undefined) throw error;
  } finally {
    clearTimeout(deadline);
    processes.endAll();
    scratch.remove();
  }
  return report(options, rows, { cutShort, seconds: (performance.now() - startedAt) / 1_000 });
}

interface Run {
  readonly cutShort: string | undefined;
  readonly seconds: number;
}

function report(options: Options, rows: readonly Judged[], { cutShort, seconds }: Run): number {
  const machine = {
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    platform: `${process.platform}-${process.arch}`,
    system: release().split('-')[0],
    node: process.version,
  };
  process.stdout.write(`${renderTable(rows)}\n\n`);
  process.stdout.write(
    'Medians (lowest–highest) of one run, the contenders in turns; ratio = nexo / reference, in the\n',
  );
  process.stdout.write(
    `rows of processes nexo / node -e 0. ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}, `,
  );
  process.stdout.write(`node ${machine.node}${options.quick ? ', quick' : ''}, ${seconds.toFixed(0)} s.\n`);
  if (options.jsonFile !== undefined) {
    const measured = rows.map((judged) => ({
      what: ROWS[judged.row].what,
      unit: ROWS[judged.row].unit,
      ...judged,
    }));
    const record = {
      date: new Date().toISOString(),
      machine,
      quick: options.quick,
      seconds,
      cutShort,
      rows: measured,
    };
    writeFileSync(options.jsonFile, `${JSON.stringify(record, null, 2)}\n`);
  }
  const failed = reportFailures(rows);
  if (cutShort !== undefined) {
    process.stderr.write(`The run was cut short (${cutShort}); the table holds what was measured before.\n`);
    return cutShort === 'SIGINT' ? 130 : 1;
  }
  const over = namesOf(rows.filter(({ state }) => state === 'over'));
  if (over.length > 0) process.stdout.write(`Over budget: ${over.join('; ')}.\n`);
  const open = namesOf(rows.filter(({ row, state }) => state === '' && 'budget' in ROWS[row]));
  if (open.length > 0) process.stdout.write(`Nothing to compare with: ${open.join('; ')}.\n`);
  return failed || (options.check && over.length + open.length > 0) ? 1 : 0;
}

function namesOf(rows: readonly Judged[]): string[] {
  return rows.map(({ row }) => ROWS[row].what);
}

/** What the table has no room for. Returns whether Nexo could not be measured somewhere. */
function reportFailures(rows: readonly Judged[]): boolean {
  let failed = false;
  for (const { row, readings } of rows) {
    for (const name of CONTENDER_NAMES) {
      const reading = readings[name];
      if (reading?.kind === 'failed') {
        failed ||= name === 'nexo';
        process.stderr.write(`${name} failed at "${ROWS[row].what}": ${reading.reason}\n`);
      } else if (reading?.detail !== undefined) {
        process.stdout.write(`${name}, "${ROWS[row].what}": ${reading.detail}\n`);
      }
    }
  }
  return failed;
}
