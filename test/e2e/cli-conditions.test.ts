import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { NEXO, nexoJson, runNexo, runProgram, startProgram, temporaryFolder } from '../support/run-nexo.ts';

const ADD = ['task', 'add', '--title', 'x', '--context', 'y'];

describe('nexo under hard conditions', () => {
  let project: string;

  beforeEach(() => {
    project = temporaryFolder();
  });

  /** One line of shell with `nexo` as a word in it. */
  const shell = (line: string) =>
    runProgram('sh', ['-c', line.replaceAll('nexo ', `'${process.execPath}' '${NEXO}' `)], { cwd: project });

  it('refuses a damaged file, keeps its bytes, and names the file and the remedy', async () => {
    const file = join(project, '.nexus/state/tasks.json');
    mkdirSync(join(project, '.nexus/state'), { recursive: true });
    writeFileSync(file, '{bad');
    const ran = await runNexo(ADD, { cwd: project });
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(/^✗ .*\.nexus\/state\/tasks\.json .*\[STATE_DAMAGED\]$/m);
    expect(ran.stderr).toContain('nexo repair');
    expect(readFileSync(file, 'utf8')).toBe('{bad');

    const dry = await nexoJson(['repair', '--dry-run'], { cwd: project });
    expect(dry).toMatchObject({ dryRun: true, findings: [{ file: '.nexus/state/tasks.json' }] });
    expect(readFileSync(file, 'utf8')).toBe('{bad');

    const repaired = (await nexoJson(['repair'], { cwd: project })) as { findings: { movedTo: string }[] };
    expect(existsSync(file)).toBe(false);
    expect(readFileSync(join(project, repaired.findings[0]?.movedTo ?? ''), 'utf8')).toBe('{bad');
    expect(await nexoJson(ADD, { cwd: project })).toMatchObject({ task: { id: 1 } });
    expect(await nexoJson(['repair'], { cwd: project })).toEqual({ dryRun: false, findings: [] });
  });

  it('restores the tasks that were there before the damage', async () => {
    for (let at = 0; at < 3; at += 1) await nexoJson(ADD, { cwd: project });
    const file = join(project, '.nexus/state/tasks.json');
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 200));
    expect((await runNexo(ADD, { cwd: project })).code).toBe(1);
    expect((await runNexo(['status'], { cwd: project })).stdout).toContain('! .nexus/state/tasks.json');
    const ran = await runNexo(['repair'], { cwd: project });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const { tasks } = (await nexoJson(['task', 'list'], { cwd: project })) as { tasks: { id: number }[] };
    expect(tasks.length).toBeGreaterThanOrEqual(2);
  });

  it('works with half a history, and never closes over it', async () => {
    await nexoJson(ADD, { cwd: project });
    const history = join(project, '.nexus/history.json');
    writeFileSync(history, '{ "cycles": [ { "schema_version": "0.5", "completed_at": "2026-01-0');
    const before = readFileSync(history, 'utf8');
    expect((await runNexo(['history', 'search'], { cwd: project })).code).toBe(0);
    const closed = await runNexo(['task', 'close', '--json'], { cwd: project });
    expect(closed.code).toBe(1);
    expect(JSON.parse(closed.stdout)).toMatchObject({ error: { code: 'STATE_DAMAGED' } });
    expect(readFileSync(history, 'utf8')).toBe(before);
    expect(await nexoJson(['task', 'list'], { cwd: project })).toMatchObject({ summary: { total: 1 } });
  });

  it('runs in a folder with a blank and an umlaut, below its root', async () => {
    const folder = join(project, 'Grüße an alle');
    mkdirSync(join(folder, 'src', 'tief'), { recursive: true });
    await nexoJson(['init'], { cwd: folder });
    await nexoJson(ADD, { cwd: join(folder, 'src', 'tief') });
    expect(existsSync(join(folder, '.nexus/state/tasks.json'))).toBe(true);
    expect(await nexoJson(['status'], { cwd: join(folder, 'src') })).toMatchObject({ root: folder });
  });

  it('runs through a link such as npm makes', async () => {
    const link = join(project, 'nexo');
    symlinkSync(NEXO, link);
    const ran = await runProgram(link, ['--version'], {
      cwd: project,
      env: { PATH: `${join(process.execPath, '..')}:${process.env.PATH}` },
    });
    const { version } = JSON.parse(readFileSync(join(NEXO, '../../package.json'), 'utf8')) as {
      version: string;
    };
    expect(ran).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('works without git, and says that the branch is unknown', async () => {
    const env = { PATH: join(process.execPath, '..') };
    await nexoJson(ADD, { cwd: project, env });
    expect(await nexoJson(['task', 'close'], { cwd: project, env })).toMatchObject({ branch: 'unknown' });
    expect(await nexoJson(['init', '--merge-driver'], { cwd: project, env })).toMatchObject({
      mergeDriver: 'no-git',
    });
  });

  it('says so where it may not write', async () => {
    // Root may write anywhere but into what the kernel makes up.
    const isRoot = process.getuid?.() === 0;
    if (!isRoot) chmodSync(project, 0o555);
    const folder = isRoot && process.platform === 'linux' ? '/sys/kernel' : project;
    const ran = await runNexo([...ADD, '--root', folder, '--json']);
    chmodSync(project, 0o755);
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'IO_FAILED', hint: expect.any(String) } });
    expect((await runNexo(['status', '--root', folder])).code).toBe(0);
  });

  it('refuses a home directory and the root of the disk, and a folder that is not there', async () => {
    const home = temporaryFolder('home');
    const inHome = await runNexo([...ADD, '--json'], { cwd: home, env: { HOME: home } });
    expect(inHome.code).toBe(1);
    expect(JSON.parse(inHome.stdout)).toMatchObject({ error: { code: 'PROJECT_ROOT_AMBIGUOUS' } });
    expect(existsSync(join(home, '.nexus'))).toBe(false);
    const atRoot = await runNexo(['status', '--json'], { cwd: '/' });
    expect(JSON.parse(atRoot.stdout)).toMatchObject({ error: { code: 'PROJECT_ROOT_AMBIGUOUS' } });
    const nowhere = await runNexo(['status', '--json', '--root', join(project, 'none')]);
    expect(JSON.parse(nowhere.stdout)).toMatchObject({ error: { code: 'PROJECT_ROOT_MISSING' } });
    expect(await nexoJson(['paths'], { cwd: '/' })).toMatchObject({ project: null });
  });

  it('says that the folder is gone when it was deleted under the shell', async () => {
    const ran = await shell(`mkdir gone && cd gone && rmdir ../gone && nexo status --json`);
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      error: { code: 'PROJECT_ROOT_MISSING', message: 'The working directory no longer exists.' },
    });
  });

  it('ends quietly when its reader has seen enough', async () => {
    // More than a pipe holds, so that the reader is gone before all of it is written.
    const tasks = Array.from({ length: 3000 }, (_, at) => ({
      id: at + 1,
      title: 'A task among thousands',
      context: 'c',
      status: 'pending',
      deps: [],
    }));
    mkdirSync(join(project, '.nexus/state'), { recursive: true });
    writeFileSync(
      join(project, '.nexus/state/tasks.json'),
      JSON.stringify({ goal: '', decisions: [], tasks }),
    );
    const ran = await shell('nexo task list --json | head -n 1');
    expect(ran).toMatchObject({ code: 0, stdout: '{\n', stderr: '' });
  });

  it('fails when the result cannot be written', async () => {
    if (!existsSync('/dev/full')) return;
    const ran = await shell('nexo status > /dev/full');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('[IO_FAILED]');
  });

  it('does its work with standard input, output and error closed', async () => {
    expect(await shell('nexo task add --title a --context b <&-')).toMatchObject({ code: 0 });
    expect(await shell('nexo task add --title a --context b >&-')).toMatchObject({ code: 0 });
    expect(await shell('nexo task add --title a --context b 2>&-')).toMatchObject({ code: 0 });
    expect(await nexoJson(['task', 'list'], { cwd: project })).toMatchObject({ summary: { total: 3 } });
    expect(await shell('nexo artifact write --filename a <&-')).toMatchObject({ code: 2 });
  });

  it('ends with 130 on Ctrl-C and 143 on SIGTERM, saying so in JSON', async () => {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      // It waits for its standard input, which stays open.
      const child = startProgram(process.execPath, [NEXO, 'artifact', 'write', '--filename', 'a', '--json'], {
        cwd: project,
        input: '',
      });
      let stdout = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
      });
      // More than a pipe holds: once it is gone, the program is up and reads.
      await new Promise((resolve) => child.stdin?.write(Buffer.alloc(1_000_000, 'x'), resolve));
      child.kill(signal);
      const ended = await new Promise((resolve) => child.on('close', (exit, by) => resolve([exit, by])));
      expect(ended).toEqual([code, null]);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'INTERRUPTED' } });
    }
    expect(existsSync(join(project, '.nexus'))).toBe(false);
  });

  it('ends an MCP server cleanly on SIGTERM and at the end of its input', async () => {
    const child = startProgram(process.execPath, [NEXO, 'mcp'], { cwd: project, input: '' });
    child.stdin?.write(
      `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } } })}\n`,
    );
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGTERM');
    expect(await new Promise((resolve) => child.on('close', (exit, by) => resolve([exit, by])))).toEqual([
      143,
      null,
    ]);
    expect(await runNexo(['mcp'], { cwd: project, input: '' })).toMatchObject({ code: 0, stdout: '' });
  });

  it('runs when its own folder cannot be made, and keeps its compiled code private where it can', async () => {
    const blocked = join(project, 'blocked');
    writeFileSync(blocked, '');
    expect((await runNexo(['paths'], { cwd: project, env: { NEXO_HOME: blocked } })).code).toBe(0);
    const home = join(project, 'home');
    await runNexo(['paths'], { cwd: project, env: { NEXO_HOME: home } });
    const cache = join(home, 'cache');
    expect(statSync(cache).mode & 0o777).toBe(0o700);
    rmSync(cache, { recursive: true });
    mkdirSync(cache);
    chmodSync(cache, 0o777);
    expect((await runNexo(['paths'], { cwd: project, env: { NEXO_HOME: home } })).code).toBe(0);
    // Others could put code there, so none is taken from it and none is left in it.
    expect(readdirSync(cache)).toEqual([]);
  });
});
