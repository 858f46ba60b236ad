import { parseArgs } from 'node:util';

import { simulate } from '../support/schedule-simulation.ts';

/** `node test/soak/schedules-years.ts`: ten thousand schedules over five years, of which the suite takes a sample. */
const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '10000' },
    years: { type: 'string', default: '5' },
    zone: { type: 'string', default: 'America/New_York' },
    seed: { type: 'string', default: '1' },
  },
});
const startedAt = performance.now();
const report = simulate({
  schedules: Number(values.schedules),
  years: Number(values.years),
  zone: values.zone,
  seed: Number(values.seed),
});
const seconds = Math.round((performance.now() - startedAt) / 1000);
process.stdout.write(
  `${JSON.stringify({ ...report, faults: report.faults.slice(0, 20), seconds }, null, 2)}\n`,
);
process.exitCode = report.faults.length === 0 ? 0 : 1;
