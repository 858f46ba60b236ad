import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { git, NEXO, nexoJson, runNexo, startProgram, temporaryFolder } from '../support/run-nexo.ts';

let cwd: string;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(cwd, path)), { recursive: true });
  writeFileSync(join(cwd, path), text);
}

beforeEach(async () => {
  cwd = temporaryFolder();
  await git(cwd, 'init', '--quiet');
  await git(cwd, 'config', 'user.name', 'Ada');
  await git(cwd, 'config', 'user.email', 'ada@example.org');
  write('.nexus/.gitignore', 'state/\n');
  write('.nexus/memory/empirical-old-proxy.md', '# The old proxy\n');
  write('.nexus/memory/pattern-retry-backoff.md', '# Retry with backoff\n');
  for (const name of ['empirical-old-proxy', 'pattern-retry-backoff'])
    utimesSync(join(cwd, `.nexus/memory/${name}.md`), 1_700_000_000, 1_700_000_000);
  const record = { path: '.nexus/memory/empirical-old-proxy.md', access_count: 1, last_agent: 'lead' };
  write(
    '.nexus/state/claude-nexo/memory-access.jsonl',
    `${JSON.stringify({ ...record, last_accessed_ts: '2024-01-01T00:00:00.000Z' })}\n`,
  );
  write('.nexus/rules/engineer.md', 'Use tabs.\n');
  write('.nexus/rules/lead.md', 'Be brief.\n');
  write('.nexus/rules/house-style.md', 'Short words.\n');
  await git(cwd, 'add', '.');
  await git(cwd, 'commit', '--quiet', '--message', 'first');
});

describe('nexo memory', () => {
  it('shows what is known, judges, deletes what is named, and git brings it back', async () => {
    const { stdout } = await runNexo(['memory', 'list'], { cwd });
    expect(stdout).toMatch(
      /^2 notes\n {2}empirical-old-proxy\.md +empirical +16 B +read once, last 2024-01-01/,
    );
    const listed = (await nexoJson(['memory', 'gc'], { cwd })) as { notes: { candidate: boolean }[] };
    expect(listed.notes.map(({ candidate }) => candidate)).toEqual([true, true]);
    expect(await git(cwd, 'status', '--porcelain')).toBe('');

    const done = (await nexoJson(['memory', 'gc', '--apply', 'empirical-old-proxy'], { cwd })) as {
      forgotten: { commit: string }[];
    };
    expect(done.forgotten[0]?.commit).toBe(await git(cwd, 'rev-parse', 'HEAD'));
    await git(cwd, 'checkout', 'HEAD^', '--', '.nexus/memory/empirical-old-proxy.md');
    expect(await git(cwd, 'diff', '--stat', 'HEAD^')).toBe('');
  });

  it('deletes by itself only where that is switched on', async () => {
    const off = await runNexo(['memory', 'gc', '--auto'], { cwd });
    expect(off).toMatchObject({ code: 2, stdout: '' });
    expect(off.stderr).toContain('NEXO_MEMORY_AUTO_DELETE=on');
    expect(await git(cwd, 'rev-list', '--count', 'HEAD')).toBe('1');
    const env = { NEXO_MEMORY_AUTO_DELETE: 'on' };
    expect(await runNexo(['memory', 'gc', '--auto', '--dry-run'], { cwd, env })).toMatchObject({ code: 0 });
    expect(await git(cwd, 'rev-list', '--count', 'HEAD')).toBe('1');
    expect(await runNexo(['memory', 'gc', '--auto'], { cwd, env })).toMatchObject({ code: 0 });
    expect(await git(cwd, 'rev-list', '--count', 'HEAD')).toBe('3');
    expect(await git(cwd, 'status', '--porcelain')).toBe('');
  });

  it('ends with 1 when a note has to stay, and when a name breaks a rule', async () => {
    write('.nexus/memory/new-lesson.md', '# New\n');
    const stayed = await runNexo(['memory', 'gc', '--apply', 'new-lesson'], { cwd });
    expect(stayed).toMatchObject({ code: 1, stderr: '' });
    expect(stayed.stdout).toContain('[MEMORY_UNRECOVERABLE]');
    expect(await runNexo(['memory', 'check', 'Notes_2026.md'], { cwd })).toMatchObject({ code: 1 });
    expect(await runNexo(['memory', 'check'], { cwd })).toMatchObject({ code: 0 });
  });

  it('finishes the note at hand when it is interrupted, and leaves the next', async () => {
    write(
      '.git/hooks/pre-commit',
      '#!/bin/sh\n: > .git/started\nwhile [ ! -e .git/go ]; do sleep 0.02; done\n',
    );
    chmodSync(join(cwd, '.git/hooks/pre-commit'), 0o755);
    const names = ['empirical-old-proxy', 'pattern-retry-backoff'];
    const child = startProgram(process.execPath, [NEXO, 'memory', 'gc', '--apply', ...names], { cwd });
    const closed = once(child, 'close');
    await vi.waitFor(() => expect(existsSync(join(cwd, '.git/started'))).toBe(true), { timeout: 20_000 });
    child.kill('SIGINT');
    write('.git/go', '');
    expect(await closed).toEqual([130, null]);
    expect(await git(cwd, 'show', '--format=', '--name-status', 'HEAD')).toBe(
      'D\t.nexus/memory/empirical-old-proxy.md',
    );
    expect(await git(cwd, 'rev-list', '--count', 'HEAD')).toBe('2');
    expect(await git(cwd, 'status', '--porcelain')).toBe('');
  });

  it('finds a note on a topic', async () => {
    const found = await nexoJson(['memory', 'similar', 'retrying', 'with', 'backoff'], { cwd });
    expect(found).toMatchObject({ notes: [{ name: 'pattern-retry-backoff.md', advice: 'extend' }] });
  });
});

describe('nexo rules', () => {
  it('says who gets a rule', async () => {
    const { rules } = (await nexoJson(['rules', 'list'], { cwd })) as {
      rules: { name: string; agent: string | null }[];
    };
    expect(rules.map(({ name, agent }) => [name, agent])).toEqual([
      ['engineer', 'engineer'],
      ['house-style', null],
      ['lead', null],
    ]);
    expect(await nexoJson(['rules', 'show', 'engineer'], { cwd })).toEqual({
      name: 'engineer',
      path: '.nexus/rules/engineer.md',
      agent: 'engineer',
      text: 'Use tabs.\n',
    });
    expect(await nexoJson(['rules', 'show', 'tester'], { cwd })).toMatchObject({
      agent: 'tester',
      text: null,
    });
    const missing = await runNexo(['rules', 'show', 'nope'], { cwd });
    expect(missing.stderr).toContain('There are: engineer, house-style, lead.');
  });
});
