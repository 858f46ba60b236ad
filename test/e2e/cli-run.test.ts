import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import type { RunOutcome } from '../../src/runner/request.ts';
import { NEXO, nexoJson, runNexo, runProgram, startProgram, temporaryFolder } from '../support/run-nexo.ts';

const AGENT_RUN = fileURLToPath(new URL('../../dist/agent-run.js', import.meta.url));

function place() {
  const cwd = temporaryFolder('run');
  const env = { NEXO_HOME: join(cwd, '.home'), HOME: join(cwd, '.home') };
  const script = (replies: object[]): string => {
    const path = join(cwd, 'script.json');
    writeFileSync(path, JSON.stringify({ replies }));
    return path;
  };
  const run = (...args: string[]) =>
    runNexo(['run', '--caller', 'personal/e2e', '--backend', 'scripted', ...args], { cwd, env });
  return { cwd, env, script, run };
}

describe('nexo run', () => {
  it('prints the answer, byte for byte, and nothing else on standard output', async () => {
    const { cwd, env, run } = place();
    const prompt = 'say\thello\n\u001b[31mred\u001b[0m';
    expect(await run('--prompt', prompt)).toMatchObject({ code: 0, stdout: `${prompt}\n`, stderr: '' });
    const piped = await runNexo(['run', '--caller', 'personal/e2e', '--backend', 'scripted'], {
      cwd,
      env,
      input: prompt,
    });
    expect(piped).toMatchObject({ code: 0, stdout: `${prompt}\n` });
  });

  it('answers with one document, and so do its records', async () => {
    const { cwd, env, run } = place();
    const outcome: RunOutcome = JSON.parse(
      (await run('--prompt', 'hello there', '--tier', 'maximo', '--json')).stdout,
    );
    expect(outcome).toMatchObject({
      status: 'ok',
      tier: 'maximo',
      used: { model: 'scripted', effort: 'max' },
    });
    const { run: row } = (await nexoJson(['runs', 'show', 'last'], { cwd, env })) as { run: { id: string } };
    expect(row.id).toBe(outcome.id);
    expect(await nexoJson(['runs', 'stats'], { cwd, env })).toMatchObject({ total: { runs: 1, ok: 1 } });
    const text = await runNexo(['runs', 'show', 'last'], { cwd, env });
    expect(text.stdout).toContain('personal/e2e');
    expect(text.stdout).not.toContain('hello there');
  });

  it.each([
    ['an unknown caller', ['--caller', 'nobody/x', '--prompt', 'hi'], 3, 'CALLER_UNREGISTERED'],
    ['an empty caller', ['--caller', '', '--prompt', 'hi'], 3, 'CALLER_UNREGISTERED'],
    [
      'no backend',
      ['--caller', 'personal/e2e', '--backend', 'command', '--prompt', 'hi'],
      2,
      'BACKEND_UNAVAILABLE',
    ],
    ['no prompt', ['--caller', 'personal/e2e'], 1, 'RUN_PROMPT_MISSING'],
    ['a bad amount', ['--caller', 'personal/e2e', '--prompt', 'hi', '--max-usd', 'much'], 2, 'USAGE'],
  ])('refuses %s in one sentence', async (_name, args, code, error) => {
    const { cwd, env } = place();
    const ran = await runNexo(['run', ...args], { cwd, env, input: '' });
    expect(ran.code).toBe(code);
    expect(ran.stdout).toBe('');
    expect(ran.stderr.split('\n').filter((line) => line.includes('✗'))).toHaveLength(1);
    expect(ran.stderr).toContain(`[${error}]`);
  });

  it('ends with the code of the backend, and keeps what there is of an answer', async () => {
    const { script, run } = place();
    const path = script([
      { steps: [{ say: 'half an answer' }, { fail: { message: 'no more', exit_code: 7 } }] },
    ]);
    const ran = await run('--prompt', 'go', '--script', path);
    expect(ran).toMatchObject({ code: 7, stdout: 'half an answer\n' });
    expect(ran.stderr).toContain('no more [RUN_FAILED]');
  });

  it('works on files and in the workspace through the scripted backend', async () => {
    const { cwd, env, script, run } = place();
    await runProgram('git', ['init', '--quiet'], { cwd });
    const path = script([
      {
        steps: [
          { write: { path: 'notes/made.txt', content: '{{prompt}}' } },
          { tool: { name: 'nx_task_add', input: { title: 'From {{session}}', context: 'None.' } } },
          { answer: 'Done.' },
        ],
      },
    ]);
    expect(await run('--prompt', 'write this', '--script', path)).toMatchObject({
      code: 0,
      stdout: 'Done.\n',
    });
    expect(readFileSync(join(cwd, 'notes', 'made.txt'), 'utf8')).toBe('write this');
    expect(JSON.stringify(await nexoJson(['task', 'list'], { cwd, env }))).toContain('From scripted-');
    const out = script([{ steps: [{ write: { path: '../../escaped.txt', content: 'no' } }] }]);
    await run('--prompt', 'go', '--script', out);
    expect(existsSync(join(cwd, '..', '..', 'escaped.txt'))).toBe(false);
  });

  it('checks the answer against a schema', async () => {
    const { cwd, script, run } = place();
    const schema = join(cwd, 'schema.json');
    writeFileSync(schema, JSON.stringify({ type: 'object', required: ['ok'] }));
    const path = script([
      { when: { turn: 1 }, steps: [{ answer: 'not yet' }] },
      { steps: [{ answer: '{"ok":true}' }] },
    ]);
    const ran = await run('--prompt', 'go', '--script', path, '--schema', schema);
    expect(JSON.parse(ran.stdout)).toEqual({ ok: true });
  });

  it('stops cleanly when it is interrupted, and says so in the records', async () => {
    const { cwd, env, script } = place();
    const path = script([{ steps: [{ hang: 'plainly' }] }]);
    const args = [
      'run',
      '--caller',
      'personal/e2e',
      '--backend',
      'scripted',
      '--prompt',
      'go',
      '--script',
      path,
      '--json',
    ];
    const child = startProgram(process.execPath, [NEXO, ...args], { cwd, env });
    let stdout = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    await hangs(cwd, env);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'failed', reason: 'interrupted' });
    expect(await nexoJson(['runs', 'show', 'last'], { cwd, env })).toMatchObject({
      run: { reason: 'interrupted' },
    });
  });

  it('is taken from the queue by a worker', async () => {
    const { cwd, env, run } = place();
    const queued = await run('--prompt', 'later', '--queue');
    const id = queued.stdout.trim();
    expect(await nexoJson(['runs', 'list', '--status', 'queued'], { cwd, env })).toMatchObject({
      runs: [{ id }],
    });
    expect(await nexoJson(['runs', 'work'], { cwd, env })).toMatchObject({ runs: [{ id, status: 'ok' }] });
    expect(await nexoJson(['runs', 'show', id], { cwd, env })).toMatchObject({ run: { status: 'ok' } });
  });
});

describe('nexo-agent-run', () => {
  it('takes the flags of old, and stands for the generic caller without a name', async () => {
    const { cwd, env } = place();
    const flags = [
      '--prompt',
      'noop',
      '--task-profile',
      'deep',
      '--bare-mode',
      'on',
      '--timeout',
      '60',
      '--output-format',
      'text',
    ];
    const ran = await runProgram(process.execPath, [AGENT_RUN, ...flags], { cwd, env });
    expect(ran).toMatchObject({ code: 0, stdout: 'noop\n' });
    expect(ran.stderr).toContain('agent_run/generic');
    const named = ['--prompt', 'noop', '--caller', 'personal/foo', '--tier', 'maximo', '--json'];
    const { stdout } = await runProgram(process.execPath, [AGENT_RUN, ...named], { cwd, env });
    expect(JSON.parse(stdout)).toMatchObject({ caller: 'personal/foo', tier: 'maximo', returncode: 0 });
    const script = { ...env, NEXO_SCRIPT_NAME: 'morning-report' };
    const inScript = await runProgram(process.execPath, [AGENT_RUN, '--prompt', 'noop', '--json'], {
      cwd,
      env: script,
    });
    expect(JSON.parse(inScript.stdout)).toMatchObject({ caller: 'personal/morning-report' });
  });
});

const FENCE = '`'.repeat(3);

describe('the pages on runs', () => {
  const page = (name: string): string =>
    readFileSync(fileURLToPath(new URL(`../../docs/${name}.md`, import.meta.url)), 'utf8');
  const blocks = (name: string, language: string): string[] =>
    [...page(name).matchAll(new RegExp(`^${FENCE}${language}\\n([\\s\\S]*?)^${FENCE}`, 'gm'))].map(
      ([, text = '']) => text,
    );

  it('show a script that works', async () => {
    const { cwd, env, run } = place();
    await runProgram('git', ['init', '--quiet'], { cwd });
    const script = blocks('backends', 'yaml').find((text) => text.startsWith('# script.yaml'));
    writeFileSync(join(cwd, 'script.yaml'), script ?? '');
    expect(await run('--prompt', 'write it', '--script', 'script.yaml')).toMatchObject({
      code: 0,
      stdout: 'Done.\n',
    });
    expect(readFileSync(join(cwd, 'notes.md'), 'utf8')).toMatch(/^write it in scripted-[0-9a-f]+, turn 1$/);
    expect(await nexoJson(['runs', 'show', 'last'], { cwd, env })).toMatchObject({
      run: { costUsd: 0.01, toolCalls: 3 },
    });
  });

  it.each(['runs', 'backends'])('show settings that are read: %s.md', async (name) => {
    const settings = blocks(name, 'yaml').filter((text) => /^(runs|backends):/m.test(text));
    expect(settings.length).toBeGreaterThan(0);
    for (const text of settings) {
      const { cwd, env } = place();
      mkdirSync(join(env.NEXO_HOME, 'config'), { recursive: true });
      writeFileSync(join(env.NEXO_HOME, 'config', 'runtime.yaml'), text);
      const ran = await runNexo(
        ['run', '--caller', 'personal/e2e', '--backend', 'scripted', '--prompt', 'hi'],
        { cwd, env },
      );
      expect(ran.stderr).not.toContain('CONFIG_INVALID');
      expect(ran.stderr).not.toContain('runtime.yaml:');
    }
  });
});

/** Waits until the script of the last run says that it hangs. */
async function hangs(cwd: string, env: Record<string, string>): Promise<void> {
  const giveUpAt = performance.now() + 30_000;
  while (performance.now() < giveUpAt) {
    const { stdout } = await runNexo(['runs', 'show', 'last'], { cwd, env });
    if (stdout.includes('The script hangs.')) return;
  }
  throw new Error('the run did not begin');
}
