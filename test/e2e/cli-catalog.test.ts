import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { agentMeta } from '../support/catalog.ts';
import { nexoJson, type RunOptions, runNexo } from '../support/run-nexo.ts';

let options: RunOptions & { readonly cwd: string };
let personal: string;

beforeEach(() => {
  const base = mkdtempSync(join(tmpdir(), 'cli-catalog-'));
  const cwd = join(base, 'project');
  mkdirSync(join(cwd, '.nexus'), { recursive: true });
  personal = join(base, 'nexo', 'personal', 'catalog');
  options = { cwd, env: { NEXO_HOME: join(base, 'nexo') } };
});

function write(folder: string, file: string, text: string): string {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const project = (): string => join(options.cwd, '.nexus', 'catalog');

describe('nexo agents', () => {
  it('lists ten agents with what they may not do and where they come from', async () => {
    const { agents } = (await nexoJson(['agents', 'list'], options)) as {
      agents: { id: string; source: { layer: string } }[];
    };
    expect(agents.map(({ id }) => id)).toEqual([
      'architect',
      'designer',
      'engineer',
      'lead',
      'postdoc',
      'researcher',
      'reviewer',
      'strategist',
      'tester',
      'writer',
    ]);
    expect(new Set(agents.map(({ source }) => source.layer))).toEqual(new Set(['built-in']));
    const { code, stdout, stderr } = await runNexo(['agents', 'list'], options);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^10 agents\n/);
    expect(stdout).toMatch(/lead +lead +persistent +high +built-in\n.*\n +Not limited\.\n/);
  });

  it('names the layer that added a limit', async () => {
    write(personal, 'agents/engineer/extend.yml', 'capabilities: [no_shell_exec]\n');
    write(project(), 'agents/engineer/extend.yml', 'capabilities: [no_task_update]\n');
    expect(await nexoJson(['agents', 'show', 'engineer'], options)).toMatchObject({
      agent: {
        capability_sources: {
          no_task_create: 'built-in',
          no_shell_exec: 'personal',
          no_task_update: 'project',
        },
      },
    });
    expect((await runNexo(['agents', 'list'], options)).stdout).toContain(
      'no_shell_exec (personal), no_task_update (project)',
    );
  });

  it('shows a prompt in both languages, and English where there is no other', async () => {
    const ko = await runNexo(['agents', 'show', 'lead', '--lang', 'ko', '--body'], options);
    expect(ko.stdout).toContain('당신은 Lead다.');
    const en = await runNexo(['agents', 'show', 'lead', '--body'], options);
    expect(en.stdout).toMatch(/^# Lead\n\nYou are Lead:/);
    write(personal, 'agents/critic/meta.yml', agentMeta('critic'));
    write(personal, 'agents/critic/body.md', '# Critic\n');
    expect(await nexoJson(['agents', 'show', 'critic', '--lang', 'ko'], options)).toMatchObject({
      agent: { id: 'critic', source: { layer: 'personal', folder: join(personal, 'agents', 'critic') } },
      body: {
        lang: 'en',
        harness: null,
        text: '# Critic\n',
        hash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      },
    });
  });

  it('keeps listing when a file is broken, says so on standard error, and stays one JSON document', async () => {
    write(personal, 'agents/critic/meta.yml', 'id: [\n');
    const { code, stdout, stderr } = await runNexo(['agents', 'list', '--json'], options);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as { agents: unknown[] }).agents).toHaveLength(10);
    expect(stderr).toMatch(/The catalog has 2 faults; nexo harness validate shows where\./);
  });

  it('refuses an unknown id and names the known ones', async () => {
    const { code, stdout } = await runNexo(['agents', 'show', 'enginer', '--json'], options);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'CATALOG_ITEM_UNKNOWN', hint: expect.stringContaining('engineer') },
    });
    expect((await runNexo(['agents', 'show'], options)).code).toBe(2);
    expect((await runNexo(['agents', 'show', 'lead', '--lang', 'fr'], options)).code).toBe(2);
  });

  it('works outside of any project', async () => {
    const { env } = options;
    const home = mkdtempSync(join(tmpdir(), 'home-'));
    const ran = await runNexo(['agents', 'list', '--json'], {
      cwd: home,
      env: { ...env, HOME: home, USERPROFILE: home },
    });
    expect(ran.code, ran.stderr + ran.stdout).toBe(0);
  });
});

describe('nexo skills and tags', () => {
  it('list five skills with their tags', async () => {
    const { skills } = (await nexoJson(['skills', 'list'], options)) as {
      skills: { id: string; manual_only: boolean; tags: string[] }[];
    };
    expect(skills.map(({ id, manual_only, tags }) => [id, manual_only, tags.join(' ')])).toEqual([
      ['nx-init', true, '[init] [init:reset]'],
      ['nx-plan', false, '[plan] [plan:auto]'],
      ['nx-run', false, '[run]'],
      ['nx-setup', true, ''],
      ['nx-sync', false, '[sync]'],
    ]);
    expect((await runNexo(['skills', 'list'], options)).stdout).toMatch(/^5 skills of the team\n/);
  });

  it.each([
    ['claude', 'Skill({ skill: "nx-plan", args: "auto" })', 'Agent({'],
    ['codex', 'Use the skill $nx-plan in auto mode.', 'spawn_agent({'],
    ['opencode', 'Then follow it in auto mode.', 'task({'],
  ])('show the run skill in the words of %s, without a macro left', async (harness, skill, agent) => {
    const { stdout } = await runNexo(['skills', 'show', 'nx-run', '--harness', harness, '--body'], options);
    expect(stdout).toContain(skill);
    expect(stdout).toContain(agent);
    expect(stdout).not.toContain('{{');
    expect(stdout).toContain('## In this harness');
  });

  it('show the prompt as it is written without a harness', async () => {
    expect((await runNexo(['skills', 'show', 'nx-run', '--body'], options)).stdout).toContain(
      '{{skill_activation skill=nx-plan mode=auto}}',
    );
  });

  it('list every tag with what it does', async () => {
    const { tags } = (await nexoJson(['tags', 'list'], options)) as { tags: { trigger: string }[] };
    expect(tags.map(({ trigger }) => trigger)).toEqual([
      '[plan]',
      '[run]',
      '[sync]',
      '[init]',
      '[d]',
      '[m]',
      '[m:gc]',
      '[rule]',
    ]);
    const { stdout } = await runNexo(['tags', 'list'], options);
    for (const trigger of ['[plan:auto]', '[init:reset]', '[rule:<any>]']) expect(stdout).toContain(trigger);
  });
});

describe('nexo harness validate', () => {
  it('passes what ships', async () => {
    expect(await nexoJson(['harness', 'validate'], options)).toMatchObject({
      ok: true,
      errors: 0,
      warnings: 0,
      agents: 10,
      skills: 5,
      tags: 8,
      findings: [],
    });
    expect((await runNexo(['harness', 'validate'], options)).stdout).toMatch(
      /10 agents, 5 skills and 8 tags pass all 16 gates\n$/,
    );
  });

  it('ends with 1 and names gate, file, line and fix of every fault', async () => {
    const meta = write(
      project(),
      'agents/critic/meta.yml',
      agentMeta('critic', { capabilities: '[no_fun]', icon: 'star' }),
    );
    write(project(), 'agents/critic/body.md', '# Critic\n');
    const run = write(personal, 'skills/x/run.sh', 'echo\n');
    const { code, stdout } = await runNexo(['harness', 'validate', '--json'], options);
    expect(code).toBe(1);
    const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Record<string, unknown>[] };
    expect(ok).toBe(false);
    expect(findings).toContainEqual({
      gate: 'G1',
      level: 'error',
      file: meta,
      line: 8,
      message: 'icon is no field of this file',
      fix: 'Remove it, or correct its spelling.',
    });
    expect(findings).toContainEqual(expect.objectContaining({ gate: 'G8', file: run }));
    const text = await runNexo(['harness', 'validate'], options);
    expect(text.code).toBe(1);
    expect(text.stdout).toContain(
      `${meta}:8  G1  icon is no field of this file\n  → Remove it, or correct its spelling.\n`,
    );
  });

  it('lets warnings pass, and not with --strict', async () => {
    write(personal, 'agents/critic/meta.yml', agentMeta('critic'));
    write(personal, 'agents/critic/body.md', '# Critic\n\n{{teleport}}\n');
    expect((await runNexo(['harness', 'validate'], options)).code).toBe(0);
    expect((await runNexo(['harness', 'validate', '--strict'], options)).code).toBe(1);
    const shown = await runNexo(['agents', 'show', 'critic', '--harness', 'claude'], options);
    expect(shown.code).toBe(1);
    expect(shown.stderr).toMatch(/critic\/body\.md:3: there is no primitive teleport \[MACRO_INVALID\]/);
  });
});
