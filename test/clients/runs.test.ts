import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { findMarkedProcesses } from '../../src/base/marked-processes.ts';
import { startModelServer } from '../../src/harness/probe/model-server.ts';
import { type Conversation, ScriptedModel, type Turn } from '../../src/harness/probe/script.ts';
import type { RunRow } from '../../src/runner/records/run-row.ts';
import type { RunOutcome } from '../../src/runner/request.ts';
import { nexoJson, type Ran, runNexo } from '../support/run-nexo.ts';
import { type InstalledClient, installedCodex, installedOpenCode } from './clients.ts';
import { type ClientProject, createClientProject, isTold, resultHas } from './scripted-run.ts';

interface Subject {
  readonly backend: 'codex' | 'opencode';
  installed(): InstalledClient;
  shell(command: string): Turn;
}

const SUBJECTS: readonly Subject[] = [
  {
    backend: 'codex',
    installed: installedCodex,
    shell: (cmd) => ({ call: 'exec_command', input: { cmd } }),
  },
  {
    backend: 'opencode',
    installed: installedOpenCode,
    shell: (command) => ({ call: 'bash', input: { command, description: 'A command' } }),
  },
];

/** Longest wait for a client to reach a point of its script, in milliseconds. */
const PATIENCE_MS = 60_000;

describe.each(SUBJECTS)('nexo run with the real $backend', ({ backend, installed, shell }) => {
  const run = (project: ClientProject, prompt: string, ...flags: string[]): Promise<Ran> =>
    runNexo(
      ['run', '--caller', 'personal/clients', '--backend', backend, '--prompt', prompt, '--json', ...flags],
      {
        cwd: project.project,
        env: project.env,
      },
    );

  it('goes through a task, and is resumed by its session, with everything it used recorded', async () => {
    const project = createProject(installed(), backend);
    await withModel(
      project,
      {
        marker: 'RUN-ONE',
        turns: [
          { expect: isTold('Keep to the facts.'), ...shell('echo made > made.txt && cat made.txt') },
          { expect: resultHas('made'), say: 'The file is made.' },
          { expect: isTold('RUN-ONE', 'And what did you make?'), say: 'A file.' },
        ],
      },
      async () => {
        const ran = await run(
          project,
          'RUN-ONE make the file',
          '--append-system-prompt',
          'Keep to the facts.',
        );
        const first: RunOutcome = JSON.parse(ran.stdout);
        expect(first, ran.stdout + ran.stderr).toMatchObject({
          status: 'ok',
          reason: 'completed',
          returncode: 0,
          answer: 'The file is made.',
          attempts: 1,
          toolCalls: 1,
        });
        expect(project.text('made.txt')).toBe('made\n');
        expect(first.usage.inputTokens + first.usage.outputTokens).toBeGreaterThan(0);
        expect(first.turns).toBeGreaterThan(0);

        const again = await run(project, 'And what did you make?', '--resume', first.sessionId ?? '');
        const second: RunOutcome = JSON.parse(again.stdout);
        expect(second, again.stdout + again.stderr).toMatchObject({
          status: 'ok',
          answer: 'A file.',
          sessionId: first.sessionId,
        });

        const { run: row } = (await nexo(project, 'runs', 'show', first.id)) as { run: RunRow };
        expect(row).toMatchObject({
          status: 'ok',
          backend,
          tier: 'alto',
          sessionId: first.sessionId,
          inputTokens: first.usage.inputTokens,
          outputTokens: first.usage.outputTokens,
          promptChars: 'RUN-ONE make the file'.length + 'Keep to the facts.'.length,
        });
        // What the tier asks for is not among what this configuration offers, and the run says what became of it.
        expect(row.warnings.join('\n')).toContain(`${backend} `);
        expect(JSON.stringify(row)).not.toContain('make the file');
      },
    );
  });

  it('is cancelled with the tool that it waits for', async () => {
    const project = createProject(installed(), backend);
    await withModel(
      project,
      { marker: 'RUN-LONG', turns: [shell('echo begun > begun.txt; sleep 300')] },
      async () => {
        const running = run(project, 'RUN-LONG wait for ever');
        await until(() => existsSync(project.path('begun.txt')));
        const { run: row } = (await nexo(project, 'runs', 'cancel', 'last')) as { run: RunRow };
        const ran = await running;
        const outcome: RunOutcome = JSON.parse(ran.stdout);
        expect(ran.code).toBe(130);
        expect(outcome).toMatchObject({ status: 'failed', reason: 'cancelled', returncode: 130 });
        expect(row).toMatchObject({ id: outcome.id, status: 'failed', reason: 'cancelled' });
        expect(findMarkedProcesses('NEXO_RUN_ID', outcome.id)).toEqual([]);
      },
    );
  });

  it('is ended when its model cannot be reached', async () => {
    const project = createProject(installed(), backend);
    project.installed.client.configure(project, 'http://127.0.0.1:9/v1');
    const ran = await run(project, 'RUN-NOWHERE say something', '--timeout', '20', '--retries', '0');
    const outcome: RunOutcome = JSON.parse(ran.stdout);
    expect(outcome.status, ran.stdout + ran.stderr).toBe('failed');
    expect(['failed', 'wall_clock']).toContain(outcome.reason);
    expect(ran.code).not.toBe(0);
  });
});

/** A project whose settings name the client that the tests have installed. */
function createProject(client: InstalledClient, backend: string): ClientProject {
  const project = createClientProject(client);
  const config = join(project.home, '.nexo', 'config');
  mkdirSync(config, { recursive: true });
  writeFileSync(
    join(config, 'runtime.yaml'),
    JSON.stringify({ backends: { [backend]: { program: client.program } } }),
  );
  return project;
}

/** Serves one conversation while `work` goes on, and checks that it was had to its end as the script has it. */
async function withModel(
  project: ClientProject,
  conversation: Conversation,
  work: () => Promise<void>,
): Promise<void> {
  const model = new ScriptedModel([conversation]);
  const server = await startModelServer(model);
  try {
    project.installed.client.configure(project, server.address);
    await work();
    expect(model.faults).toEqual([]);
    expect(model.unserved()).toEqual([]);
  } finally {
    await server.close();
  }
}

function nexo(project: ClientProject, ...args: string[]): Promise<unknown> {
  return nexoJson(args, { cwd: project.project, env: project.env });
}

async function until(isSo: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > giveUpAt) throw new Error('it did not happen in time');
    await delay(50);
  }
}
