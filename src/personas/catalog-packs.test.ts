import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { agentYaml, writeFiles, writePack } from '../../test/support/persona-pack.ts';
import { resolveHomePaths } from '../home/paths.ts';
import { type CatalogPack, type CatalogPacksPlace, loadCatalogPacks } from './catalog-packs.ts';

function scratch() {
  const home = mkdtempSync(join(tmpdir(), 'catalog-packs-'));
  const paths = resolveHomePaths({ NEXO_HOME: home }, '/nowhere');
  mkdirSync(paths.personas, { recursive: true });
  return {
    home,
    root: paths.personas,
    config: (files: Record<string, string>) => writeFiles(paths.config, files),
    load: (more: Partial<CatalogPacksPlace> = {}): CatalogPack[] =>
      loadCatalogPacks({ paths, env: {}, userHome: '/nowhere', nexoVersion: '0.1.0', ...more }),
  };
}

function yamlWith(id: string, more: string): Record<string, string> {
  return { [`agents.d/${id}.yaml`]: agentYaml(id, more) };
}

const ids = (packs: readonly CatalogPack[]) => packs.flatMap(({ agents }) => agents.map(({ id }) => id));
const faults = (packs: readonly CatalogPack[]) =>
  packs.flatMap((pack) => pack.faults.map(({ message }) => message));

describe('an agent of a pack', () => {
  it('gets a place in the catalog, with the limits of an agent that Lead hands work to', () => {
    const { root, load } = scratch();
    writePack({ root });
    const [pack] = load();
    expect(pack).toMatchObject({ name: 'persona:cody@0.1.0', folder: join(root, 'cody-0.1.0'), faults: [] });
    expect(pack?.agents).toEqual([
      {
        id: 'cody',
        name: 'Cody',
        description: 'Writes code with you',
        category: 'do',
        // It lists tools, and none of them edits or runs anything.
        capabilities: [
          'no_task_create',
          'no_task_close',
          'no_subagent_spawn',
          'no_file_edit',
          'no_shell_exec',
        ],
        resumeTier: 'bounded',
        modelTier: 'standard',
        task: undefined,
        prompt: 'You are cody, and you write code with the user.',
        file: join(root, 'cody-0.1.0', 'agents.d', 'cody.yaml'),
        line: 2,
        capabilitiesLine: 2,
      },
    ]);
  });

  it('says its own place below extensions_config.nexo', () => {
    const { root, load } = scratch();
    const more = `    language: es
    extensions_config:
      nexo:
        name: Cody the checker
        category: check
        capabilities: [no_file_edit]
        resume_tier: ephemeral
        model_tier: high
        task: Check
      other: { kept: true }
`;
    writePack({ root }, yamlWith('cody', more));
    expect(load()[0]?.agents[0]).toMatchObject({
      name: 'Cody the checker',
      category: 'check',
      capabilities: ['no_file_edit', 'no_shell_exec'],
      resumeTier: 'ephemeral',
      modelTier: 'high',
      task: 'Check',
      prompt: 'You are cody, and you write code with the user.\n\nAnswer in this language: es',
      capabilitiesLine: 17,
    });
  });

  it.each([
    ['[memory_*, Read]', ['no_file_edit', 'no_shell_exec']],
    ['["*"]', []],
    ['[]', []],
    ['[Bash]', ['no_file_edit']],
    ['[Edit, Write]', ['no_shell_exec']],
    ['[apply*, exec_*]', []],
  ])('that may use %s is held to %j besides', (tools, implied) => {
    const { root, load } = scratch();
    const yaml = agentYaml('cody').replace('[memory_*, Read]', tools);
    writePack({ root }, { 'agents.d/cody.yaml': yaml });
    expect(load()[0]?.agents[0]?.capabilities.slice(3)).toEqual(implied);
  });

  it.each([
    ['claude-opus-4', 'high'],
    ['gpt-5-pro', 'high'],
    ['claude-haiku', 'low'],
    ['gemini-flash', 'low'],
    ['something-new', 'standard'],
  ])('on the model %s is of the tier %s', (model, tier) => {
    const { root, load } = scratch();
    writePack({ root }, { 'agents.d/cody.yaml': agentYaml('cody').replace('claude-sonnet', model) });
    expect(load()[0]?.agents[0]?.modelTier).toBe(tier);
  });

  it('with an underscore or capitals in its id is called by a name that a catalog takes', () => {
    const { root, load } = scratch();
    writePack({ root }, { 'agents.d/cody.yaml': agentYaml('Cody_the__Second') });
    expect(ids(load())).toEqual(['cody-the-second']);
  });
});

describe('an agent of a pack is left out when', () => {
  it('its id makes no name for a catalog, or it has no prompt', () => {
    const { root, load } = scratch();
    writePack({ root, id: 'ada' }, { 'agents.d/ada.yaml': agentYaml('7up') });
    writePack(
      { root, id: 'bob' },
      { 'agents.d/bob.yaml': 'agents: [{ id: bob, model: { provider: a, model: b } }]\n' },
    );
    expect(ids(load())).toEqual([]);
    expect(faults(load())).toEqual([
      'the agent 7up has an id that makes no name for a catalog: 7up',
      'the agent bob has no system_prompt',
    ]);
  });

  it('a path of it leads out of the configuration', () => {
    const { root, load } = scratch();
    writePack({ root }, yamlWith('cody', '    transcripts_dir: ../../etc\n'));
    expect(faults(load())).toEqual([
      'the agent cody has a transcripts_dir that leads out of the configuration: ../../etc',
    ]);
  });

  it('its file cannot be read, and only that file', () => {
    const { root, load } = scratch();
    writePack({ root, id: 'ada' }, yamlWith('ada', '    sudo: true\n'));
    writePack({ root, id: 'bob' });
    expect(ids(load())).toEqual(['bob']);
    expect(faults(load())).toEqual(['agents.0.sudo is no field of this file']);
  });

  it('the operator has an agent of that id', () => {
    const { root, load, config } = scratch();
    writePack({ root, id: 'ada' });
    writePack({ root, id: 'bob' });
    config({ 'agents.yaml': agentYaml('ada'), 'agents.d/mine.yaml': agentYaml('other') });
    expect(ids(load())).toEqual(['bob']);
    expect(faults(load())[0]).toMatch(/^the agent ada is not used: .*agents\.yaml has an agent of that id$/);
  });

  it('another pack that is found earlier has an agent of that id', () => {
    const { root, load } = scratch();
    writePack({ root, id: 'ada' });
    writePack({ root, id: 'bob' }, { 'agents.d/bob.yaml': agentYaml('ada') });
    const packs = load();
    expect(packs.map(({ agents }) => agents.length)).toEqual([1, 0]);
    expect(faults(packs)).toEqual(['the agent ada is not used: persona:ada@0.1.0 has an agent of that id']);
  });

  it('packs are offered as templates only, or switched off; gates know them all the same', () => {
    const { root, load, config } = scratch();
    writePack({ root });
    config({ 'personas/discovery.yaml': `activation: template\ndiscovery: { search_paths: [${root}] }\n` });
    expect(ids(load())).toEqual([]);
    config({ 'personas/discovery.yaml': `discovery: { search_paths: [${root}] }\n` });
    expect(ids(load())).toEqual(['cody']);
    const env = { NEXO_DISABLE_BUNDLED_PERSONAS: '1' };
    expect(ids(load({ env }))).toEqual([]);
    expect(ids(load({ env, includeInactive: true }))).toEqual(['cody']);
  });
});
