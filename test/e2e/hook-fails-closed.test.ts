import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { HARNESS_NAMES, type HarnessName } from '../../src/harness/contract.ts';
import { HOOK_EVENTS } from '../../src/hooks/events.ts';
import { createRandom } from '../gate/grammar.ts';
import { faultsOf } from '../hooks/answers.ts';
import { fuzzCase } from '../hooks/fuzz-payloads.ts';
import { hookPayload } from '../support/hook-payloads.ts';
import { NEXO, type Ran, runProgram } from '../support/run-nexo.ts';

/** A copy of the installation that a test may damage, and a project to work in. */
let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'hook-closed-'));
});

function installation(): { entry: string; root: string } {
  const root = mkdtempSync(join(base, 'nexo-'));
  const source = dirname(dirname(NEXO));
  for (const name of ['dist', 'assets', 'package.json']) {
    cpSync(join(source, name), join(root, name), { recursive: true });
  }
  return { entry: join(root, 'dist', 'main.js'), root };
}

function newProject(): string {
  const project = mkdtempSync(join(base, 'project-'));
  mkdirSync(join(project, '.nexus', 'memory'), { recursive: true });
  return project;
}

interface Asked {
  readonly entry?: string;
  readonly harness: HarnessName;
  readonly agent?: string;
  readonly environment?: string;
  readonly use?: 'edit' | 'shell';
  readonly payload?: string;
}

function ask({ entry = NEXO, harness, agent, environment, use = 'shell', payload }: Asked): Promise<Ran> {
  const cwd = newProject();
  const event = 'pre-tool-use';
  const input = payload ?? JSON.stringify(hookPayload({ harness, event, cwd, agent, use }));
  const args = [entry, 'hook', event, '--harness', harness];
  return runProgram(process.execPath, args, { cwd, env: { NEXO_AGENT: environment }, input });
}

/** A refusal in each harness's own form, and no stack trace. */
function expectRefusal({ code, stderr }: Ran): void {
  expect(stderr).not.toMatch(/^\s+at /m);
  expect([code, stderr === '']).toEqual([2, false]);
}

describe('before a tool call of an agent with a gate, a refusal', () => {
  const damages: [string, (root: string) => void][] = [
    ['the list of agents is gone', (root) => rmSync(join(root, 'assets', 'manifest.json'))],
    ['the list of agents is cut', (root) => truncateSync(join(root, 'assets', 'manifest.json'), 900)],
    ['the list of agents is empty', (root) => writeFileSync(join(root, 'assets', 'manifest.json'), '{}')],
    ['the gate is gone', (root) => rmSync(join(root, 'dist', 'hook', 'handle-tool-use.js'))],
    ['the gate is cut', (root) => truncateSync(join(root, 'dist', 'hook', 'handle-tool-use.js'), 20_000)],
    ['the shell parser is gone', (root) => rmSync(join(root, 'dist', 'hook', 'describe-command.js'))],
    [
      'the shell parser is cut',
      (root) => truncateSync(join(root, 'dist', 'hook', 'describe-command.js'), 9_000),
    ],
    ['the hook itself is gone', (root) => rmSync(join(root, 'dist', 'hook', 'hook-main.js'))],
    ['the hook itself is cut', (root) => truncateSync(join(root, 'dist', 'hook', 'hook-main.js'), 5_000)],
  ];

  it.each(damages)('when %s', async (_name, damage) => {
    const { entry, root } = installation();
    damage(root);
    for (const harness of HARNESS_NAMES) {
      expectRefusal(await ask({ entry, harness, agent: 'architect' }));
      expectRefusal(await ask({ entry, harness, environment: 'architect', payload: '{"broken":' }));
    }
    // Lead works on.
    for (const harness of HARNESS_NAMES) {
      const lead = await ask({ entry, harness });
      expect([lead.code, lead.stdout]).toEqual([0, '']);
    }
  });

  it.skipIf(process.getuid?.() === 0)('when the list of agents may not be read', async () => {
    const { entry, root } = installation();
    chmodSync(join(root, 'assets', 'manifest.json'), 0);
    expectRefusal(await ask({ entry, harness: 'claude', agent: 'architect' }));
  });

  it.each(HARNESS_NAMES)('when a later layer of the catalog is damaged, in %s', async (harness) => {
    const cwd = newProject();
    const folder = join(cwd, '.nexus', 'catalog', 'agents', 'architect');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'body.md'), '---\ncapabilities: [no_file_edit\n');
    const input = JSON.stringify(hookPayload({ harness, event: 'pre-tool-use', cwd, agent: 'architect' }));
    const args = [NEXO, 'hook', 'pre-tool-use', '--harness', harness];
    expectRefusal(await runProgram(process.execPath, args, { cwd, input }));
  });

  it.each(['', 'null', '[]', '{"a":', '\u0000', '{}'])(
    'when the payload is %j and the environment names it',
    async (payload) => {
      for (const harness of HARNESS_NAMES) {
        expectRefusal(await ask({ harness, environment: 'architect', payload }));
        const lead = await ask({ harness, payload });
        expect([lead.code, lead.stdout]).toEqual([0, '']);
      }
    },
  );

  it('when standard input is closed, or the answer cannot be delivered', async () => {
    const cwd = newProject();
    const args = [NEXO, 'hook', 'pre-tool-use', '--harness', 'claude'];
    const env = { ...process.env, NEXO_AGENT: 'architect' };
    const closed = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'ignore', 'ignore'] });
    expect((await once(closed, 'exit'))[0]).toBe(2);
    if (process.platform !== 'linux') return;
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['pipe', full, full] });
    child.stdin?.end(
      JSON.stringify(hookPayload({ harness: 'claude', event: 'pre-tool-use', cwd, agent: 'architect' })),
    );
    expect((await once(child, 'exit'))[0]).toBe(2);
  });

  it('never consent, when the hook is ended while it waits for the payload', async () => {
    const cwd = newProject();
    const env = { ...process.env, NEXO_AGENT: 'architect' };
    const args = [NEXO, 'hook', 'pre-tool-use', '--harness', 'claude'];
    const child = spawn(process.execPath, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    await once(child, 'spawn');
    child.stdin.write('{"hook_event_name":');
    child.kill('SIGTERM');
    const [code, signal] = await once(child, 'exit');
    expect([code, signal]).not.toEqual([0, null]);
  });
});

describe('the built program', () => {
  it.each(HARNESS_NAMES)('answers spoilt payloads of %s as the function behind it does', async (harness) => {
    const random = createRandom(7);
    const cwd = newProject();
    for (let index = 0; index < 16; index += 1) {
      const fuzzed = fuzzCase(harness, cwd, random);
      if (fuzzed.bytes === undefined) continue;
      const ran = await runProgram(process.execPath, [NEXO, 'hook', fuzzed.event, '--harness', harness], {
        cwd,
        env: { NEXO_AGENT: fuzzed.agent },
        input: fuzzed.bytes,
      });
      expect(ran.signal).toBeNull();
      expect(faultsOf(harness, fuzzed, { ...ran, exitCode: ran.code ?? -1 })).toEqual([]);
    }
  });

  it('lets a session go on when no event but a tool call of a gated agent can be handled', async () => {
    const { entry, root } = installation();
    rmSync(join(root, 'dist', 'hook', 'handle-event.js'));
    for (const event of HOOK_EVENTS) {
      if (event === 'pre-tool-use') continue;
      const cwd = newProject();
      const input = JSON.stringify(hookPayload({ harness: 'claude', event, cwd }));
      const ran = await runProgram(process.execPath, [entry, 'hook', event, '--harness', 'claude'], {
        cwd,
        input,
      });
      expect([ran.code, ran.stdout]).toEqual([0, '']);
      expect(ran.stderr).not.toMatch(/^\s+at /m);
    }
  });
});
