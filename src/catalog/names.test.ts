import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { agentMeta } from '../../test/support/catalog.ts';
import type { Place } from './layers.ts';
import { loadAgentCapabilities, loadNames } from './names.ts';

let place: Place;
beforeEach(() => {
  const base = mkdtempSync(join(tmpdir(), 'names-'));
  place = { env: { NEXO_HOME: join(base, 'nexo') }, home: base, root: join(base, 'project') };
});

function write(layer: 'personal' | 'project', file: string, text: string): void {
  const folder =
    layer === 'personal' ? join(place.env.NEXO_HOME ?? '', 'personal') : join(place.root ?? '', '.nexus');
  const path = join(folder, 'catalog', file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

describe('loadNames', () => {
  it('has what ships, and what users add', async () => {
    write('personal', 'agents/critic/meta.yml', agentMeta('critic'));
    write('project', 'skills/deploy/meta.yml', 'anything');
    write('project', 'agents/engineer/extend.yml', 'capabilities: [no_shell_exec]\n');
    const { agentIds, skillIds } = await loadNames(place);
    expect(agentIds).toEqual([
      'architect',
      'critic',
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
    expect(skillIds).toEqual(['deploy', 'nx-init', 'nx-plan', 'nx-run', 'nx-setup', 'nx-sync']);
  });
});

describe('loadAgentCapabilities', () => {
  it.each([
    ['engineer', ['no_subagent_spawn', 'no_task_close', 'no_task_create', 'no_user_question']],
    ['lead', []],
    ['general-purpose', []],
    ['../lead', []],
    ['', []],
  ])('gives those of %s', async (agent, expected) => {
    expect([...(await loadAgentCapabilities(agent, place))].sort()).toEqual(expected);
  });

  it('adds what later layers add, and knows their agents', async () => {
    write('personal', 'agents/engineer/extend.yml', 'capabilities: [no_shell_exec]\n');
    write('project', 'agents/engineer/extend.yml', 'capabilities: [no_file_edit]\n');
    write('personal', 'agents/critic/meta.yml', agentMeta('critic'));
    write('personal', 'agents/critic/body.md', '# Critic\n');
    expect((await loadAgentCapabilities('engineer', place)).size).toBe(6);
    expect([...(await loadAgentCapabilities('critic', place))]).toEqual(['no_file_edit']);
    expect((await loadAgentCapabilities('tester', place)).size).toBe(5);
  });

  it.each([
    ['an addition that cannot be read', 'engineer', 'agents/engineer/extend.yml', 'capabilities: [no_task'],
    ['an addition that does not exist', 'engineer', 'agents/engineer/extend.yml', 'capabilities: [no_fun]\n'],
    [
      'an attempt to define the agent anew',
      'engineer',
      'agents/engineer/meta.yml',
      agentMeta('engineer', { capabilities: '[]' }),
    ],
    ['an agent without a body', 'critic', 'agents/critic/meta.yml', agentMeta('critic')],
  ])('refuses to guess with %s', async (_what, agent, file, text) => {
    write('project', file, text);
    await expect(loadAgentCapabilities(agent, place)).rejects.toMatchObject({
      code: 'CATALOG_DAMAGED',
      message: expect.stringMatching(/catalog\/agents\/.+:\d+: /),
    });
    expect((await loadAgentCapabilities('tester', place)).size).toBe(5);
  });

  it('loads neither the YAML parser nor the schemas for an agent that no later layer speaks of', () => {
    const reached = new Set<string>();
    const packages = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      const source = readFileSync(file, 'utf8').replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
      for (const [, type, specifier = ''] of source.matchAll(
        /^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)';/gm,
      )) {
        if (type !== undefined) continue;
        if (specifier.startsWith('.')) visit(join(dirname(file), specifier));
        else packages.add(specifier);
      }
    };
    visit(join(import.meta.dirname, 'names.ts'));
    expect(reached.size).toBeGreaterThan(3);
    expect([...packages].filter((name) => !name.startsWith('node:'))).toEqual([]);
  });
});
