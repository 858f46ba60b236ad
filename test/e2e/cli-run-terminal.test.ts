import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { NEXO, nexoJson, runNexo, startProgram, temporaryFolder } from '../support/run-nexo.ts';

/** `script` of util-linux gives a program a real terminal; the one of other systems takes other arguments. */
const hasTerminal = process.platform === 'linux' && existsSync('/usr/bin/script');

/** A client that talks to the person in front of it, and does not end at Ctrl-C. */
const CLIENT = `#!/usr/bin/env bash
case " $* " in *" --help "*|*" --version "*) exit 0;; esac
trap 'echo "[heard Ctrl-C]"' INT
[ -t 0 ] && [ -t 1 ] && echo "[in a terminal, in $PWD: $*]"
echo "[secret \${MY_SECRET_TOKEN:-unseen}]"
while ! read -r line; do :; done
echo "[you said $line]"
exit 7
`;

function place() {
  const cwd = temporaryFolder('session');
  const client = join(cwd, 'client');
  writeFileSync(client, CLIENT);
  chmodSync(client, 0o755);
  const home = join(cwd, '.home');
  mkdirSync(home);
  const env = {
    NEXO_HOME: home,
    HOME: home,
    CLAUDE_BIN: client,
    MY_SECRET_TOKEN: 'hunter2hunter2',
    TERM: 'xterm',
    CI: undefined,
  };
  return { cwd, env };
}

describe('nexo run --interactive', () => {
  it.skipIf(!hasTerminal)(
    'gives a person the terminal, leaves Ctrl-C to the session, and records it without a word',
    async () => {
      const { cwd, env } = place();
      const line = `exec '${process.execPath}' '${NEXO}' run --interactive --backend claude_code --tier bajo`;
      const child = startProgram('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
        cwd,
        env,
        input: '',
      });
      let screen = '';
      let typed = 0;
      child.stdout?.on('data', (chunk: Buffer) => {
        screen += chunk.toString();
        if (typed === 0 && screen.includes('[secret')) {
          typed = 1;
          child.stdin?.write('\u0003');
        } else if (typed === 1 && screen.includes('[heard Ctrl-C]')) {
          typed = 2;
          child.stdin?.write('good morning\n');
        }
      });
      const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
      expect(screen).toContain('[you said good morning]');
      expect(code).toBe(7);
      expect(screen).toMatch(/\[in a terminal, in \S*session\S*: .*--model/);
      expect(screen).toContain('[secret unseen]');
      const { run } = (await nexoJson(['runs', 'show', 'last'], { cwd, env })) as { run: object };
      expect(run).toMatchObject({
        caller: 'nexo_chat',
        backend: 'claude_code',
        sessionType: 'interactive_chat',
        status: 'failed',
        returncode: 7,
        promptChars: 0,
      });
      expect(JSON.stringify(run)).not.toContain('good morning');
    },
    30_000,
  );

  it('is refused without a terminal, and by a backend that has no session for a person', async () => {
    const { cwd, env } = place();
    const ran = await runNexo(['run', '--interactive', '--backend', 'claude_code'], { cwd, env, input: '' });
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('needs a terminal') });
  });
});
