import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as later } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { put, putScript, temporaryHomePaths } from '../../../test/support/home.ts';
import { readScriptFile } from './discover.ts';
import { RunOutput } from './run-output.ts';
import { type RunOptions, type RunResult, runScript } from './run-script.ts';

interface Heard extends RunResult {
  readonly stdout: string;
  readonly stderr: string;
}

const paths = temporaryHomePaths();

async function run(filename: string, text: string, more: Partial<RunOptions> = {}): Promise<Heard> {
  const entry = readScriptFile(putScript(paths, filename, text), paths);
  const heard = { stdout: '', stderr: '' };
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  for (const name of ['stdout', 'stderr'] as const) {
    streams[name].on('data', (chunk: Buffer) => {
      heard[name] += chunk.toString();
    });
  }
  const result = await runScript({
    entry,
    paths,
    env: { PATH: process.env.PATH, HOME: paths.home },
    output: streams,
    graceMs: 300,
    timeoutMs: 15_000,
    ...more,
  });
  return { ...result, ...heard };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

describe('runScript', () => {
  it('runs a script with its arguments and passes its output on as it comes', async () => {
    const ran = await run('args.sh', 'printf "%s|" "$@"\necho oops >&2\nexit 3\n', {
      args: ['--flag', 'a b', '$(touch x)', ''],
    });
    expect(ran).toMatchObject({
      exitCode: 3,
      signal: null,
      timedOut: false,
      aborted: false,
      stdout: '--flag|a b|$(touch x)||',
      stderr: 'oops\n',
      error: 'Ended with exit code 3.',
      outputTruncated: false,
    });
    expect(ran.durationMs).toBeGreaterThanOrEqual(0);
    expect(ran.outputTail).toContain('oops');
  });

  it.each([
    ['env.py', 'import os\nfor k in KEYS.split(): print(os.environ[k])\n', 'KEYS = "'],
    ['env.mjs', 'for (const k of KEYS.split(" ")) console.log(process.env[k])\n', 'const KEYS = "'],
    [
      'env.ts',
      'for (const k of KEYS.split(" ")) console.log(process.env[k] as string)\n',
      'const KEYS: string = "',
    ],
    [
      'env.js',
      'import "node:fs";\nfor (const k of KEYS.split(" ")) console.log(process.env[k])\n',
      'const KEYS = "',
    ],
    ['env.sh', 'for k in $KEYS; do eval echo "\\$$k"; done\n', 'KEYS="'],
  ])('gives %s the environment of the helper library', async (filename, text, begin) => {
    const keys = 'NEXO_HOME NEXO_SCRIPT_NAME NEXO_SCRIPT_PATH NEXO_CLI NEXO_NODE';
    const ran = await run(filename, `${begin}${keys}"\n${text}`);
    expect(ran.stderr).toBe('');
    expect(ran.stdout.trim().split('\n')).toEqual([
      paths.home,
      'env',
      join(paths.scripts, filename),
      'nexo',
      process.execPath,
    ]);
    expect(ran.exitCode).toBe(0);
    expect(ran.error).toBe('');
    expect(ran.summary).toBe(process.execPath);
  });

  it('links the helper library, and puts right a link that leads elsewhere', async () => {
    await run('x.sh', 'true\n');
    const link = join(paths.home, 'node_modules', 'nexo');
    const code = readlinkSync(link);
    expect(existsSync(join(code, 'package.json'))).toBe(true);
    expect(readlinkSync(join(paths.home, 'templates'))).toBe(join(code, 'assets', 'templates'));
  });

  it('answers 124 after the timeout, with what was written until then, and leaves nobody', async () => {
    const ran = await run(
      'slow.sh',
      "trap '' TERM\nsleep 1000 & echo $!\necho working\nwait\nwhile true; do sleep 1; done\n",
      {
        timeoutMs: 400,
      },
    );
    expect(ran).toMatchObject({
      exitCode: 124,
      timedOut: true,
      error: 'Stopped after its time limit of 0.4 s.',
    });
    expect(ran.stdout).toMatch(/^\d+\nworking\n$/);
    expect(isAlive(Number(ran.stdout.split('\n')[0]))).toBe(false);
  });

  it('ends the whole group on abort, and says so in the result', async () => {
    const stop = new AbortController();
    const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
    let pid = 0;
    streams.stdout.on('data', (chunk: Buffer) => {
      pid = Number(chunk.toString());
      stop.abort(new Error('enough'));
    });
    const ran = await run('wait.sh', 'sleep 1000 & echo $!\nwait\n', {
      output: streams,
      signal: stop.signal,
    });
    expect(ran).toMatchObject({ exitCode: 143, signal: 'SIGTERM', aborted: true, timedOut: false });
    expect(pid).toBeGreaterThan(0);
    expect(isAlive(pid)).toBe(false);
  });

  it('answers with the signal that ended a script', async () => {
    expect(await run('hup.sh', 'kill -HUP $$\n')).toMatchObject({
      exitCode: 129,
      signal: 'SIGHUP',
      error: 'Ended by SIGHUP.',
    });
  });

  it('writes logs without secrets, and keeps them out of the record', async () => {
    const logs = { stdoutLog: join(paths.logs, 'a-stdout.log'), stderrLog: join(paths.logs, 'a-stderr.log') };
    const ran = await run(
      'leak.sh',
      'echo "using $MY_TOKEN"\necho "error: Bearer abcdefghijklmnop" >&2\n' +
        'printf -- "-----BEGIN PRIVATE KEY-----\\nMIIabc\\n-----END PRIVATE KEY-----\\ndone"\nexit 1\n',
      { output: logs, env: { PATH: process.env.PATH, MY_TOKEN: 'hunter2hunter2' } },
    );
    const [out, err] = [readFileSync(logs.stdoutLog, 'utf8'), readFileSync(logs.stderrLog, 'utf8')];
    expect(out).toBe('using [redacted]\n[redacted]\ndone\n');
    expect(err).toBe('error: Bearer [redacted]\n');
    expect(ran.error).toBe('error: Bearer [redacted]');
    expect(ran.outputTail).not.toMatch(/hunter2|abcdefgh|MIIabc/);
    expect(statSync(logs.stdoutLog).mode & 0o777).toBe(0o600);
  });

  it('takes a switch for no secret', async () => {
    const env = { PATH: process.env.PATH, USE_TOKEN: 'true', MY_SECRET: 'none', API_KEY: 'abcdef123' };
    const ran = await run('switch.sh', 'echo true none $API_KEY\n', { env });
    expect(ran.outputTail).toBe('true none [redacted]\n');
  });

  it('rotates a log that grows, and bounds the record', async () => {
    const folder = join(paths.logs, 'rotate');
    const ran = await run('loud.py', 'for i in range(130): print("x" * 50000)\nprint("the end")\n', {
      output: { stdoutLog: join(folder, 'o.log'), stderrLog: join(folder, 'e.log') },
    });
    expect(readdirSync(folder).filter((name) => name.startsWith('o.log')).length).toBeGreaterThan(1);
    expect(ran.outputTruncated).toBe(true);
    expect(ran.outputTail.length).toBeLessThanOrEqual(8192);
    expect(ran.summary).toBe('the end');
  });

  it('is a result, not a fault, when the interpreter is missing or the script is gone', async () => {
    const entry = readScriptFile(put(join(paths.scripts, 'odd'), 'no kind of script'), paths);
    const options = {
      entry,
      paths,
      env: {},
      output: { stdout: new PassThrough(), stderr: new PassThrough() },
    };
    const ran = await runScript(options);
    expect(ran).toMatchObject({ exitCode: 1, failure: { code: 'SCRIPT_RUNTIME_MISSING' } });
    const gone = { ...entry, runtime: 'shell' as const, path: join(paths.scripts, 'gone.sh') };
    expect(await runScript({ ...options, entry: gone })).toMatchObject({ exitCode: 127 });
    const missing = await runScript({ ...options, entry: gone, cwd: join(paths.home, 'nowhere') });
    expect(missing).toMatchObject({ exitCode: 1, failure: { code: 'PROCESS_FAILED' } });
  });

  it('loses nothing when its reader is slow', async () => {
    const slow = new PassThrough({ highWaterMark: 16 });
    let bytes = 0;
    const reading = (async () => {
      for await (const chunk of slow) {
        bytes += (chunk as Buffer).length;
        await later(1);
      }
    })();
    await run('much.py', 'import sys\nsys.stdout.write("y" * 3000000)\n', {
      output: { stdout: slow, stderr: new PassThrough() },
    });
    slow.end();
    await reading;
    expect(bytes).toBe(3_000_000);
  });
});

describe('RunOutput', () => {
  const feed = (chunks: readonly string[]): string => {
    const output = new RunOutput({ redact: (text) => text.replaceAll('SECRET', '*'), tailBytes: 1_000_000 });
    for (const chunk of chunks) output.add('stdout', Buffer.from(chunk, 'latin1'));
    output.end();
    return output.tail().text;
  };

  it('joins what comes in pieces, characters too', () => {
    expect(feed(['a\nSEC', 'RET b', '\nc'])).toBe('a\n* b\nc\n');
    expect(feed(['\xc3', '\xa4\n'])).toBe('ä\n');
  });

  it('keeps of a progress bar what is last', () => {
    expect(feed(['10%\r20%\r', '100%\r\nnext\r\n'])).toBe('100%\nnext\n');
  });

  it('cuts an endless line, without cutting a secret in two', () => {
    const text = feed([`${'x'.repeat(65_533)}SECRET${'y'.repeat(1_000_000)}\nafter\n`]);
    expect(text).not.toContain('SEC');
    expect(text).toMatch(/… \(cut\)\nafter\n$/);
    expect(text.length).toBeLessThan(66_000);
  });

  it('does not swallow everything after a key without an end', () => {
    const text = feed(['-----BEGIN RSA PRIVATE KEY-----\n', 'k\n'.repeat(300)]);
    expect(text.split('\n').length).toBeGreaterThan(50);
  });
});
