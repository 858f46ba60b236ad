import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { ExecutionEvent, ExecutionResult } from '../../src/runner/subagents/events.ts';
import { NEXO, type Ran, runNexo, startProgram, temporaryFolder } from '../support/run-nexo.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/plan-execute.md'), 'utf8');

async function place() {
  const cwd = temporaryFolder('plan');
  const home = join(cwd, '.home');
  const env = { HOME: home, NEXO_HOME: join(home, '.nexo') };
  const nexo = (...args: string[]): Promise<Ran> => runNexo(args, { cwd, env });
  await nexo('init');
  const add = async (title: string, context: string, ...flags: string[]): Promise<void> => {
    const ran = await nexo('task', 'add', '--title', title, '--context', context, ...flags);
    if (ran.code !== 0) throw new Error(ran.stderr);
  };
  const script = (...replies: object[]): string => {
    writeFileSync(join(home, 'script.json'), JSON.stringify({ replies }));
    return join(home, 'script.json');
  };
  mkdirSync(env.NEXO_HOME, { recursive: true });
  const execute = (...flags: string[]): Promise<Ran> =>
    nexo('plan', 'execute', '--backend', 'scripted', ...flags);
  const tasks = (): { id: number; status: string }[] =>
    JSON.parse(readFileSync(join(cwd, '.nexus/state/tasks.json'), 'utf8')).tasks;
  return { cwd, env, home, nexo, add, script, execute, tasks };
}

const item = (id: number): string => `Work item: task ${id}.`;

function events(stdout: string): ExecutionEvent[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ExecutionEvent);
}

function resultIn(stdout: string): ExecutionResult {
  const last = events(stdout).at(-1);
  if (last?.event !== 'end') throw new Error(stdout);
  return last;
}

describe('nexo plan execute', () => {
  it('does what its page shows', async () => {
    const { nexo } = await place();
    const block = /```\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    const commands = block.split('\n').filter((line) => line.startsWith('$ nexo '));
    expect(commands.length).toBe(6);
    for (const line of commands) {
      const words = [...line.slice('$ nexo '.length).matchAll(/"([^"]*)"|(\S+)/g)].map(
        ([, quoted, plain]) => quoted ?? plain ?? '',
      );
      const ran = await nexo(...words);
      expect(ran.code, line + ran.stderr).toBe(0);
      const shown = block.split(`${line}\n`)[1]?.split('\n$ ')[0]?.trimEnd() ?? '';
      if (words[1] === 'execute') expect(ran.stdout).toContain(shown);
    }
  });

  it('tells each event as a line of JSON, and the result as the last', async () => {
    const { add, execute } = await place();
    await add('One', 'In a.txt', '--owner', 'engineer');
    await add('Two', 'In b.txt', '--owner', 'nobody');
    await add('Three', 'In c.txt', '--dep', '2');
    const ran = await execute('--json');
    expect(ran).toMatchObject({ code: 1, stderr: '' });
    expect(events(ran.stdout)[0]).toMatchObject({ event: 'begin', backend: 'scripted', continues: false });
    expect(resultIn(ran.stdout)).toMatchObject({
      ...{ outcome: 'open', completed: 1, blocked: 1, skipped: 1, runs: 1 },
      tasks: [
        { state: 'completed' },
        { state: 'blocked', why: 'no agent bears the name of its owner' },
        { state: 'skipped', why: 'it waits for 2' },
      ],
    });
  });

  it('holds an owner to what its role may not do', async () => {
    const { cwd, nexo, add, script, execute } = await place();
    await add('Look', 'What is there? Files: none', '--owner', 'researcher');
    const steps = [
      { write: { path: 'mine.txt', content: 'x' } },
      { tool: { name: 'nx_task_add', input: { title: 'More', context: 'c' } } },
      { nexo: ['task', 'close'] },
      { answer: 'Looked.' },
    ];
    const ran = await execute('--script', script({ steps }), '--json');
    expect(resultIn(ran.stdout).outcome, ran.stdout).toBe('done');
    expect(existsSync(join(cwd, 'mine.txt'))).toBe(false);
    const events = await nexo('runs', 'tail', 'last');
    expect(events.stdout).toContain('failed');
    expect(JSON.parse((await nexo('task', 'list', '--json')).stdout).tasks).toHaveLength(1);
  });

  it('does not run a limited role on a command that nobody can limit', async () => {
    const { env, nexo, add, tasks } = await place();
    mkdirSync(join(env.NEXO_HOME, 'config'), { recursive: true });
    writeFileSync(
      join(env.NEXO_HOME, 'config', 'runtime.yaml'),
      JSON.stringify({
        backends: { command: { program: [process.execPath], args: ['-e', 'console.log(1)'] } },
      }),
    );
    await add('Look', 'What is there?', '--owner', 'researcher');
    const ran = await nexo('plan', 'execute', '--backend', 'command');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('cannot be held to what researcher may not do');
    expect(tasks()).toMatchObject([{ status: 'in_progress' }]);
    await add('Do', 'In a.txt');
    expect((await nexo('plan', 'execute', '--backend', 'command', '--only', '2')).code).toBe(0);
  });

  it('has one diagnosis and one new delivery, resumes the owner for it, and then gives up', async () => {
    const { add, script, execute, tasks } = await place();
    await add('Do', 'In a.txt', '--owner', 'engineer');
    await add('Never', 'In b.txt', '--owner', 'engineer');
    const path = script(
      { when: { contains: 'Find out why' }, steps: [{ answer: 'Look before.' }] },
      { when: { contains: 'Verify task' }, steps: [{ answer: 'Verdict: PASS' }] },
      { when: { contains: item(1), turn: 1 }, steps: [{ fail: { message: 'no' } }] },
      // Only who is told of the diagnosis, and to read the files again, comes through.
      {
        when: { contains: '  Look before.' },
        steps: [{ write: { path: 'a.txt', content: 'a' } }, { answer: 'Done.' }],
      },
      { steps: [{ fail: { message: 'no' } }] },
    );
    const ran = await execute('--script', path, '--json', '--only', '1');
    expect(resultIn(ran.stdout).outcome).toBe('done');
    const steps = events(ran.stdout).flatMap((event) =>
      event.event === 'step' && event.state === 'ended'
        ? [`${event.role} ${event.kind} ${event.result}${event.resumed ? ' again' : ''}`]
        : [],
    );
    expect(steps).toEqual([
      'engineer work failed',
      'architect diagnose passed',
      'engineer work passed again',
      'tester check passed',
    ]);
    script({ steps: [{ fail: { message: 'no' } }] });
    expect(resultIn((await execute('--script', path, '--json')).stdout)).toMatchObject({ blocked: 1 });
    expect(tasks().map(({ status }) => status)).toEqual(['completed', 'pending']);
  });

  it('stops at Ctrl-C, goes on where it was, and lets nobody else begin meanwhile', async () => {
    const { cwd, env, add, script, execute, tasks } = await place();
    await add('Do', 'In a.txt', '--owner', 'engineer');
    await add('Next', 'In b.txt', '--owner', 'engineer', '--dep', '1');
    const hang = script(
      {
        when: { contains: item(2), turn: 1 },
        steps: [{ append: { path: 'b.txt', content: 'x' } }, { hang: 'plainly' }],
      },
      { steps: [{ answer: 'Done.' }] },
    );
    const child = startProgram(
      process.execPath,
      [NEXO, 'plan', 'execute', '--backend', 'scripted', '--script', hang, '--json'],
      { cwd, env },
    );
    let said = '';
    let busy: Promise<Ran> | undefined;
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
      if (!existsSync(join(cwd, 'b.txt')) && !/"state":"started","task":2/.test(said)) return;
      busy ??= execute().then((ran) => {
        child.kill('SIGINT');
        return ran;
      });
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code, said).toBe(130);
    expect(await busy).toMatchObject({ code: 1, stderr: expect.stringContaining('EXECUTION_BUSY') });
    expect(resultIn(said)).toMatchObject({ outcome: 'stopped', completed: 1 });
    expect(tasks().map(({ status }) => status)).toEqual(['completed', 'in_progress']);
    const again = await execute('--script', hang, '--json');
    expect(resultIn(again.stdout)).toMatchObject({ outcome: 'done', runs: 1 });
    expect(events(again.stdout)[0]).toMatchObject({ continues: true });
  });

  it('leaves alone what somebody else has begun, unless told to take it over', async () => {
    const { nexo, add, execute } = await place();
    await add('Theirs', 'In a.txt', '--owner', 'engineer');
    await nexo('task', 'update', '--id', '1', '--status', 'in_progress');
    expect(resultIn((await execute('--json')).stdout)).toMatchObject({
      left: 1,
      runs: 0,
      tasks: [{ state: 'elsewhere' }],
    });
    expect(resultIn((await execute('--json', '--take-over')).stdout)).toMatchObject({ outcome: 'done' });
  });

  it.each([
    ['no tasks', [], 'TASKS_MISSING', 1],
    ['no such backend', ['--backend', 'nothing'], 'BACKEND_UNAVAILABLE', 2],
    ['too many at once', ['--parallel', '99'], 'USAGE', 2],
  ])('ends with one clear message for %s', async (_, flags, error, code) => {
    const { nexo } = await place();
    const ran = await nexo('plan', 'execute', ...flags);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toContain(`[${error}]`);
    const json = await nexo('plan', 'execute', ...flags, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: error } });
  });
});

describe('nexo tour --execute', () => {
  it('carries a cycle out on a copy, and the gate and the chain of failures hold there', async () => {
    const cwd = temporaryFolder('tour');
    const home = join(cwd, '.home');
    writeFileSync(join(cwd, 'README.md'), '# A project\n');
    const ran = await runNexo(['tour', '--execute', '--json'], {
      cwd,
      env: { HOME: home, NEXO_HOME: join(home, '.nexo') },
    });
    expect(ran.code, ran.stderr).toBe(0);
    const told = JSON.parse(ran.stdout) as { copy: string; result: ExecutionResult };
    expect(told.result).toMatchObject({ outcome: 'done', completed: 3, runs: 7 });
    expect(readFileSync(join(told.copy, 'ORIENTATION.md'), 'utf8')).toContain('README.md');
    expect(existsSync(join(told.copy, 'not-mine.txt'))).toBe(false);
    expect(existsSync(join(cwd, '.nexus'))).toBe(false);
  });
});
