import { parseArgs } from 'node:util';

import { HARNESS_NAMES } from '../../src/harness/contract.ts';
import { fuzzHooks } from './fuzz.ts';

// node test/hooks/fuzz-main.ts --cases 10000 --seed 7
const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
for (const harness of HARNESS_NAMES) {
  const result = await fuzzHooks(harness, Number(values.cases), Number(values.seed));
  console.log(
    `${harness}: ${result.cases} payloads, seed ${values.seed}: ${result.faults.length} faults, ${result.refused} refused, slowest ${result.slowestMs.toFixed(0)} ms: ${result.slowest.slice(0, 160)}`,
  );
  for (const fault of result.faults.slice(0, 20)) console.log(`  ${fault.slice(0, 600)}`);
  if (result.faults.length > 0) process.exitCode = 1;
}
