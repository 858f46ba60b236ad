import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import {
  agentYaml,
  type PackFields,
  type PackFiles,
  packManifest,
  writeFiles,
  writePack,
} from '../../test/support/persona-pack.ts';
import { resolveHomePaths } from '../home/paths.ts';
import { type AppliedPersonas, type ApplyOptions, applyPersonas } from './apply.ts';

const NOW = new Date('2026-11-21T09:00:00Z');
const TOKEN = '12345:secret-token';

function scratch() {
  const home = mkdtempSync(join(tmpdir(), 'apply-'));
  const paths = resolveHomePaths({ NEXO_HOME: home }, '/nowhere');
  mkdirSync(paths.personas, { recursive: true });
  const inConfig = (path: string) => join(paths.config, path);
  return {
    root: paths.personas,
    inConfig,
    pack: (fields: PackFields = {}, changes: PackFiles = {}) =>
      writePack({ ...fields, root: paths.personas }, changes),
    config: (files: PackFiles) => writeFiles(paths.config, files),
    read: (path: string) => readFileSync(inConfig(path), 'utf8'),
    apply: (more: Partial<ApplyOptions> = {}): AppliedPersonas =>
      applyPersonas({
        paths,
        env: { CODY_CHAT_ID: '77' },
        userHome: '/nowhere',
        nexoVersion: '0.1.0',
        now: () => NOW,
        write: true,
        ...more,
      }),
  };
}

const warnings = ({ notes }: AppliedPersonas) =>
  notes.filter(({ level }) => level === 'warning').map(({ message }) => message);

describe('secrets', () => {
  it('become files for the operator alone, once, and count as missing until they are filled in', () => {
    const { pack, apply, inConfig, read } = scratch();
    pack();
    const first = apply();
    expect(first.secrets).toMatchObject([{ source: 'persona:cody@0.1.0', state: 'created' }]);
    expect(read('secrets/cody_token.txt')).toBe('paste the token here\n');
    expect(statSync(inConfig('secrets/cody_token.txt')).mode & 0o777).toBe(0o600);
    expect(statSync(inConfig('secrets')).mode & 0o777).toBe(0o700);
    expect(apply().secrets).toMatchObject([{ state: 'unfilled' }]);
    expect(first.pluginConfigs).toEqual([{ plugin: 'telegram', value: [], sources: ['persona:cody@0.1.0'] }]);
    expect(warnings(first)).toEqual([
      'is not filled in',
      'item 1 is not used: the secret ./secrets/cody_token.txt is missing or not declared by the pack',
    ]);
  });

  it('that hold anything are never touched', () => {
    const { pack, apply, config, read, inConfig } = scratch();
    pack();
    config({ 'secrets/cody_token.txt': `${TOKEN}\n` });
    chmodSync(inConfig('secrets'), 0o700);
    const applied = apply();
    expect(applied.secrets).toMatchObject([{ state: 'filled' }]);
    expect(read('secrets/cody_token.txt')).toBe(`${TOKEN}\n`);
    expect(applied.pluginConfigs).toEqual([
      {
        plugin: 'telegram',
        value: [{ instance: 'cody', token: TOKEN, chat: '77' }],
        sources: ['persona:cody@0.1.0'],
      },
    ]);
    expect(warnings(applied)).toEqual([]);
  });

  it('that are empty files are filled from the template, for the operator alone', () => {
    const { pack, apply, config, inConfig, read } = scratch();
    pack();
    config({ 'secrets/cody_token.txt': '' });
    chmodSync(inConfig('secrets'), 0o700);
    chmodSync(inConfig('secrets/cody_token.txt'), 0o644);
    expect(apply().secrets).toMatchObject([{ state: 'created' }]);
    expect(read('secrets/cody_token.txt')).toBe('paste the token here\n');
    expect(statSync(inConfig('secrets/cody_token.txt')).mode & 0o777).toBe(0o600);
  });

  it('are not written through a link, in place of the file or of the folder', () => {
    const one = scratch();
    one.pack();
    one.config({ 'target.txt': '' });
    mkdirSync(one.inConfig('secrets'), { mode: 0o700 });
    symlinkSync('../target.txt', one.inConfig('secrets/cody_token.txt'));
    expect(one.apply().secrets).toMatchObject([{ state: 'refused' }]);
    expect(one.read('target.txt')).toBe('');

    const other = scratch();
    other.pack();
    const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
    mkdirSync(other.inConfig('.'), { recursive: true });
    symlinkSync(elsewhere, other.inConfig('secrets'));
    expect(other.apply().secrets).toMatchObject([{ state: 'refused' }]);
    expect(existsSync(join(elsewhere, 'cody_token.txt'))).toBe(false);
  });

  it('of the same name belong to the first pack', () => {
    const { pack, apply, read } = scratch();
    const template = { 'secrets/cody_token.txt.template': undefined };
    pack(
      { id: 'ada' },
      {
        'secrets/ada_token.txt.template': undefined,
        'secrets/shared.template': 'of ada\n',
        'persona.toml': packManifest({ id: 'ada' }).replace('ada_token.txt.template', 'shared.template'),
      },
    );
    pack(
      {},
      {
        ...template,
        'secrets/shared.template': 'of cody\n',
        'persona.toml': packManifest().replace('cody_token.txt.template', 'shared.template'),
      },
    );
    expect(apply().secrets.map(({ source, state }) => `${source} ${state}`)).toEqual([
      'persona:ada@0.1.0 created',
      'persona:cody@0.1.0 refused',
    ]);
    expect(read('secrets/shared')).toBe('of ada\n');
  });

  it('are reported when others may look into their folder', () => {
    const { pack, apply, config, inConfig } = scratch();
    pack();
    config({ 'secrets/cody_token.txt': TOKEN });
    chmodSync(inConfig('secrets'), 0o755);
    expect(warnings(apply())).toEqual(['may be looked into by others']);
  });
});

describe('placeholders of a pack', () => {
  const partial = (text: string): PackFiles => ({ 'plugins/telegram.partial.yaml': text });

  it.each([
    ['another pack’s secret', '$\u007bfile:./secrets/ada_token.txt}'],
    ['a file of the system', '$\u007bfile:/etc/passwd}'],
    ['a path with ..', '$\u007bfile:./secrets/../secrets/cody_token.txt}'],
    ['its own name elsewhere', '$\u007bfile:/etc/cody_token.txt}'],
    ['a variable that it does not declare', '$\u007bAWS_SECRET_ACCESS_KEY}'],
  ])('do not give it %s', (_name, placeholder) => {
    const { pack, apply, config } = scratch();
    pack({}, partial(`- { instance: x, value: "${placeholder}" }\n- { instance: y }\n`));
    config({ 'secrets/ada_token.txt': 'of ada', 'secrets/cody_token.txt': TOKEN });
    const applied = apply({ env: { AWS_SECRET_ACCESS_KEY: 'AKIA' } });
    expect(applied.pluginConfigs[0]?.value).toEqual([{ instance: 'y' }]);
  });

  it('have a default where they name one', () => {
    const { pack, apply } = scratch();
    pack(
      {},
      partial(
        '- { instance: x, a: "$\u007bCODY_CHAT_ID:-1}", b: "$\u007bHOME-2}", c: "$\u007bCODY_CHAT_ID-3}" }\n',
      ),
    );
    expect(apply({ env: { CODY_CHAT_ID: '', HOME: '/root' } }).pluginConfigs[0]?.value).toEqual([
      { instance: 'x', a: '1', b: '2', c: '' },
    ]);
  });

  it('cannot change the shape of a configuration by what is put in', () => {
    const { pack, apply } = scratch();
    pack({}, partial('- { instance: x, chat: "$\u007bCODY_CHAT_ID}" }\n'));
    const value = '7 }\n- { instance: evil';
    expect(apply({ env: { CODY_CHAT_ID: value } }).pluginConfigs[0]?.value).toEqual([
      { instance: 'x', chat: value },
    ]);
  });

  it('in a prompt stay as they are, so that a model reads no secrets', () => {
    const { pack, apply } = scratch();
    pack(
      {},
      {
        'agents.d/cody.yaml': agentYaml(
          'cody',
          '      Use $\u007bCODY_CHAT_ID} and $\u007bHOME}.\n    language: $\u007bCODY_CHAT_ID}\n',
        ),
      },
    );
    const [agent] = apply().agents;
    expect(agent?.config.system_prompt).toContain('Use $\u007bCODY_CHAT_ID} and $\u007bHOME}.');
    expect(agent?.config.language).toBe('77');
  });

  it('that are missing keep an agent out, and say what is missing', () => {
    const { pack, apply } = scratch();
    pack({}, { 'agents.d/cody.yaml': agentYaml('cody', '    tenant_id: $\u007bTENANT}\n') });
    const applied = apply();
    expect(applied.agents).toEqual([]);
    expect(applied.skipped).toMatchObject([
      { id: 'cody', reason: 'is not used: TENANT is missing, or the pack does not declare it' },
    ]);
  });
});

describe('plugin fragments', () => {
  it('are added to the operator’s file, which stays as it is on disk', () => {
    const { pack, apply, config, read } = scratch();
    pack({}, { 'plugins/telegram.partial.yaml': 'telegram:\n  - instance: cody\n  - instance: mine\n' });
    const mine = '# my bot\ntelegram:\n  - instance: mine\n    token: abc\n';
    config({ 'plugins/telegram.yaml': mine });
    const applied = apply();
    expect(applied.pluginConfigs).toEqual([
      {
        plugin: 'telegram',
        value: [{ instance: 'mine', token: 'abc' }, { instance: 'cody' }],
        sources: ['operator', 'persona:cody@0.1.0'],
      },
    ]);
    expect(read('plugins/telegram.yaml')).toBe(mine);
    expect(applied.notes.filter(({ level }) => level === 'info').map(({ message }) => message)).toEqual([
      'the instance mine is there already and stays as it is',
    ]);
  });

  it('are left out, with the rest applied, when the operator’s file cannot be read or does not fit', () => {
    const { pack, apply, config } = scratch();
    pack({}, { 'plugins/telegram.partial.yaml': '- instance: cody\n' });
    config({ 'plugins/telegram.yaml': 'telegram: [\n' });
    expect(apply()).toMatchObject({ pluginConfigs: [], agents: [{ id: 'cody' }] });
    config({ 'plugins/telegram.yaml': 'telegram:\n  token: abc\n' });
    const applied = apply();
    expect(applied.pluginConfigs).toEqual([]);
    expect(warnings(applied)).toContain(
      'is not used: it is a list, and the configuration of the plugin is a mapping',
    );
  });
});

describe('the workspace seed', () => {
  const seeded = 'data/workspace/cody/README.md';

  it('is copied once: what was deleted stays deleted, what was changed stays changed', () => {
    const { pack, apply, inConfig, read } = scratch();
    pack();
    expect(apply().seeds).toMatchObject([{ state: 'seeded', written: ['README.md', 'notes/first.md'] }]);
    unlinkSync(inConfig(seeded));
    writeFileSync(inConfig('data/workspace/cody/notes/first.md'), 'mine');
    expect(apply().seeds).toMatchObject([{ state: 'unchanged', written: [] }]);
    expect(existsSync(inConfig(seeded))).toBe(false);
    expect(read('data/workspace/cody/notes/first.md')).toBe('mine');
  });

  it('of a newer version adds only what is new in it', () => {
    const { pack, apply, inConfig } = scratch();
    pack();
    apply();
    unlinkSync(inConfig(seeded));
    pack({ version: '0.2.0' }, { 'data/workspace/cody/more.md': 'new' });
    expect(apply().seeds).toMatchObject([{ source: 'persona:cody@0.2.0', written: ['more.md'] }]);
    expect(existsSync(inConfig(seeded))).toBe(false);
    expect(JSON.parse(readFileSync(inConfig('data/workspace/cody/.nexo-seed.json'), 'utf8'))).toEqual({
      schema_version: '1.0',
      id: 'cody',
      version: '0.2.0',
      seeded_at: NOW.toISOString(),
      files: ['README.md', 'notes/first.md', 'more.md'],
    });
  });

  it('finishes what was cut short', () => {
    const { pack, apply, inConfig } = scratch();
    pack();
    apply();
    rmSync(inConfig('data/workspace/cody/.nexo-seed.json'));
    unlinkSync(inConfig(seeded));
    expect(apply().seeds).toMatchObject([{ state: 'seeded', written: ['README.md'] }]);
  });

  it('never overwrites a file of the operator', () => {
    const { pack, apply, config, read } = scratch();
    pack();
    config({ [seeded]: 'mine' });
    expect(apply().seeds).toMatchObject([{ written: ['notes/first.md'] }]);
    expect(read(seeded)).toBe('mine');
  });

  it.each([
    ['settings', 'personas', 'discovery.yaml'],
    ['agents that pass for the operator’s', 'agents.d', 'x.yaml'],
    ['keys that are trusted', 'extensions', 'trusted_keys.toml'],
  ])('does not write %s', (_name, folder, file) => {
    const { pack, apply, inConfig } = scratch();
    pack(
      {},
      {
        'persona.toml': packManifest().replace('data/workspace/cody/', folder),
        [`${folder}/${file}`]: 'agents: []\n',
      },
    );
    expect(apply().seeds).toMatchObject([{ state: 'refused' }]);
    expect(existsSync(inConfig(`${folder}/${file}`))).toBe(false);
  });

  it('is not written through a link', () => {
    const { pack, apply, inConfig } = scratch();
    pack();
    const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
    mkdirSync(inConfig('data'), { recursive: true });
    symlinkSync(elsewhere, inConfig('data/workspace'));
    expect(apply().seeds).toMatchObject([{ state: 'refused' }]);
    expect(existsSync(join(elsewhere, 'cody'))).toBe(false);
    expect(lstatSync(inConfig('data/workspace')).isSymbolicLink()).toBe(true);
  });

  it('of another pack in the same folder is refused', () => {
    const { pack, apply } = scratch();
    pack();
    apply();
    pack(
      { id: 'bob' },
      {
        'persona.toml': packManifest({ id: 'bob' }).replace('workspace/bob/', 'workspace/cody/'),
        'data/workspace/cody/README.md': 'of bob',
      },
    );
    expect(apply().seeds.map(({ state }) => state)).toEqual(['refused', 'unchanged']);
  });

  it('goes where the operator keeps data', () => {
    const { pack, apply } = scratch();
    pack();
    const NEXO_DATA_DIR = mkdtempSync(join(tmpdir(), 'data-'));
    expect(apply({ env: { NEXO_DATA_DIR } }).seeds).toMatchObject([
      { state: 'seeded', path: join(NEXO_DATA_DIR, 'workspace', 'cody') },
    ]);
  });
});

describe('applying', () => {
  it('warns of every privilege that an agent takes', () => {
    const { pack, apply } = scratch();
    pack({}, { 'agents.d/cody.yaml': agentYaml('cody', '    auto_approve: true\n') });
    expect(warnings(apply())).toContain('the agent cody approves its own actions (auto_approve)');
  });

  it('writes nothing when it is only to look', () => {
    const { pack, apply, inConfig } = scratch();
    pack();
    expect(apply({ write: false }).secrets).toMatchObject([{ state: 'missing' }]);
    expect(existsSync(inConfig('.'))).toBe(false);
  });

  it.each([
    ['templates are asked for', { 'personas/discovery.yaml': 'activation: template\n' }, {}],
    ['packs are switched off', {}, { NEXO_DISABLE_BUNDLED_PERSONAS: 'yes' }],
  ])('changes nothing while %s', (_name, files, env) => {
    const { pack, apply, config, inConfig, root } = scratch();
    pack();
    const yaml = Object.fromEntries(
      Object.entries(files).map(([path, text]) => [path, `${text}discovery: { search_paths: [${root}] }\n`]),
    );
    config(yaml);
    expect(apply({ env })).toMatchObject({ agents: [], pluginConfigs: [], secrets: [], seeds: [] });
    expect(existsSync(inConfig('secrets'))).toBe(false);
  });

  it('lets agents of the operator and of plugins win', () => {
    const { pack, apply, config } = scratch();
    pack();
    expect(apply({ pluginAgents: new Map([['cody', 'plugin:telegram']]) }).skipped).toMatchObject([
      { id: 'cody', reason: 'is not used: plugin:telegram has an agent of that id' },
    ]);
    config({ 'agents.yaml': agentYaml('cody') });
    expect(apply().agents).toEqual([]);
  });

  it('goes on when the disk refuses', () => {
    const { pack, apply, inConfig } = scratch();
    pack();
    // A file where the configuration belongs: nothing can be written below it.
    writeFileSync(inConfig('.').replace(/\/$/, ''), '');
    const applied = apply();
    expect(applied.agents).toMatchObject([{ id: 'cody' }]);
    expect([...applied.secrets, ...applied.seeds].map(({ state }) => state)).toEqual(['refused', 'refused']);
  });
});
