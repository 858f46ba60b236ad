import { chmodSync, mkdirSync, mkdtempSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { writeFiles, writePack } from '../../test/support/persona-pack.ts';
import { resolveHomePaths } from '../home/paths.ts';
import { type DiscoverOptions, type Discovery, discoverPersonas } from './discovery.ts';

interface Scratch {
  readonly home: string;
  /** Where `install` puts packs. */
  readonly root: string;
  config(yaml: string): void;
  discover(options?: Partial<DiscoverOptions>): Discovery;
}

function scratch(): Scratch {
  const home = mkdtempSync(join(tmpdir(), 'discovery-'));
  const paths = resolveHomePaths({ NEXO_HOME: home }, '/nowhere');
  const root = join(home, 'state', 'personas');
  mkdirSync(root, { recursive: true });
  return {
    home,
    root,
    config: (yaml) => {
      writeFiles(join(home, 'config'), { 'personas/discovery.yaml': yaml });
    },
    discover: (options = {}) =>
      discoverPersonas({ paths, env: {}, userHome: '/nowhere', nexoVersion: '0.1.0', ...options }),
  };
}

/** `folder: state`, in the order of the search. */
function states({ packs }: Discovery, home: string): string[] {
  return packs.map(({ dir, state }) => `${dir.slice(home.length + 1)}: ${state}`);
}

function told({ diagnostics }: Discovery, level: string): string[] {
  return diagnostics.filter((each) => each.level === level).map(({ kind }) => kind);
}

describe('discovery', () => {
  it('finds nothing in an empty home, and says nothing about it', () => {
    const home = mkdtempSync(join(tmpdir(), 'discovery-'));
    const paths = resolveHomePaths({ NEXO_HOME: home }, '/nowhere');
    const found = discoverPersonas({ paths, env: {}, userHome: '/nowhere', nexoVersion: '0.1.0' });
    expect(found).toMatchObject({ killSwitch: false, packs: [], winners: [] });
    expect(told(found, 'warning')).toEqual([]);
  });

  it('looks where install puts packs while nothing is configured, unless it is told not to', () => {
    const { root, home, discover } = scratch();
    writePack({ root });
    expect(states(discover(), home)).toEqual(['state/personas/cody-0.1.0: active']);
    expect(discover({ whenUnconfigured: 'nothing' })).toMatchObject({ packs: [], searchPaths: [] });
  });

  it('searches configured folders, in their order, with the earlier one first', () => {
    const { home, config, discover } = scratch();
    writePack({ root: join(home, 'a'), version: '0.1.0' });
    writePack({ root: join(home, 'b'), version: '9.0.0' });
    writePack({ root: join(home, 'b'), id: 'ada' });
    config('discovery:\n  search_paths: [$NEXO_HOME/a, "$\u007bNEXO_HOME}/b", ../b/, /not/there]\n');
    const found = discover();
    expect(states(found, home)).toEqual([
      'a/cody-0.1.0: active',
      'b/ada-0.1.0: active',
      'b/cody-9.0.0: shadowed',
    ]);
    expect(found.packs[2]).toMatchObject({
      reason: `cody 0.1.0 in ${home}/a is used`,
      shadowedBy: join(home, 'a', 'cody-0.1.0'),
    });
    expect(found.searchPaths.map(({ path, exists }) => [path, exists])).toEqual([
      [join(home, 'a'), true],
      [join(home, 'b'), true],
      ['/not/there', false],
    ]);
    expect(told(found, 'warning')).toEqual(['DuplicateId']);
    expect(told(found, 'info')).toEqual(['SearchPathMissing']);
  });

  it('takes the highest version of one folder, by numbers and not by text', () => {
    const { root, home, discover } = scratch();
    for (const version of ['0.9.0', '0.10.0', '0.10.0-rc.1']) writePack({ root, version });
    expect(states(discover(), home)).toEqual([
      'state/personas/cody-0.10.0: active',
      'state/personas/cody-0.10.0-rc.1: shadowed',
      'state/personas/cody-0.9.0: shadowed',
    ]);
  });

  it('falls back to an older version when the newest cannot be used', () => {
    const { root, home, discover } = scratch();
    writePack({ root, version: '0.1.0' });
    writePack({ root, version: '0.2.0' }, { 'persona.toml': 'manifest_version = 2\n' });
    writePack({ root, version: '0.3.0', minNexoVersion: '>=7' });
    expect(states(discover(), home)).toEqual([
      'state/personas/cody-0.1.0: active',
      'state/personas/cody-0.2.0: invalid',
      'state/personas/cody-0.3.0: invalid',
    ]);
  });

  it('keeps disabled packs out, and those that an allowlist does not name', () => {
    const { root, home, config, discover } = scratch();
    for (const id of ['ada', 'bob', 'cody']) writePack({ root, id });
    config(
      `discovery:\n  search_paths: [${root}]\n  disabled: [bob]\n  allowlist: [bob, cody]\nschema_version: 11\n`,
    );
    const found = discover();
    expect(states(found, home)).toEqual([
      'state/personas/ada-0.1.0: not-allowlisted',
      'state/personas/bob-0.1.0: disabled',
      'state/personas/cody-0.1.0: active',
    ]);
    // They can still be inspected and removed.
    expect(found.packs.map(({ chosen }) => chosen)).toEqual([true, true, true]);
    expect(told(found, 'info')).toEqual(['AllowlistRejected', 'Disabled']);
  });

  it.each([['1'], ['true'], ['ON'], [' yes ']])('uses no pack while the kill switch is %j', (value) => {
    const { root, home, discover } = scratch();
    writePack({ root });
    const found = discover({ env: { NEXO_DISABLE_BUNDLED_PERSONAS: value } });
    expect(states(found, home)).toEqual(['state/personas/cody-0.1.0: kill-switch']);
    expect(found).toMatchObject({ killSwitch: true, winners: [] });
    expect(told(found, 'info')).toEqual(['KillSwitch']);
  });

  it.each([[undefined], [''], ['0'], ['false'], ['off'], ['enabled']])(
    'uses packs while the kill switch is %j',
    (value) => {
      const { root, discover } = scratch();
      writePack({ root });
      expect(discover({ env: { NEXO_DISABLE_BUNDLED_PERSONAS: value } }).winners).toHaveLength(1);
    },
  );

  it.each([
    ['an unknown key', 'discovery:\n  serch_paths: []\n', 2],
    ['a wrong type', 'discovery:\n  disabled: cody\n', 2],
    ['no YAML', 'discovery: [\n', 2],
    ['an anchor', 'discovery: &a\n  disabled: []\n', 2],
    ['a list', '- a\n', 1],
  ])('searches nothing while its settings have %s, and names the line', (_name, yaml, line) => {
    const { root, config, discover } = scratch();
    writePack({ root });
    config(yaml);
    const found = discover();
    expect(found).toMatchObject({ packs: [], searchPaths: [] });
    expect(found.diagnostics).toEqual([expect.objectContaining({ kind: 'ConfigInvalid', level: 'error' })]);
    expect(found.diagnostics[0]?.line).toBe(line);
  });

  it.each([
    ['nothing in them', ''],
    ['comments', '# nothing yet\n'],
    ['empty lists', 'discovery:\n  search_paths:\n  disabled:\n'],
    ['the key of an older init', 'discovery: { follow_symlinks: false }\nactivation: template\n'],
  ])('takes settings with %s', (_name, yaml) => {
    const { config, discover } = scratch();
    config(yaml);
    expect(discover().diagnostics).toEqual([]);
  });

  it('leaves out a search path with a variable that it does not know', () => {
    const { root, config, discover, home } = scratch();
    writePack({ root });
    config(`discovery:\n  search_paths: [$PWD/x, ${root}]\n`);
    const found = discover({ env: { PWD: home } });
    expect(found.winners).toHaveLength(1);
    expect(told(found, 'warning')).toEqual(['UnresolvedEnvVar']);
  });

  it('ignores files, hidden folders, folders without a manifest and removals under way', () => {
    const { root, discover } = scratch();
    writeFiles(root, { 'a-file': '', 'empty/README.md': '' });
    renameSync(writePack({ root }), join(root, '.staging-0123456789abcdef'));
    renameSync(writePack({ root }), join(root, 'cody-0.1.0.removing-01ab'));
    expect(discover()).toMatchObject({ packs: [], diagnostics: [] });
  });

  it('does not follow a link out of its search path', () => {
    const { root, home, discover } = scratch();
    const outside = writePack({ root: join(home, 'elsewhere') });
    symlinkSync(outside, join(root, 'cody-0.1.0'));
    symlinkSync('/not/there', join(root, 'gone'));
    const found = discover();
    expect(states(found, home)).toEqual(['state/personas/cody-0.1.0: invalid']);
    expect(told(found, 'warning')).toEqual(['SymlinkEscape']);
  });

  it('counts a pack with two names once', () => {
    const { root, home, discover } = scratch();
    writePack({ root });
    symlinkSync('cody-0.1.0', join(root, 'latest'));
    expect(states(discover(), home)).toEqual(['state/personas/cody-0.1.0: active']);
  });

  it('searches one folder once, whatever it is called', () => {
    const { root, home, config, discover } = scratch();
    writePack({ root });
    symlinkSync(root, join(home, 'again'));
    config(`discovery:\n  search_paths: [${root}, ${home}/again, ${root}/../personas]\n`);
    expect(discover().packs).toHaveLength(1);
  });

  it('does not take a manifest that is a link, no text or far too large', () => {
    const { root, discover } = scratch();
    const linked = writePack({ root, id: 'linked' }, { 'persona.toml': undefined });
    symlinkSync(join(writePack(), 'persona.toml'), join(linked, 'persona.toml'));
    writePack({ root, id: 'large' }, { 'persona.toml': `# ${'x'.repeat(300_000)}` });
    const binary = writePack({ root, id: 'binary' });
    writeFileSync(join(binary, 'persona.toml'), Buffer.from([0xff, 0xff]));
    expect(discover().packs.map(({ state }) => state)).toEqual(['invalid', 'invalid', 'invalid']);
  });

  it('does not take a pack that everybody may change', () => {
    const { root, discover } = scratch();
    chmodSync(writePack({ root }), 0o777);
    expect(discover().packs.map(({ reason }) => reason)).toEqual([
      'may be changed by every user of this machine',
    ]);
  });

  it('says when a folder is not named after its pack, and uses it all the same', () => {
    const { root, discover } = scratch();
    renameSync(writePack({ root }), join(root, 'my-cody'));
    const found = discover();
    expect(found.winners).toHaveLength(1);
    expect(told(found, 'warning')).toEqual(['NameMismatch']);
  });

  it('looks into a whole pack when it is to be thorough', () => {
    const { root, discover } = scratch();
    writePack({ root }, { 'agents.d/cody.yaml': undefined });
    expect(discover().packs.map(({ state }) => state)).toEqual(['active']);
    expect(discover({ thorough: true }).packs.map(({ state }) => state)).toEqual(['invalid']);
  });

  it('does not take a pack that is not what was verified', () => {
    const { root, discover } = scratch();
    writePack({ root });
    const found = discover({ tamperedWith: () => 'was changed after it was installed' });
    expect(found.packs.map(({ state, reason }) => [state, reason])).toEqual([
      ['invalid', 'was changed after it was installed'],
    ]);
  });

  describe('of a pack under development', () => {
    it('lets it win over a higher version elsewhere, and past an allowlist', () => {
      const { root, home, config, discover } = scratch();
      writePack({ root, version: '9.0.0' });
      const pinned = join(home, 'work', 'my-pack');
      mkdirSync(dirname(pinned));
      renameSync(writePack({ root: join(home, 'tmp') }), pinned);
      writePack({ root: join(home, 'work'), version: '5.0.0' });
      config(`discovery:\n  search_paths: [${root}]\n  allowlist: [ada]\n`);
      const found = discover({ pinned });
      expect(found.winners.map(({ dir }) => dir)).toEqual([pinned]);
      expect(found.searchPaths.map(({ from }) => from)).toEqual(['run', 'config']);
    });

    it('does not let it past disabled or the kill switch', () => {
      const { home, config, discover } = scratch();
      const pinned = writePack({ root: join(home, 'work') });
      config('discovery:\n  disabled: [cody]\n');
      expect(discover({ pinned }).packs.map(({ state }) => state)).toEqual(['disabled']);
      config('discovery: {}\n');
      const env = { NEXO_DISABLE_BUNDLED_PERSONAS: 'on' };
      expect(discover({ pinned, env }).packs.map(({ state }) => state)).toEqual(['kill-switch']);
    });
  });
});
