import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { findMarkedProcesses } from '../../src/base/marked-processes.ts';
import { startModelServer } from '../../src/harness/probe/model-server.ts';
import { type Conversation, ScriptedModel, type Turn } from '../../src/harness/probe/script.ts';
import type { RunRow } from '../../src/runner/records/run-row.ts';
import type { ExecutionEvent, ExecutionResult } from '../../src/runner/subagents/events.ts';
import { NEXO, nexoJson, runNexo, startProgram } from '../support/run-nexo.ts';
import { type InstalledClient, installedCodex, installedOpenCode } from './clients.ts';
import { all, type ClientProject, createClientProject, isTold, resultHas } from './scripted-run.ts';

interface Subject {
  readonly backend: 'codex' | 'opencode';
  installed(): InstalledClient;
  /** Words that a person would answer a question with. */
  readonly args: readonly string[];
  shell(command: string): Turn;
}

const SUBJECTS: readonly Subject[] = [
  {
    backend: 'codex',
    installed: installedCodex,
    args: ['--dangerously-bypass-hook-trust'],
    shell: (cmd) => ({ call: 'exec_command', input: { cmd } }),
  },
  {
    backend: 'opencode',
    installed: installedOpenCode,
    args: [],
    shell: (command) => ({ call: 'bash', input: { command, description: 'A command' } }),
  },
];

/** Longest wait for a client to reach a point of its script, in milliseconds. */
const PATIENCE_MS = 60_000;
const item = (id: number): string => `Work item: task ${id}.`;

describe.each(SUBJECTS)('nexo plan execute with the real $backend', ({ backend, installed, args, shell }) => {
  it('carries out a task, has it checked, and holds an owner to what its role may not do', async () => {
    const project = place(installed(), backend, args);
    await nexo(
      project,
      'task',
      'add',
      '--title',
      'Make it',
      '--context',
      'Target files: made.txt',
      '--acceptance',
      'It says made',
      '--owner',
      'engineer',
    );
    await nexo(
      project,
      'task',
      'add',
      '--title',
      'Look',
      '--context',
      'Files: none',
      '--owner',
      'researcher',
    );
    const refused = resultHas('Refused by no_file_edit');
    const conversations: Conversation[] = [
      {
        marker: 'Verify task 1:',
        turns: [
          { expect: isTold('TASK: Verify task 1: Make it', '- It says made'), ...shell('cat made.txt') },
          { expect: resultHas('made'), say: 'It says made.\n\nVerdict: PASS' },
        ],
      },
      {
        marker: item(1),
        turns: [
          { expect: isTold('TASK: Make it', 'Target files: made.txt'), ...shell('echo made > made.txt') },
          { say: 'Made.' },
        ],
      },
      { marker: item(2), turns: [shell('echo x > stolen.txt'), { expect: refused, say: 'I may not.' }] },
    ];
    await withModel(project, conversations, async () => {
      const ran = await runNexo(['plan', 'execute', '--backend', backend, '--json'], options(project));
      expect(resultIn(ran.stdout), ran.stdout + ran.stderr).toMatchObject({
        outcome: 'done',
        completed: 2,
        runs: 3,
      });
      expect(project.text('made.txt')).toBe('made\n');
      expect(project.has('stolen.txt')).toBe(false);
      expect(resultIn(ran.stdout).inputTokens).toBeGreaterThan(0);
      const { agents } = (await nexoJson(['status'], options(project))) as {
        agents: { harnessId: string; agents: object[] }[];
      };
      const ours = agents.find(({ harnessId }) => harnessId === 'nexo')?.agents;
      expect(ours).toHaveLength(3);
      expect(ours).toContainEqual(
        expect.objectContaining({ agent_name: 'engineer', status: 'completed', files_touched: ['made.txt'] }),
      );
    });
  });

  it('stops, and goes on with the same session', async () => {
    const project = place(installed(), backend, args);
    await nexo(
      project,
      'task',
      'add',
      '--title',
      'Make it',
      '--context',
      'Target files: made.txt',
      '--owner',
      'engineer',
    );
    const conversations: Conversation[] = [
      {
        marker: item(1),
        turns: [
          shell('echo begun > made.txt; sleep 300'),
          { expect: all(isTold('You have worked on this before')), say: 'It was made already.' },
        ],
      },
    ];
    await withModel(project, conversations, async () => {
      const first = await interrupted(project, backend);
      expect(first.code, first.said).toBe(130);
      expect(resultIn(first.said)).toMatchObject({ outcome: 'stopped' });
      const ran = await runNexo(['plan', 'execute', '--backend', backend, '--json'], options(project));
      expect(resultIn(ran.stdout), ran.stdout + ran.stderr).toMatchObject({ outcome: 'done', runs: 1 });
      const { runs } = (await nexoJson(['runs', 'list'], options(project))) as { runs: RunRow[] };
      expect(runs.map(({ reason }) => reason)).toEqual(['completed', 'interrupted']);
      expect(runs[0]?.sessionId).toBe(runs[1]?.sessionId);
      expect(runs[0]?.sessionId).not.toBe('');
    });
  });

  it('blocks a task whose run somebody cancels, and leaves no process behind', async () => {
    const project = place(installed(), backend, args);
    await nexo(
      project,
      'task',
      'add',
      '--title',
      'Wait',
      '--context',
      'Target files: made.txt',
      '--owner',
      'engineer',
    );
    await withModel(
      project,
      [{ marker: item(1), turns: [shell('echo begun > made.txt; sleep 300')] }],
      async () => {
        const running = runNexo(['plan', 'execute', '--backend', backend, '--json'], options(project));
        await until(() => existsSync(project.path('made.txt')));
        const { run } = (await nexoJson(['runs', 'cancel', 'last'], options(project))) as { run: RunRow };
        const ran = await running;
        expect(ran.code, ran.stdout + ran.stderr).toBe(1);
        expect(resultIn(ran.stdout)).toMatchObject({
          blocked: 1,
          tasks: [{ why: 'its work was cancelled' }],
        });
        expect(findMarkedProcesses('NEXO_RUN_ID', run.id)).toEqual([]);
      },
    );
  });
});

function place(client: InstalledClient, backend: string, args: readonly string[]): ClientProject {
  const project = createClientProject(client);
  const config = join(project.home, '.nexo', 'config');
  mkdirSync(config, { recursive: true });
  const settings = { backends: { [backend]: { program: client.program, args } } };
  writeFileSync(join(config, 'runtime.yaml'), JSON.stringify(settings));
  return project;
}

async function withModel(
  project: ClientProject,
  conversations: readonly Conversation[],
  work: () => Promise<void>,
): Promise<void> {
  const model = new ScriptedModel(conversations);
  const server = await startModelServer(model);
  try {
    const { client } = project.installed;
    client.configure(project, server.address);
    await nexo(project, 'harness', 'install', client.harness, '--scope', 'user');
    await work();
    expect(model.faults).toEqual([]);
    expect(model.unserved()).toEqual([]);
  } finally {
    await server.close();
  }
}

async function interrupted(
  project: ClientProject,
  backend: string,
): Promise<{ code: number | null; said: string }> {
  const child = startProgram(
    process.execPath,
    [NEXO, 'plan', 'execute', '--backend', backend, '--json'],
    options(project),
  );
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  await until(() => existsSync(project.path('made.txt')));
  child.kill('SIGINT');
  return { code: await ended, said };
}

function options({ project, env }: ClientProject) {
  return { cwd: project, env };
}

async function nexo(project: ClientProject, ...args: string[]): Promise<void> {
  const ran = await runNexo(args, options(project));
  if (ran.code !== 0) throw new Error(`nexo ${args.join(' ')}: ${ran.stdout}${ran.stderr}`);
}

function resultIn(stdout: string): ExecutionResult {
  const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as ExecutionEvent;
  if (last.event !== 'end') throw new Error(stdout);
  return last;
}

async function until(isSo: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > giveUpAt) throw new Error('it did not happen in time');
    await delay(50);
  }
}
