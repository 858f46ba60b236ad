import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { NexoError } from '../errors.ts';
import { type ProcessOptions, type ProcessResult, runProcess, runProcessOrThrow } from './process.ts';

const node = process.execPath;
const limits = { timeoutMs: 15_000 };

/** Runs a piece of JavaScript as a process. */
function script(
  code: string,
  options: Partial<ProcessOptions> = {},
  ...args: string[]
): Promise<ProcessResult> {
  return runProcess(node, ['-e', code, ...args], { ...limits, ...options });
}

async function failure(promise: Promise<unknown>): Promise<NexoError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NexoError)) throw new Error(`not a NexoError: ${String(error)}`);
  return error;
}

/** A killed process whose parent has not asked for its end yet (state Z) counts as gone. */
function isAlive(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}

/** A program that starts a second one, which ignores SIGTERM, and says both ids before it does `then`. */
function parentOfStubborn(then: string): string {
  const stubborn = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6); process.send('ready')`;
  return `
    const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(stubborn)}],
      { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    child.once('message', () => {
      process.stdout.write(JSON.stringify([process.pid, child.pid]), () => { ${then} });
    });`;
}

describe('runProcess', () => {
  it('gives the exit code and both streams', async () => {
    const result = await script(
      `process.stdout.write('out'); process.stderr.write('err'); process.exitCode = 3`,
    );
    expect(result).toEqual({
      code: 3,
      signal: null,
      stdout: 'out',
      stderr: 'err',
      truncated: false,
      timedOut: false,
    });
  });

  it('hands over arguments as they are, without a shell', async () => {
    const hostile = ['$(touch x)', '`id`', '; rm -rf .', 'a b', "'", '"', '*', ''];
    const result = await script('console.log(JSON.stringify(process.argv.slice(1)))', {}, ...hostile);
    expect(JSON.parse(result.stdout)).toEqual(hostile);
  });

  it('writes the input and closes it', async () => {
    const result = await script('process.stdin.pipe(process.stdout)', { input: 'zwölf Boxkämpfer' });
    expect(result.stdout).toBe('zwölf Boxkämpfer');
  });

  it('tells of output as it comes, and lets a fast program wait for a slow listener', async () => {
    let heard = 0;
    let open = 0;
    const result = await script(`process.stdout.write('x'.repeat(400_000)); console.error('end')`, {
      maxOutputBytes: 10,
      graceMs: 50,
      onOutput: (stream, chunk) => {
        if (stream === 'stderr') return undefined;
        expect(open).toBe(0);
        open += 1;
        return new Promise((resolve) => {
          setTimeout(() => {
            open -= 1;
            heard += chunk.length;
            resolve();
          }, 20);
        });
      },
    });
    expect(heard).toBe(400_000);
    expect(result).toMatchObject({ code: 0, stdout: 'xxxxxxxxxx', stderr: 'end\n', truncated: true });
  });

  it('gives a program without input an end at once', async () => {
    const result = await script(`process.stdin.on('end', () => console.log('ended')).resume()`);
    expect(result.stdout).toBe('ended\n');
  });

  it('does not mind a program that never reads a large input', async () => {
    const result = await script('process.stdin.destroy()', { input: Buffer.alloc(4_000_000) });
    expect(result.code).toBe(0);
  });

  it('gives the process the named environment and nothing of ours', async () => {
    process.env.NEXO_PROCESS_TEST = 'ours';
    const result = await script('console.log(JSON.stringify(process.env))', { env: { ONLY: 'this' } });
    delete process.env.NEXO_PROCESS_TEST;
    expect(JSON.parse(result.stdout)).toMatchObject({ ONLY: 'this' });
    expect(result.stdout).not.toContain('NEXO_PROCESS_TEST');
  });

  it('runs in the given folder', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'nexo process ü '));
    expect((await script('process.stdout.write(process.cwd())', { cwd })).stdout).toBe(cwd);
  });

  it('keeps the end of a long output and says that the beginning is missing', async () => {
    const result = await script(
      `for (let i = 0; i < 20000; i++) process.stdout.write('line ' + i + '\\n'); process.stderr.write('short')`,
      { maxOutputBytes: 1000 },
    );
    expect(result.stdout).toHaveLength(1000);
    expect(result.stdout.endsWith('line 19998\nline 19999\n')).toBe(true);
    expect(result).toMatchObject({ stderr: 'short', truncated: true });
  });

  it('reads everything that was written right before the end', async () => {
    const result = await script(`process.stdout.write('x'.repeat(900_000)); process.exitCode = 1`);
    expect(result.stdout).toHaveLength(900_000);
    expect(result).toMatchObject({ code: 1, truncated: false });
  });

  it('reports the signal that ended a program', async () => {
    const result = await script(`process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1e6)`);
    expect(result).toMatchObject({ code: null, signal: 'SIGKILL', timedOut: false });
  });

  it('throws PROCESS_FAILED for a program that is not there, and says what to check', async () => {
    const error = await failure(runProcess('nexo-no-such-program', [], limits));
    expect(error).toMatchObject({
      code: 'PROCESS_FAILED',
      message: 'nexo-no-such-program cannot be started: it is not there.',
      hint: 'Check that nexo-no-such-program is installed and in PATH.',
    });
  });

  it('throws PROCESS_FAILED for a folder that is not there and for an argument no program can be given', async () => {
    expect(await failure(script('', { cwd: '/nexo/none' }))).toMatchObject({
      code: 'PROCESS_FAILED',
      hint: expect.stringContaining('that /nexo/none exists'),
    });
    expect(await failure(runProcess(node, ['a\0b'], limits))).toMatchObject({ code: 'PROCESS_FAILED' });
  });
});

describe('the end of a process', () => {
  it('comes with SIGTERM after the timeout, and what was written until then is kept', async () => {
    const result = await script(
      `process.on('SIGTERM', () => { console.log('bye'); process.exit(7) });
       console.log('ready'); setInterval(() => {}, 1e6)`,
      { timeoutMs: 2_500 },
    );
    expect(result).toMatchObject({ timedOut: true, stdout: 'ready\nbye\n', code: 7 });
  });

  it('comes with SIGKILL after the grace period, for the whole group', async () => {
    const ignoring = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1e6)`;
    const result = await script(parentOfStubborn(ignoring), { timeoutMs: 2_500, graceMs: 50 });
    expect(result).toMatchObject({ timedOut: true, code: null, signal: 'SIGKILL' });
    const pids: number[] = JSON.parse(result.stdout);
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  it('takes along what the program left behind when it ended by itself', async () => {
    const result = await script(parentOfStubborn('process.exit(0)'), { graceMs: 50 });
    expect(result).toMatchObject({ code: 0, timedOut: false });
    const pids: number[] = JSON.parse(result.stdout);
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  it('is not held up by a process that left the group and keeps the pipes', async () => {
    const leaver = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'],
        { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
      process.stdout.write(String(child.pid), () => process.exit(0));`;
    const result = await script(leaver, { graceMs: 50 });
    const pid = Number(result.stdout);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
    expect(result.code).toBe(0);
  });

  it('comes with the abort, and the reason is thrown only when nobody is left', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nexo-process-'));
    const file = join(folder, 'pids');
    const abort = new AbortController();
    const ignoring = `require('node:fs').writeFileSync(process.argv[1], JSON.stringify([process.pid, child.pid]));`;
    const run = script(parentOfStubborn(ignoring), { signal: abort.signal, graceMs: 50 }, file);
    await waitFor(() => existsSync(file) && readFileSync(file, 'utf8').endsWith(']'));
    const pids: number[] = JSON.parse(readFileSync(file, 'utf8'));
    expect(pids.map(isAlive)).toEqual([true, true]);
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(run).rejects.toBe(reason);
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  it('starts nothing when it is aborted before', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'nexo-process-')), 'started');
    const run = script(
      `require('node:fs').writeFileSync(process.argv[1], '')`,
      { signal: AbortSignal.abort() },
      file,
    );
    await expect(run).rejects.toThrow('aborted');
    expect(existsSync(file)).toBe(false);
  });

  it('comes with our own end: no group outlives us', async () => {
    const module = new URL('./process.ts', import.meta.url).href;
    const file = join(mkdtempSync(join(tmpdir(), 'nexo-process-')), 'pid');
    const child = `require('node:fs').writeFileSync(process.argv[1], process.pid + '\\n'); setInterval(() => {}, 1e6)`;
    const owner = spawn(node, [
      '--input-type=module',
      '-e',
      `import { runProcess } from ${JSON.stringify(module)};
       void runProcess(process.execPath, ['-e', process.argv[1], process.argv[2]], { timeoutMs: 60000 });
       process.stdin.once('data', () => process.exit(0));`,
      child,
      file,
    ]);
    await waitFor(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('\n'));
    const pid = Number(readFileSync(file, 'utf8'));
    expect(isAlive(pid)).toBe(true);
    owner.stdin.end('go');
    await once(owner, 'exit');
    await waitFor(() => !isAlive(pid));
  });
});

describe('runProcessOrThrow', () => {
  it('gives the result of a program that did its work', async () => {
    const result = await runProcessOrThrow(node, ['-e', 'console.log(1)'], limits);
    expect(result.stdout).toBe('1\n');
  });

  it('throws PROCESS_FAILED with the exit code and the last line of standard error', async () => {
    const code = `console.error('first'); console.error('the reason'); process.exitCode = 4`;
    const error = await failure(runProcessOrThrow(node, ['-e', code], limits));
    expect(error).toMatchObject({
      code: 'PROCESS_FAILED',
      message: `${node} ended with exit code 4: the reason`,
      data: { file: node, code: 4, signal: null },
    });
  });

  it('throws PROCESS_TIMEOUT, whatever exit code the program ended with', async () => {
    const code = `process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1e6)`;
    const error = await failure(runProcessOrThrow(node, ['-e', code], { timeoutMs: 1_000 }));
    expect(error.code).toBe('PROCESS_TIMEOUT');
    expect(error.message).toBe(`${node} did not end within 1000 ms.`);
  });
});

/** Looks again and again, because a foreign process reports to nobody; the test's own timeout ends it. */
async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
