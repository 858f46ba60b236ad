import { decideToolCall } from '../../src/hooks/gate/decide-tool-call.ts';
import { diskWorld } from '../../src/hooks/gate/disk-world.ts';
import { createYard, loadSamples } from './corpus.ts';

// Prints how many of the attacks are stopped and how many of the innocent calls pass; anything below all is a failure.
const yard = createYard();
try {
  const score = { deny: { hit: 0, all: 0 }, allow: { hit: 0, all: 0 } };
  for (const sample of loadSamples(yard)) {
    const decision = await decideToolCall(sample.call, diskWorld);
    const tally = score[sample.want];
    tally.all += 1;
    if (decision.decision === sample.want) tally.hit += 1;
    else {
      const why = decision.decision === 'deny' ? `  [${decision.rule}] ${decision.reason}` : '';
      console.error(
        `${sample.want === 'deny' ? 'let through' : 'over-blocked'} (${sample.rule}): ${sample.shown}${why}`,
      );
    }
  }
  console.log(
    `attacks blocked ${score.deny.hit}/${score.deny.all}, innocent allowed ${score.allow.hit}/${score.allow.all}`,
  );
  if (score.deny.hit !== score.deny.all || score.allow.hit !== score.allow.all) process.exitCode = 1;
} finally {
  yard.dispose();
}
