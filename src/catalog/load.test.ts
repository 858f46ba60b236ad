import { mkdirSync, symlinkSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';

import { agentMeta, type ScratchCatalog, scratchCatalog, skillMeta } from '../../test/support/catalog.ts';
import { catalogLayers } from './layers.ts';
import { loadCatalog } from './load.ts';

let scratch: ScratchCatalog;
beforeEach(() => {
  scratch = scratchCatalog();
});

const load = () => loadCatalog(scratch.layers);
const messages = () => load().findings.map(({ gate, message }) => `${gate} ${message}`);

function addAgent(layer: 'personal' | 'project', id: string, fields = {}): void {
  scratch.write(layer, `agents/${id}/meta.yml`, agentMeta(id, fields));
  scratch.write(layer, `agents/${id}/body.md`, `# ${id}\n`);
}

function addSkill(layer: 'personal' | 'project', id: string, fields = {}): void {
  scratch.write(layer, `skills/${id}/meta.yml`, skillMeta(id, fields));
  scratch.write(layer, `skills/${id}/body.md`, `# ${id}\n`);
}

describe('loadCatalog', () => {
  it('loads what ships: ten agents, five skills, eight tags', () => {
    const { agents, skills, tags, findings } = load();
    expect(findings).toEqual([]);
    expect(agents.map(({ meta }) => meta.id)).toEqual([
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
    expect(skills.map(({ meta }) => [meta.id, meta.manual_only ?? false])).toEqual([
      ['nx-init', true],
      ['nx-plan', false],
      ['nx-run', false],
      ['nx-setup', true],
      ['nx-sync', false],
    ]);
    expect(tags.map(({ entry }) => entry.id)).toEqual([
      'plan',
      'run',
      'sync',
      'init',
      'd',
      'm',
      'm-gc',
      'rule',
    ]);
  });

  it.each([
    ['lead', 'lead', 'persistent', 'high', []],
    ['architect', 'how', 'persistent', 'high', ['no_file_edit', 'no_task_create', 'no_task_update']],
    ['designer', 'how', 'persistent', 'high', ['no_file_edit', 'no_task_create', 'no_task_update']],
    ['postdoc', 'how', 'persistent', 'high', ['no_file_edit', 'no_task_create', 'no_task_update']],
    ['strategist', 'how', 'persistent', 'high', ['no_file_edit', 'no_task_create', 'no_task_update']],
    ['engineer', 'do', 'bounded', 'standard', ['no_task_create']],
    ['researcher', 'do', 'persistent', 'standard', ['no_file_edit', 'no_task_create']],
    ['writer', 'do', 'bounded', 'standard', ['no_task_create']],
    ['tester', 'check', 'ephemeral', 'standard', ['no_file_edit', 'no_task_create']],
    ['reviewer', 'check', 'ephemeral', 'standard', ['no_file_edit', 'no_task_create']],
  ])(
    'has %s as the contract has it, and three limits more for whoever is not Lead',
    (id, category, tier, model, limits) => {
      const agent = load().agents.find(({ meta }) => meta.id === id);
      expect(agent?.meta).toMatchObject({ category, resume_tier: tier, model_tier: model });
      const more = id === 'lead' ? [] : ['no_task_close', 'no_subagent_spawn', 'no_user_question'];
      expect(agent?.capabilities).toEqual(
        [...limits, ...more].map((capability) => ({ id: capability, from: 'built-in' })),
      );
      expect(agent?.meta.mode).toBe(id === 'lead' ? 'primary' : undefined);
    },
  );

  it('never lets a bad file hide the good ones', () => {
    scratch.write('built-in', 'agents/engineer/meta.yml', 'id: [\n');
    scratch.write('personal', 'agents/broken/meta.yml', 'id: broken\n');
    scratch.write('project', 'agents/binary/meta.yml', 'x');
    scratch.write('project', 'agents/binary/body.md', '\ud800');
    addAgent('personal', 'critic');
    const { agents, findings } = load();
    expect(agents.map(({ meta }) => meta.id)).not.toContain('engineer');
    expect(agents.map(({ meta }) => meta.id)).toContain('critic');
    expect(agents).toHaveLength(10);
    expect(new Set(findings.map(({ file }) => file.split('/').at(-2)))).toEqual(
      new Set(['engineer', 'broken', 'binary']),
    );
  });

  it('keeps the good entries of a vocabulary file with a bad one', () => {
    scratch.edit('vocabulary/capabilities.yml', 'intent: shell_execution_denial', 'intent: 7');
    const { agents, vocabulary } = load();
    expect(agents).toHaveLength(10);
    expect(vocabulary.capabilities.map(({ entry }) => entry.id)).not.toContain('no_shell_exec');
    expect(vocabulary.capabilities).toHaveLength(6);
  });

  it('says what is wrong when the vocabulary is gone, and lists no agent whose limits nobody knows', () => {
    scratch.remove('built-in', 'vocabulary/capabilities.yml');
    const { agents, findings } = load();
    expect(agents.map(({ meta }) => meta.id)).toEqual(['lead']);
    expect(findings).toContainEqual(
      expect.objectContaining({ gate: 'G9', file: scratch.path('built-in', 'vocabulary/capabilities.yml') }),
    );
  });

  it('does not follow links', () => {
    mkdirSync(scratch.path('project', 'agents'), { recursive: true });
    symlinkSync(scratch.path('built-in', 'agents/engineer'), scratch.path('project', 'agents/spy'));
    addAgent('personal', 'critic');
    scratch.remove('personal', 'agents/critic/body.md');
    symlinkSync('/etc/passwd', scratch.path('personal', 'agents/critic/body.md'));
    const found = messages();
    expect(found).toContainEqual('G9 is a symbolic link, and links are not followed');
    expect(found).toContainEqual(expect.stringContaining('is a symbolic link, where a regular file belongs'));
    expect(load().agents).toHaveLength(10);
  });

  it('refuses a file that no prompt could be', () => {
    addAgent('personal', 'critic');
    scratch.write('personal', 'agents/critic/body.md', 'x'.repeat(300 * 1024));
    expect(messages()).toContainEqual(expect.stringContaining('at most 262144 are read'));
  });
});

describe('layers', () => {
  it('are the package, the packs, the personal one and the project, in this order', () => {
    const home = { personal: '/n/personal' } as Parameters<typeof catalogLayers>[0]['home'];
    const packs = [{ name: 'persona:cody@0.2.0', folder: '/p/cody-0.2.0', agents: [], faults: [] }];
    expect(catalogLayers({ assets: '/a', home, projectRoot: '/w', packs })).toEqual([
      { kind: 'built-in', name: 'built-in', folder: '/a' },
      {
        kind: 'persona',
        name: 'persona:cody@0.2.0',
        folder: '/p/cody-0.2.0',
        pack: { agents: [], faults: [] },
      },
      { kind: 'personal', name: 'personal', folder: '/n/personal/catalog' },
      { kind: 'project', name: 'project', folder: '/w/.nexus/catalog' },
    ]);
    expect(catalogLayers({ assets: '/a', home }).map(({ kind }) => kind)).toEqual(['built-in', 'personal']);
  });

  it('add agents, skills and tags, and each knows where it comes from', () => {
    addAgent('personal', 'critic');
    addAgent('project', 'deployer', { category: 'do' });
    addSkill('project', 'deploy', { manual_only: 'false', triggers: '[deploy]' });
    scratch.write(
      'project',
      'vocabulary/tags.yml',
      '- id: deploy\n  trigger: "[deploy]"\n  type: skill\n  skill: deploy\n  description: Bring it out.\n',
    );
    const { agents, skills, tags, findings } = load();
    expect(findings).toEqual([]);
    expect(
      agents.flatMap(({ meta, layer }) => (layer.kind === 'built-in' ? [] : [[meta.id, layer.name]])),
    ).toEqual([
      ['critic', 'personal'],
      ['deployer', 'project'],
    ]);
    expect(skills.find(({ meta }) => meta.id === 'deploy')?.layer.name).toBe('project');
    expect(tags.at(-1)).toMatchObject({ entry: { id: 'deploy' }, layer: { name: 'project' } });
  });

  it('add capabilities to an agent of an earlier one, once, and say who did', () => {
    scratch.write(
      'personal',
      'agents/engineer/extend.yml',
      'capabilities: [no_shell_exec, no_task_create]\n',
    );
    scratch.write(
      'project',
      'agents/engineer/extend.yml',
      'capabilities:\n  - no_task_update\n  - no_shell_exec\n',
    );
    const { agents, findings } = load();
    expect(findings).toEqual([]);
    const engineer = agents.find(({ meta }) => meta.id === 'engineer');
    expect(engineer?.capabilities.filter(({ from }) => from !== 'built-in')).toEqual([
      { id: 'no_shell_exec', from: 'personal' },
      { id: 'no_task_update', from: 'project' },
    ]);
    expect(engineer?.capabilities).toHaveLength(6);
    expect(engineer?.layer.kind).toBe('built-in');
  });

  it('extend what the layer before them has added', () => {
    addAgent('personal', 'critic', { capabilities: '[]' });
    scratch.write('project', 'agents/critic/extend.yml', 'capabilities: [no_file_edit]\n');
    expect(load().agents.find(({ meta }) => meta.id === 'critic')?.capabilities).toEqual([
      { id: 'no_file_edit', from: 'project' },
    ]);
  });

  it.each([
    [
      'removes the limits of an agent by defining it again',
      'agents/engineer/meta.yml',
      agentMeta('engineer', { capabilities: '[]' }),
      'N3 the agent engineer is defined by the layer built-in already',
    ],
    [
      'replaces a skill',
      'skills/nx-run/meta.yml',
      skillMeta('nx-run'),
      'N3 the skill nx-run is defined by the layer built-in already',
    ],
    ['adds nothing', 'agents/engineer/extend.yml', 'capabilities: []\n', 'G1 capabilities is too short'],
    [
      'takes something away',
      'agents/engineer/extend.yml',
      'remove: [no_task_create]\n',
      'G1 remove is no field of this file',
    ],
    [
      'adds a capability that does not exist',
      'agents/engineer/extend.yml',
      'capabilities: [no_fun]\n',
      'G2 there is no capability no_fun',
    ],
    [
      'extends nobody',
      'agents/nobody/extend.yml',
      'capabilities: [no_file_edit]\n',
      'N3 there is no agent nobody in an earlier layer to extend',
    ],
    [
      'limits Lead',
      'agents/lead/extend.yml',
      'capabilities: [no_file_edit]\n',
      'N3 Lead is not gated, so a capability would promise what nothing keeps',
    ],
    [
      'takes a tag',
      'vocabulary/tags.yml',
      '- id: plan\n  trigger: "[plan]"\n  type: skill\n  skill: nx-run\n  description: Mine.\n',
      'N3 the tag plan is typed like the tag plan of the layer built-in',
    ],
    [
      'takes the text of a variant',
      'vocabulary/tags.yml',
      '- id: plan-auto\n  trigger: "[plan:auto]"\n  type: skill\n  skill: nx-run\n  description: Mine.\n',
      'N3 the tag plan-auto is typed like the tag plan of the layer built-in',
    ],
    [
      'names a handler',
      'vocabulary/tags.yml',
      '- id: x\n  trigger: "[x]"\n  type: inline_action\n  handler: memory_gc\n  description: Mine.\n',
      'N3 the tag x names a handler, and those are part of the program',
    ],
    [
      'names a skill that does not exist',
      'vocabulary/tags.yml',
      '- id: x\n  trigger: "[x]"\n  type: skill\n  skill: nx-fly\n  description: Mine.\n',
      'G5 the tag x activates nx-fly, which is no skill',
    ],
    [
      'gives a skill a tag that the skill does not list',
      'vocabulary/tags.yml',
      '- id: x\n  trigger: "[x]"\n  type: skill\n  skill: nx-run\n  description: Mine.\n',
      'G5 the skill nx-run does not list the tag x in its triggers',
    ],
    [
      'adds a tag twice',
      'vocabulary/tags.yml',
      '- id: x\n  trigger: "[x]"\n  type: skill\n  skill: nx-init\n  description: Mine.\n- id: x\n  trigger: "[x]"\n  type: skill\n  skill: nx-init\n  description: Mine.\n',
      'G1 the id x is there twice',
    ],
  ])('refuse a layer that %s', (_what, file, text, message) => {
    const before = load();
    scratch.write('project', file, text);
    if (file.endsWith('/meta.yml')) scratch.write('project', file.replace('meta.yml', 'body.md'), '# Mine\n');
    const after = load();
    expect(messages()).toContain(message);
    expect(after.agents).toEqual(before.agents);
    expect(after.skills).toEqual(before.skills);
  });
});
