import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import {
  NEXO,
  nexoJson,
  type Ran,
  runNexo,
  runProgram,
  startProgram,
  temporaryFolder,
} from '../support/run-nexo.ts';

let user: string;
let home: string;
let env: Readonly<Record<string, string | undefined>>;

beforeAll(() => {
  user = temporaryFolder('user');
  home = join(user, '.nexo');
  env = { HOME: user, NEXO_HOME: home, MY_API_TOKEN: 'wooden-horse-battery' };
});

const nexo = (...args: string[]): Promise<Ran> => runNexo(args, { cwd: user, env });

function script(filename: string, text: string): string {
  const path = join(home, 'personal', 'scripts', filename);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

interface Got {
  readonly runs: readonly {
    readonly exit_code: number | null;
    readonly output: string;
    readonly [key: string]: unknown;
  }[];
  readonly [key: string]: unknown;
}

async function got(name: string): Promise<Got> {
  return (await nexoJson(['scripts', 'get', name], { cwd: user, env })) as Got;
}

function isAlive(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}

describe('a new script', () => {
  it('passes its doctor, runs, and is listed with how that went', async () => {
    const created = await nexoJson(
      ['scripts', 'create', 'Morning Report', '--schedule', '09:00', '--description', 'What happened'],
      { cwd: user, env },
    );
    expect(created).toMatchObject({
      ok: true,
      name: 'morning-report',
      requested_name: 'Morning Report',
      filename: 'ps-morning-report.py',
      runtime: 'python',
      description: 'What happened',
      cron_id: 'morning-report',
      schedule_label: '09:00 daily',
      sync: { scripts_upserted: 1, registered_scripts: 1 },
    });
    const doctor = await nexo('scripts', 'doctor', 'morning-report');
    expect(doctor).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('schedule: 09:00 daily'),
    });
    expect(await nexo('scripts', 'run', 'morning-report', '--', '--force')).toMatchObject({
      code: 0,
      stdout: 'personal scripts: 1, forced\n',
      stderr: '',
    });
    const listed = await nexoJson(['scripts', 'list'], { cwd: user, env });
    expect(listed).toMatchObject([
      {
        id: 'ps-morning-report',
        name: 'morning-report',
        enabled: true,
        metadata: { schedule: '09:00' },
        schedules: [],
        has_schedule: false,
        declared_schedule: { valid: true, schedule_label: '09:00 daily' },
        last_exit_code: 0,
        last_summary: 'personal scripts: 1, forced',
      },
    ]);
  });

  it('is made once when two ask for it at once', async () => {
    const both = await Promise.all([1, 2, 3].map(() => nexo('scripts', 'create', 'wanted')));
    expect(both.map(({ code }) => code).sort()).toEqual([0, 1, 1]);
    expect(both.filter(({ stderr }) => stderr.includes('[SCRIPT_EXISTS]'))).toHaveLength(2);
    await nexo('scripts', 'remove', 'wanted', '--delete');
  });

  it('is taken away and comes back with the command that the answer has', async () => {
    await nexo('scripts', 'create', 'passing');
    const { trash } = (await nexoJson(['scripts', 'remove', 'passing'], { cwd: user, env })) as {
      trash: { from: string; restore: string };
    };
    expect(existsSync(trash.from)).toBe(false);
    expect((await nexo('scripts', 'get', 'passing')).code).toBe(1);
    expect(await runProgram('sh', ['-c', trash.restore], { env })).toMatchObject({ code: 0 });
    expect(await nexo('scripts', 'remove', 'passing', '--keep-file')).toMatchObject({ code: 0 });
    expect((await nexo('scripts', 'list')).stdout).not.toContain('passing');
    expect((await nexo('scripts', 'list', '--all')).stdout).toMatch(/passing.*out of use/);
    await nexo('scripts', 'enable', 'passing');
    expect((await nexo('scripts', 'list')).stdout).toContain('passing');
  });
});

describe('a script with a schedule', () => {
  it('loses it before its file goes, and gets it back when it is taken into use again', async () => {
    await nexo('scripts', 'create', 'hourly', '--interval', '3600');
    const reconcile = async (): Promise<string[]> => {
      const report = (await nexoJson(['scripts', 'reconcile'], { cwd: user, env })) as {
        ensure_schedules: { created: readonly { cron_id: string }[] };
      };
      return report.ensure_schedules.created.map(({ cron_id }) => cron_id);
    };
    expect(await reconcile()).toContain('hourly');
    expect((await nexo('scripts', 'list')).stdout).toMatch(/hourly +python +every 3600s/);
    expect(await nexoJson(['scripts', 'remove', 'hourly', '--keep-file'], { cwd: user, env })).toMatchObject({
      keep_file: true,
      unschedule: { removed_schedules: [{ cron_id: 'hourly' }] },
    });
    expect(await reconcile()).toEqual([]);
    await nexo('scripts', 'enable', 'hourly');
    expect(await reconcile()).toEqual(['hourly']);
    expect(await nexo('scripts', 'remove', 'hourly', '--delete')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('no longer scheduled: hourly'),
    });
    expect(await nexoJson(['scripts', 'schedules'], { cwd: user, env })).not.toMatchObject([
      { cron_id: 'hourly' },
    ]);
  });
});

describe('a run', () => {
  it('hands over arguments and input, and ends as the script does', async () => {
    script('echo.sh', '#!/bin/bash\nprintf "[%s]" "$@"; cat; echo oops "$MY_API_TOKEN" >&2; exit 7\n');
    const args = ['scripts', 'run', 'echo', '--', '--json', '-x', 'a b', ''];
    const ran = await runNexo(args, { cwd: user, env, input: 'from standard input' });
    expect(ran).toMatchObject({
      code: 7,
      stdout: '[--json][-x][a b][]from standard input',
      stderr: 'oops wooden-horse-battery\n',
    });
    const { runs } = await got('echo');
    expect(runs[0]).toMatchObject({ exit_code: 7, signal: null, timed_out: false, interrupted: false });
    expect(JSON.stringify(runs[0])).not.toContain('wooden-horse');
    expect(runs[0]?.output).toContain('oops [redacted]');
  });

  it('prints one document with --json, the output beside it', async () => {
    script('two.sh', '#!/bin/bash\necho out; echo err >&2; exit 3\n');
    const ran = await nexo('scripts', 'run', 'two', '--json');
    expect(ran.code).toBe(3);
    expect(JSON.parse(ran.stdout)).toMatchObject({ ok: false, name: 'two', exit_code: 3, timed_out: false });
    expect(ran.stderr).toBe('out\nerr\n');
  });

  it('ends with 124 and everything it has started when its time is over', async () => {
    script(
      'slow.sh',
      '#!/bin/bash\n# nexo: timeout=1\nsleep 600 & echo $!\nwhile true; do sleep 600; done\n',
    );
    const ran = await nexo('scripts', 'run', 'slow');
    expect(ran).toMatchObject({ code: 124, stderr: 'slow: Stopped after its time limit of 1 s.\n' });
    expect(isAlive(Number(ran.stdout))).toBe(false);
    expect((await got('slow')).runs[0]).toMatchObject({
      exit_code: 124,
      timed_out: true,
      ended_at: expect.any(String),
    });
  });

  it('ends with everything it has started on Ctrl-C, and says so in its record', async () => {
    script('wait.sh', '#!/bin/bash\nsleep 600 & echo $!\nwait\n');
    const child = startProgram(process.execPath, [NEXO, 'scripts', 'run', 'wait'], { cwd: user, env });
    let pid = 0;
    child.stdout?.once('data', (chunk: Buffer) => {
      pid = Number(chunk.toString());
      child.kill('SIGINT');
    });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(130);
    expect(pid).toBeGreaterThan(0);
    expect(isAlive(pid)).toBe(false);
    expect((await got('wait')).runs[0]).toMatchObject({ interrupted: true, signal: 'SIGTERM' });
  });

  it('takes the path of any file, and fails for one that is not there', async () => {
    const path = join(user, 'loose.js');
    writeFileSync(path, 'console.log(process.argv[2])\n');
    expect(await nexo('scripts', 'run', './loose.js', 'hello')).toMatchObject({ code: 0, stdout: 'hello\n' });
    expect(await nexo('scripts', 'run', './missing.js')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('[SCRIPT_NOT_FOUND]'),
    });
  });
});

describe('the helper library', () => {
  const LANGUAGES: readonly (readonly [string, string])[] = [
    [
      'h.py',
      `import nexo_helper as n
print(n.call_tool_json("nx_plan_status")["active"])
print(n.run_nexo(["version"]).strip())
print(n.run_automation_text("say: hi", backend="scripted", allowed_tools="", timeout=60).strip())
print(n.run_automation_json("an object", backend="command", timeout=60)["a"])
try: n.call_tool("nothing")
except n.NexoError as error: print("TOOL_UNKNOWN" in str(error), error.returncode)
`,
    ],
    ...(['h.mjs', 'h.ts'] as const).map(
      (filename) =>
        [
          filename,
          `import * as n from 'nexo/helper';
console.log((await n.callToolJson('nx_plan_status')${filename === 'h.ts' ? ' as { active: boolean }' : ''}).active);
console.log((await n.runNexo(['version'])).trim());
const how = { backend: 'scripted', allowedTools: '', timeoutSeconds: 60 };
console.log((await n.runAutomationText('say: hi', how)).trim());
console.log((await n.runAutomationJson('an object', { backend: 'command' })).a);
await n.callTool('nothing').catch((error${filename === 'h.ts' ? ': n.NexoCallError' : ''}) => console.log(error.message.includes('TOOL_UNKNOWN'), error.exitCode));
`,
        ] as const,
    ),
    [
      'h.sh',
      `#!/bin/bash
set -euo pipefail
. "$NEXO_HOME/templates/nexo_helper.sh"
call_tool_json nx_plan_status | grep -o false
run_nexo version
run_automation_text --backend scripted --timeout 60 <<< "say: hi"
run_automation_json --backend command --timeout 60 <<< 'an object' | tr -dc 0-9; echo
code=0; said=$(call_tool nothing 2>&1) || code=$?
case "$said" in *TOOL_UNKNOWN*) echo true $code ;; *) echo "$said" ;; esac
`,
    ],
  ];

  beforeAll(() => {
    const answer = join(user, 'answer');
    writeFileSync(answer, '#!/bin/sh\ncat > /dev/null\necho \'{"a": 1}\'\n', { mode: 0o755 });
    mkdirSync(join(home, 'config'), { recursive: true });
    writeFileSync(
      join(home, 'config', 'runtime.yaml'),
      `backends:\n  command:\n    program: ["${answer}"]\n`,
    );
  });

  it.each(LANGUAGES)('works in %s', async (filename, text) => {
    const project = temporaryFolder();
    mkdirSync(join(project, '.nexus'));
    script(filename, text);
    const ran = await runNexo(['scripts', 'run', filename], { cwd: project, env });
    const { version } = JSON.parse(readFileSync(join(NEXO, '..', '..', 'package.json'), 'utf8')) as {
      version: string;
    };
    const lines = ran.stdout.trim().split('\n');
    expect(
      lines.map((line) => line.toLowerCase()),
      ran.stderr,
    ).toEqual(['false', version, 'say: hi', '1', 'true 1']);
    expect(ran).toMatchObject({ code: 0 });
    const runs = await nexoJson(['runs', 'list'], { cwd: user, env });
    expect(JSON.stringify(runs)).toContain(`personal/${filename.split('.')[0]}`);
  });

  it.each([
    [
      'module.js',
      "import { runNexo } from 'nexo/helper';\nconsole.log((await runNexo(['version'])).trim());\n",
    ],
    ['common.js', "require('nexo/helper').runNexo(['version']).then((said) => console.log(said.trim()));\n"],
  ])('works in %s, without a word about the kind of module', async (filename, text) => {
    script(filename, text);
    expect(await nexo('scripts', 'run', filename)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: '',
    });
  });

  it('is found by what the daemon runs on schedule, with less of an environment', async () => {
    const own = temporaryFolder('user');
    const proofs = join(own, 'proofs');
    mkdirSync(proofs);
    const place = { HOME: own, NEXO_HOME: join(own, '.nexo'), PYTHONPATH: undefined };
    const header = (mark: string, name: string, runtime: string): string =>
      [
        `name=${name}`,
        `runtime=${runtime}`,
        `cron_id=${name}`,
        'schedule_required=true',
        'interval_seconds=1',
      ]
        .map((pair) => `${mark} nexo: ${pair}\n`)
        .join('');
    const scripts = join(own, '.nexo', 'personal', 'scripts');
    mkdirSync(scripts, { recursive: true });
    writeFileSync(
      join(scripts, 'by-node.ts'),
      `${header('//', 'by-node', 'node')}import { writeFileSync } from 'node:fs';
import { runNexo } from 'nexo/helper';
writeFileSync(${JSON.stringify(join(proofs, 'node'))}, await runNexo(['version']) as string);
`,
    );
    writeFileSync(
      join(scripts, 'by-python.py'),
      `${header('#', 'by-python', 'python')}import nexo_helper
open(${JSON.stringify(join(proofs, 'python'))}, "w").write(nexo_helper.run_nexo(["version"]))
`,
    );
    await nexoJson(['scripts', 'reconcile'], { cwd: own, env: place });
    const stop = new AbortController();
    const seen = new Set<string>();
    const watching = (async () => {
      for await (const { filename } of watch(proofs, { signal: stop.signal })) {
        if (filename !== null && readFileSync(join(proofs, filename), 'utf8') !== '') seen.add(filename);
        if (seen.size === 2) return;
      }
    })();
    const daemon = startProgram(process.execPath, [NEXO, 'daemon', 'run'], { cwd: own, env: place });
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    onTestFinished(() => void daemon.kill('SIGKILL'));
    await Promise.race([watching, ended]);
    daemon.kill('SIGTERM');
    await ended;
    stop.abort();
    expect([...seen].sort()).toEqual(['node', 'python']);
    const status = await nexoJson(['scripts', 'status', 'by-node'], { cwd: own, env: place });
    expect(status).toMatchObject({ last_run: { exit_code: 0, started_by: 'by-node' } });
  });

  it('is found by a script that is started without Nexo', async () => {
    const { path } = (await nexoJson(['scripts', 'create', 'alone', '--force'], { cwd: user, env })) as {
      path: string;
    };
    const bare = {
      HOME: user,
      NEXO_HOME: undefined,
      NEXO_NODE: process.execPath,
      PYTHONDONTWRITEBYTECODE: '1',
    };
    expect(await runProgram('python3', [path], { cwd: user, env: bare })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^personal scripts: \d+\n$/),
    });
  });
});

describe('nexo scripts call', () => {
  it('prints what the tool answers', async () => {
    const ran = await nexo(
      'scripts',
      'call',
      'nexo_personal_scripts_list',
      '--input',
      '{"summary": true, "limit": 1}',
    );
    expect(JSON.parse(ran.stdout)).toMatchObject({
      scripts: [{ name: expect.any(String) }],
      total: expect.any(Number),
    });
  });

  it.each([
    [['nexo_nothing'], /There are: .*nexo_personal_scripts_list.*\[TOOL_UNKNOWN\]/],
    [['nexo_personal_scripts_list', '--input', '{'], /\[TOOL_INPUT_INVALID\]/],
    [['nexo_personal_scripts_list', '--input', '[]'], /has to be an object/],
    [['nexo_personal_scripts_list', '--input', '{"limit": "x"}'], /limit.*\[TOOL_FAILED\]/],
  ])('ends with 1 for %j', async (args, expected) => {
    const ran = await nexo('scripts', 'call', ...args);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr.replaceAll('\n', ' ')).toMatch(expected);
  });
});

describe('nexo scripts doctor', () => {
  it('ends with 1 in both modes when anything fails, and says everything at once', async () => {
    script('x.py', '# nexo: name=x\n# nexo: schedule=monthly:1\n');
    const text = await nexo('scripts', 'doctor', 'x');
    expect(text).toMatchObject({ code: 1, stdout: expect.stringMatching(/runtime.*cron_id.*monthly/s) });
    const json = await nexo('scripts', 'doctor', 'x', '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject([{ status: 'fail', name: 'x' }]);
    expect(await nexo('scripts', 'doctor', 'nowhere', '--json')).toMatchObject({ code: 1 });
  });
});

describe('the tools for agents', () => {
  it('make, show and take away scripts as the commands do, for a client that checks every answer', async () => {
    const own = temporaryFolder('user');
    const client = new Client({ name: 'official', version: '1.0.0' });
    const place = { PATH: process.env.PATH ?? '', HOME: own, NEXO_HOME: join(own, '.nexo') };
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [NEXO, 'mcp', '--toolsets', 'home'],
        cwd: own,
        env: place,
        stderr: 'ignore',
      }),
    );
    onTestFinished(() => client.close());
    // The client knows the schemas of answers once it has asked for the tools.
    const { tools } = await client.listTools();
    const ours = tools.filter(({ name }) => name.startsWith('nexo_personal_script'));
    expect(ours.every(({ title, annotations, outputSchema }) => title && annotations && outputSchema)).toBe(
      true,
    );
    const call = async (name: string, args: Record<string, unknown> = {}): Promise<unknown> =>
      (await client.callTool({ name: `nexo_personal_${name}`, arguments: args })).structuredContent;

    expect(
      await call('script_create', { name: 'Tidy up', schedule: '07:00', interval_seconds: 0 }),
    ).toMatchObject({
      ok: true,
      name: 'tidy-up',
      cron_id: 'tidy-up',
    });
    expect(await call('script_create', { name: 'tidy-up' })).toMatchObject({
      error: expect.stringContaining('SCRIPT_EXISTS'),
    });
    expect(await call('scripts_list', { filter_runtime: 'python', limit: 1 })).toMatchObject({
      total: 1,
      scripts: [{ name: 'tidy-up', schedules: [], declared_schedule: { schedule_label: '07:00 daily' } }],
    });
    expect(await call('scripts_list', { filter_runtime: 'php' })).toEqual({ total: 0, scripts: [] });
    expect(await call('scripts_list', { summary: true })).toEqual({
      total: 1,
      scripts: [
        { name: 'tidy-up', runtime: 'python', enabled: true, last_run_at: null, last_exit_code: null },
      ],
    });
    expect(await call('scripts_classify')).toMatchObject({ summary: { personal: 1 } });
    expect(await call('scripts_sync')).toMatchObject({ ok: true, registered_scripts: 1 });
    expect(await call('script_remove', { name: 'tidy-up' })).toMatchObject({
      ok: true,
      script: 'tidy-up',
      trash: { restore: expect.stringMatching(/^mv /) },
    });
    expect(await call('script_remove', { name: 'tidy-up' })).toMatchObject({
      error: expect.stringContaining('SCRIPT_NOT_FOUND'),
    });
  });
});
