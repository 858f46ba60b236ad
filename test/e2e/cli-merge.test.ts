import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { git, NEXO, nexoJson, runNexo, runProgram, temporaryFolder } from '../support/run-nexo.ts';

interface History {
  cycles: { branch: string; plan: { id: number; topic: string } | null; tasks: { title: string }[] }[];
}

/** Without any `nexo` on it that the machine may have. */
const PATH = '/usr/local/bin:/usr/bin:/bin';

describe('two branches that both closed cycles', () => {
  /** Two branches that grew apart, the current one `main`; made once and copied for each test. */
  let grown: string;
  let project: string;

  beforeAll(async () => {
    project = temporaryFolder('grüße im ordner');
    await git(project, 'init', '--quiet');
    await nexoJson(['init', '--merge-driver'], { cwd: project });
    await cycle('Common');
    await commit('common');
    await git(project, 'switch', '--quiet', '--create', 'side');
    await cycle('Side one');
    await cycle('Side two');
    await commit('side');
    await git(project, 'switch', '--quiet', 'main');
    await cycle('Main one');
    await commit('main');
    grown = project;
  });

  beforeEach(() => {
    project = temporaryFolder('grüße im ordner');
    cpSync(grown, project, { recursive: true });
  });

  async function cycle(topic: string): Promise<void> {
    const start = ['plan', 'start', '--topic', topic, '--issue', 'One', '--research-summary', 'r'];
    await nexoJson(start, { cwd: project });
    await nexoJson(['plan', 'decide', '--issue-id', '1', '--decision', 'yes'], { cwd: project });
    await nexoJson(['task', 'add', '--title', topic, '--context', 'c'], { cwd: project });
    await nexoJson(['task', 'close'], { cwd: project });
  }

  async function commit(message: string): Promise<void> {
    await git(project, 'add', '--all');
    await git(project, 'commit', '--quiet', '--message', message);
  }

  const merge = (env = { PATH }) =>
    runProgram(
      'git',
      ['-c', 'user.name=Ada', '-c', 'user.email=a@example.org', 'merge', '--no-edit', 'side'],
      {
        cwd: project,
        env,
      },
    );
  const readHistory = () => JSON.parse(readFileSync(join(project, '.nexus/history.json'), 'utf8')) as History;

  it('merge without a hand on them, and keep their plan numbers apart', async () => {
    expect(await merge()).toMatchObject({ code: 0 });
    const { cycles } = readHistory();
    expect(cycles.map(({ tasks }) => tasks[0]?.title).sort()).toEqual([
      'Common',
      'Main one',
      'Side one',
      'Side two',
    ]);
    expect(cycles[0]?.plan?.topic).toBe('Common');
    const ids = cycles.map(({ plan }) => plan?.id);
    expect(new Set(ids).size).toBe(4);
    expect(await nexoJson(['history', 'search'], { cwd: project })).toMatchObject({ total: 4 });
    expect(await git(project, 'status', '--porcelain')).toBe('');
    await cycle('Afterwards');
    expect(readHistory().cycles.at(-1)?.plan?.id).toBe(Math.max(...ids.map(Number)) + 1);
  });

  it('merge with the nexo that is on the PATH, before the one that set it up', async () => {
    const bin = join(project, '..', 'bin');
    mkdirSync(bin, { recursive: true });
    const seen = join(bin, 'seen');
    rmSync(seen, { force: true });
    const script = `#!/bin/sh\necho "$1" > '${seen}'\nexec '${process.execPath}' '${NEXO}' "$@"\n`;
    writeFileSync(join(bin, 'nexo'), script, { mode: 0o755 });
    expect(await merge({ PATH: `${bin}:${PATH}` })).toMatchObject({ code: 0 });
    expect(readFileSync(seen, 'utf8')).toBe('merge-driver\n');
    expect(readHistory().cycles).toHaveLength(4);
  });

  it('are left to the person, with both sides in the file, when one of them is not a history', async () => {
    writeFileSync(join(project, '.nexus/history.json'), '{ "cycles": [ "torn"');
    await commit('torn');
    const ran = await merge();
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('[MERGE_CONFLICT]');
    const text = readFileSync(join(project, '.nexus/history.json'), 'utf8');
    expect(text).toContain('<<<<<<<');
    expect(text).toContain('torn');
    expect(text).toContain('Side two');
  });

  it('still get the markers of git when no nexo is left on the machine', async () => {
    const driver = await git(project, 'config', 'merge.nexo-history.driver');
    await git(project, 'config', 'merge.nexo-history.driver', driver.replaceAll(NEXO, '/nowhere/main.js'));
    const ran = await merge();
    expect(ran.code).toBe(1);
    const text = readFileSync(join(project, '.nexus/history.json'), 'utf8');
    expect(text).toContain('Side two');
    expect(text).toContain('Main one');
  });
});

describe('nexo init and git', () => {
  it('sets the driver up once, adds one line, and says nothing changed the second time', async () => {
    const project = temporaryFolder();
    await git(project, 'init', '--quiet');
    writeFileSync(join(project, '.gitattributes'), '*.png binary');
    const init = () => nexoJson(['init', '--merge-driver'], { cwd: project });
    expect(await init()).toMatchObject({ mergeDriver: 'set-up', changed: ['git config', '.gitattributes'] });
    expect(await init()).toMatchObject({ mergeDriver: 'set-up', changed: [] });
    expect(readFileSync(join(project, '.gitattributes'), 'utf8')).toBe(
      '*.png binary\n.nexus/history.json merge=nexo-history\n',
    );
  });

  it('touches neither git nor .gitattributes unless told to', async () => {
    const project = temporaryFolder();
    await git(project, 'init', '--quiet');
    expect(await nexoJson(['init'], { cwd: project })).toMatchObject({ mergeDriver: 'missing', changed: [] });
    expect(await nexoJson(['init', '--no-merge-driver'], { cwd: project })).toMatchObject({ changed: [] });
    expect(existsSync(join(project, '.gitattributes'))).toBe(false);
    expect(await git(project, 'config', '--local', '--list')).not.toContain('nexo');
  });

  it('is asked for in a fresh clone of a project that uses it', async () => {
    const project = temporaryFolder();
    await git(project, 'init', '--quiet');
    await nexoJson(['init', '--merge-driver'], { cwd: project });
    await git(project, 'add', '--all');
    await git(project, 'commit', '--quiet', '--message', 'first');
    const clone = join(temporaryFolder(), 'clone');
    await git(project, 'clone', '--quiet', project, clone);
    expect(await nexoJson(['status'], { cwd: clone })).toMatchObject({
      warnings: [
        { code: 'MERGE_DRIVER_MISSING', hint: 'Run `nexo init --merge-driver` once in this clone.' },
      ],
    });
    await nexoJson(['init', '--merge-driver'], { cwd: clone });
    expect(await nexoJson(['status'], { cwd: clone })).toMatchObject({ warnings: [] });
  });

  it('works from a linked worktree', async () => {
    const project = temporaryFolder();
    await git(project, 'init', '--quiet');
    await git(project, 'commit', '--quiet', '--allow-empty', '--message', 'first');
    const tree = join(temporaryFolder(), 'tree');
    await git(project, 'worktree', 'add', '--quiet', '-b', 'side', tree);
    expect(await nexoJson(['init', '--merge-driver'], { cwd: tree })).toMatchObject({
      root: tree,
      mergeDriver: 'set-up',
    });
    expect((await runNexo(['init'], { cwd: tree })).stdout).toContain(
      'git merges .nexus/history.json with Nexo.',
    );
  });
});
