import { parseArgs } from 'node:util';

import { soak } from '../support/scheduler-soak.ts';

/** `node test/soak/schedules.ts --kills 40 --schedulers 2 --seed 7`: the whole of what the suite takes a sample of. */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '40' },
    schedulers: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    'run-kills': { type: 'boolean', default: false },
  },
});
const report = await soak({
  kills: Number(values.kills),
  schedulers: Number(values.schedulers),
  seed: Number(values.seed),
  pauseMs: [200, 2_500],
  runKills: values['run-kills'],
});
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
process.exitCode = report.faults.length === 0 ? 0 : 1;
