import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { git, NEXO, runNexo, runProgram, startProgram, temporaryFolder } from '../support/run-nexo.ts';

interface Toured {
  source: string;
  copy: string;
  kind: string;
  remarks: string[];
  history: string;
  planId: number;
  taskIds: number[];
  artifact: string;
}

async function tour(...args: string[]): Promise<Toured> {
  const ran = await runNexo(['tour', '--json', ...args]);
  if (ran.code !== 0) throw new Error(`nexo tour ended with ${ran.code}\n${ran.stdout}${ran.stderr}`);
  return JSON.parse(ran.stdout) as Toured;
}

async function repository(): Promise<string> {
  const project = temporaryFolder();
  await git(project, 'init', '--quiet');
  writeFileSync(join(project, 'README.md'), '# A project\n');
  writeFileSync(join(project, 'package.json'), '{"scripts":{"test":"true"}}');
  await git(project, 'add', '--all');
  await git(project, 'commit', '--quiet', '--message', 'first');
  return project;
}

describe('nexo tour', () => {
  it('does one whole cycle on a clone, tells it, and leaves the project as it was', async () => {
    const project = await repository();
    const ran = await runNexo(['tour'], { cwd: project });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    for (const told of [
      'nx_plan_start',
      '"topic": "Help a newcomer find their way in',
      'Two agents at once',
      '.nexus/state/plan.json is gone',
      '.nexus/history.json',
      'README.md, then the note of this cycle.',
      'With npm test.',
    ]) {
      expect(ran.stdout).toContain(told);
    }
    const [, status = '', copy = ''] = /^ {5}(.* status --root (.*))$/m.exec(ran.stdout) ?? [];
    const { cycles } = JSON.parse(readFileSync(join(copy, '.nexus/history.json'), 'utf8'));
    expect(cycles).toMatchObject([{ plan: { id: 1 }, tasks: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }] }]);
    expect(await git(project, 'status', '--porcelain')).toBe('');
    expect(existsSync(join(project, '.nexus'))).toBe(false);
    expect(await git(copy, 'remote')).toBe('');
    // What it suggests works as it stands, whatever Node the reader's shell would find.
    const suggested = await runProgram('sh', ['-c', status], { env: { PATH: '/usr/bin:/bin' } });
    expect(suggested, status).toMatchObject({ code: 0, stdout: expect.stringContaining('1 cycle closed') });
  });

  it('suggests the command by which it was started', async () => {
    const project = await repository();
    const env = { NEXO_STARTED_AS: 'npm start --' };
    const { stdout } = await runNexo(['tour'], { cwd: project, env });
    expect(stdout).toMatch(/^ {5}npm start -- status --root \S+$/m);
  });

  it('leaves uncommitted changes where they are, and says so', async () => {
    const project = await repository();
    writeFileSync(join(project, 'draft.md'), 'secret');
    const toured = await tour(project);
    expect(toured).toMatchObject({ source: project, kind: 'clone', taskIds: [1, 2, 3, 4] });
    expect(toured.remarks).toEqual(['It is the last commit: 1 uncommitted changes stay where they are.']);
    expect(existsSync(join(toured.copy, 'draft.md'))).toBe(false);
  });

  it('copies the files of a repository without a commit, but not the ignored ones', async () => {
    const project = temporaryFolder();
    await git(project, 'init', '--quiet', '--initial-branch=trunk');
    writeFileSync(join(project, '.gitignore'), 'secret\n');
    writeFileSync(join(project, 'secret'), 'x');
    writeFileSync(join(project, 'a.txt'), 'x');
    const toured = await tour(project);
    expect(toured.kind).toBe('files');
    expect(readdirSync(toured.copy).sort()).toEqual(['.git', '.gitignore', '.nexus', 'a.txt']);
    expect(await git(toured.copy, 'symbolic-ref', '--short', 'HEAD')).toBe('trunk');
  });

  it('copies a folder without git within bounds, and follows no link out of it', async () => {
    const project = temporaryFolder();
    mkdirSync(join(project, 'node_modules'));
    writeFileSync(join(project, 'node_modules', 'x.js'), 'x');
    writeFileSync(join(project, 'big.bin'), Buffer.alloc(6 * 1024 * 1024));
    writeFileSync(join(project, 'Makefile'), 'test:\n');
    symlinkSync('/etc', join(project, 'link'));
    const toured = await tour(project);
    expect(toured).toMatchObject({
      kind: 'files',
      remarks: ['1 files are too many or too large for a tour and were left out.'],
    });
    expect(readdirSync(toured.copy).sort()).toEqual(['.nexus', 'Makefile']);
    expect(readFileSync(toured.artifact, 'utf8')).toContain('Run the tests: `make test`');
  });

  it('goes on where the history of the project ends', async () => {
    const project = await repository();
    await runNexo(['plan', 'start', '--topic', 'Before', '--research-summary', 'r'], { cwd: project });
    await runNexo(['task', 'close'], { cwd: project });
    await git(project, 'add', '--all');
    await git(project, 'commit', '--quiet', '--message', 'history');
    expect(await tour(project)).toMatchObject({ planId: 2 });
  });

  it('puts the copy where it is told, if that is empty', async () => {
    const project = await repository();
    const into = join(temporaryFolder(), 'new', 'place');
    expect(await tour(project, '--into', into)).toMatchObject({ copy: into });
    const again = await runNexo(['tour', project, '--into', into, '--json']);
    expect(again.code).toBe(2);
    expect(JSON.parse(again.stdout)).toMatchObject({
      error: { code: 'USAGE', message: `${into} is not empty.` },
    });
  });

  it('copies no home directory', async () => {
    const home = temporaryFolder('home');
    const ran = await runNexo(['tour', home, '--json'], { env: { HOME: home } });
    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'PROJECT_ROOT_AMBIGUOUS' } });
  });

  it('takes its copy away when it is stopped', async () => {
    const project = await repository();
    const place = temporaryFolder('tmp');
    const child = startProgram(process.execPath, [NEXO, 'tour'], { cwd: project, env: { TMPDIR: place } });
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.kill('SIGINT');
    const ended = await new Promise((resolve) =>
      child.on('close', (code, signal) => resolve([code, signal])),
    );
    expect(ended).toEqual([130, null]);
    expect(readdirSync(place)).toEqual([]);
  });
});
