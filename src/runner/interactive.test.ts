import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { createRunHome } from '../../test/support/run-home.ts';
import { runAutomationInteractive } from './interactive.ts';
import { runAutomationPrompt } from './run.ts';

/** Writes down how it was called. */
const CLIENT = `#!/bin/sh
case " $* " in *" --help "*|*" --version "*) exit 0;; esac
printf '%s\\n' "$@" > called
`;

it('B4: a prompt and a session both take a tier, and an empty one is none', async () => {
  const { world, project } = createRunHome();
  const prompt = (tier?: string) =>
    runAutomationPrompt(
      { caller: 'personal/foo', backend: 'scripted', prompt: 'Hello.', cwd: project, tier },
      world,
    );
  for (const none of [undefined, '']) expect((await prompt(none)).tier).toBe('alto');
  expect((await prompt('medio')).tier).toBe('medio');

  const client = join(project, 'client');
  writeFileSync(client, CLIENT);
  chmodSync(client, 0o755);
  const own = { ...world, env: { ...world.env, CLAUDE_BIN: client } };
  const effort = async (tier?: string) => {
    const request = { caller: 'personal/foo', client: 'claude_code', target: client, tier };
    expect(await runAutomationInteractive(request, own)).toMatchObject({ returncode: 0 });
    const called = readFileSync(join(project, 'called'), 'utf8').split('\n');
    return called[called.indexOf('--effort') + 1];
  };
  for (const none of [undefined, '']) expect(await effort(none)).toBe('xhigh');
  expect(await effort('medio')).toBe('high');
});
