import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { agentMeta } from '../../test/support/catalog.ts';
import { agentYaml, type PackFiles, writeFiles, writePack } from '../../test/support/persona-pack.ts';
import { layersAt } from './layers.ts';
import { loadCatalog } from './load.ts';
import { loadAgentCapabilities, loadNames } from './names.ts';
import { renderBody } from './render-body.ts';
import { validateCatalog } from './validate.ts';

function scratch(changes: PackFiles = {}) {
  const home = mkdtempSync(join(tmpdir(), 'pack-layer-'));
  const root = join(home, 'state', 'personas');
  writePack({ root }, changes);
  const place = { env: { NEXO_HOME: home }, home: '/nowhere', root: undefined };
  return { home, root, place, load: async () => loadCatalog(await layersAt(place)) };
}

const withAgent = (more: string): PackFiles => ({ 'agents.d/cody.yaml': agentYaml('cody', more) });

describe('a persona pack in the catalog', () => {
  it('adds its agents, and each knows which pack and version it comes from', async () => {
    const { load, root } = scratch();
    const { agents, findings, layers } = await load();
    expect(findings).toEqual([]);
    expect(layers.map(({ name }) => name)).toEqual(['built-in', 'persona:cody@0.1.0', 'personal']);
    const cody = agents.find(({ meta }) => meta.id === 'cody');
    expect(cody?.layer).toMatchObject({
      kind: 'persona',
      name: 'persona:cody@0.1.0',
      folder: join(root, 'cody-0.1.0'),
    });
    expect(cody?.capabilities).toContainEqual({ id: 'no_task_create', from: 'persona:cody@0.1.0' });
  });

  it('is known to hooks and gates by the same names and limits', async () => {
    const { place } = scratch();
    expect((await loadNames(place)).agentIds).toContain('cody');
    expect([...(await loadAgentCapabilities('cody', place))].sort()).toEqual([
      'no_file_edit',
      'no_shell_exec',
      'no_subagent_spawn',
      'no_task_close',
      'no_task_create',
    ]);
  });

  it('is still held by gates while packs are switched off', async () => {
    const { place } = scratch();
    const env = { ...place.env, NEXO_DISABLE_BUNDLED_PERSONAS: 'on' };
    expect((await loadNames({ ...place, env })).agentIds).not.toContain('cody');
    expect((await loadAgentCapabilities('cody', { ...place, env })).size).toBe(5);
  });

  it('is refused by gates once its pack cannot be trusted, unless a sound version of it is there', async () => {
    const { place, root } = scratch();
    chmodSync(join(root, 'cody-0.1.0'), 0o777);
    expect((await loadNames(place)).agentIds).not.toContain('cody');
    writePack({ root, id: 'eve', minNexoVersion: '>=99' }, { 'agents.d/eve.yaml': agentYaml('engineer') });
    expect((await loadAgentCapabilities('engineer', place)).size).toBeGreaterThan(0);
    await expect(loadAgentCapabilities('cody', place)).rejects.toThrow(/may be changed by every user/);
    writePack({ root, version: '0.0.9' });
    expect((await loadAgentCapabilities('cody', place)).size).toBe(5);
  });

  it('cannot take the place of a built-in agent', async () => {
    const { load } = scratch({ 'agents.d/cody.yaml': agentYaml('engineer') });
    const { agents, findings } = await load();
    expect(agents.find(({ meta }) => meta.id === 'engineer')?.layer.kind).toBe('built-in');
    expect(findings.map(({ gate, level, message }) => [gate, level, message])).toEqual([
      ['N3', 'warning', 'the agent engineer is not used: the layer built-in has one of that id'],
    ]);
  });

  it('gives way to an agent of the operator, whichever came first', async () => {
    const { load, home } = scratch();
    writeFiles(join(home, 'personal', 'catalog', 'agents', 'cody'), {
      'meta.yml': agentMeta('cody'),
      'body.md': 'Mine.\n',
    });
    const { agents, findings } = await load();
    expect(agents.find(({ meta }) => meta.id === 'cody')?.layer.kind).toBe('personal');
    expect(findings.map(({ gate, level }) => [gate, level])).toEqual([['N3', 'warning']]);
  });

  it('can be limited further by the operator, and never less', async () => {
    const { load, home } = scratch();
    writeFiles(join(home, 'personal', 'catalog', 'agents', 'cody'), {
      'extend.yml': 'capabilities: [no_user_question]\n',
    });
    const { agents } = await load();
    const cody = agents.find(({ meta }) => meta.id === 'cody');
    expect(cody?.capabilities.map(({ id, from }) => `${id} ${from}`)).toContain('no_user_question personal');
    expect(cody?.capabilities).toHaveLength(6);
  });

  it.each([
    [
      'extensions_config: { nexo: { capabilities: [no_such_thing] } }',
      'there is no capability no_such_thing',
    ],
    ['extensions_config: { nexo: { resume_tier: forever } }', 'there is no resume tier forever'],
  ])('is left out rather than given more than it asked for: %s', async (line, fault) => {
    const { load, place } = scratch(withAgent(`    ${line}\n`));
    const { agents, findings } = await load();
    expect(agents.map(({ meta }) => meta.id)).not.toContain('cody');
    expect(findings.map(({ level, message }) => [level, message])).toEqual([
      ['warning', `the agent cody is not used: ${fault}`],
    ]);
    expect((await loadAgentCapabilities('cody', place)).size).toBeGreaterThan(0);
  });

  it('keeps its prompt as it is: nothing in it is a macro, and it may name any program', async () => {
    const { place } = scratch(
      withAgent('      Use {{subagent_spawn}} and {{no such}} in Claude Code with gpt-4o.\n'),
    );
    const layers = await layersAt(place);
    const catalog = loadCatalog(layers);
    const cody = catalog.agents.find(({ meta }) => meta.id === 'cody');
    if (cody === undefined) throw new Error('it is not in the catalog');
    expect(renderBody(catalog, cody, { harness: 'claude', lang: 'ko' }).text).toContain('{{no such}}');
    const { findings } = validateCatalog(layers, { version: catalog.layers[0].folder });
    expect(findings.filter(({ file }) => file.includes('cody'))).toEqual([]);
  });

  it('never keeps the catalog from being used, whatever is in it', async () => {
    const { load } = scratch({ 'agents.d/cody.yaml': 'agents: 7\n' });
    const { agents, findings } = await load();
    expect(agents).toHaveLength(10);
    expect(findings.map(({ level }) => level)).toEqual(['warning']);
  });
});
