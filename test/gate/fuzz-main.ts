import { parseArgs } from 'node:util';

import { fuzzGate } from './fuzz.ts';

// node test/gate/fuzz-main.ts --cases 1000000 --seed 7
const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const result = await fuzzGate(Number(values.cases), Number(values.seed));
console.log(
  `${result.cases} cases, seed ${values.seed}: ${result.missed.length} writes let through, ${result.overBlocked.length} reads refused, slowest ${result.slowestMs.toFixed(1)} ms (${result.slowest.length} characters)`,
);
for (const command of [...result.missed.slice(0, 20), ...result.overBlocked.slice(0, 20)])
  console.log(JSON.stringify(command));
if (result.missed.length > 0 || result.overBlocked.length > 0) process.exitCode = 1;
