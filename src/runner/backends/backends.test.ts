import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type BackendSubject, backendContract, seenByFake } from '../../../test/contract/backend-contract.ts';
import { createRunHome, fakeAgent } from '../../../test/support/run-home.ts';

/** A subject whose program is the fake one, which speaks the shapes recorded from the real one. */
function fakeSubject(
  name: 'claude_code' | 'codex' | 'opencode' | 'command',
  settings: object,
  costUsd: number | null,
): BackendSubject {
  return {
    name,
    costUsd,
    seen: seenByFake,
    create: (more = {}, env = {}) => createRunHome({ backends: { [name]: settings }, ...more }, env),
  };
}

backendContract(fakeSubject('claude_code', { program: fakeAgent('claude') }, 0.25));
// Codex names no cost: 10 fresh, 5 cached and 7 output tokens of gpt-5.4.
backendContract(
  fakeSubject('codex', { program: fakeAgent('codex') }, (10 * 1.25 + 5 * 0.125 + 7 * 10) / 1e6),
);
backendContract(fakeSubject('opencode', { program: fakeAgent('opencode') }, 0.25));
backendContract(
  fakeSubject(
    'command',
    { program: fakeAgent('command'), args: ['--session={session}', '--model={model}'] },
    0.25,
  ),
);

const usage = { usage: { input_tokens: 15, cached_input_tokens: 5, output_tokens: 7, cost_usd: 0.25 } };
const overloaded = { fail: { message: '529 overloaded', transient: true, after_ms: 10 } };
const tool = { write: { path: 'made.txt', content: 'made' } };
const script = {
  replies: [
    { when: { contains: 'FAIL-NOW' }, steps: [{ fail: { message: 'nothing works today', exit_code: 7 } }] },
    { when: { contains: 'USE-TOOL OVERLOADED-ONCE', attempt: 1 }, steps: [tool, overloaded] },
    { when: { contains: 'OVERLOADED-ONCE', attempt: 1 }, steps: [overloaded] },
    { when: { contains: 'HANG-NOW DEAF' }, steps: [{ hang: 'deaf' }] },
    { when: { contains: 'HANG-NOW' }, steps: [{ hang: 'plainly' }] },
    { when: { contains: 'USE-TOOL' }, steps: [tool, { answer: 'All done.' }, usage] },
    { steps: [{ answer: 'All done.' }, usage] },
  ],
};

backendContract({
  name: 'scripted',
  costUsd: 0.25,
  create: (more = {}, env = {}) => {
    const home = createRunHome(more, env);
    writeFileSync(join(home.project, 'script.json'), JSON.stringify(script));
    return home;
  },
  request: { script: 'script.json' },
});
