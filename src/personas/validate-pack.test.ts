import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { agentYaml, packManifest, writePack } from '../../test/support/persona-pack.ts';
import { PACK_LIMITS } from './pack-files.ts';
import { validatePack } from './validate-pack.ts';

/** Kind, path and line of each problem. */
function problemsOf(dir: string, options: Parameters<typeof validatePack>[1] = {}): string[] {
  return validatePack(dir, options).problems.map(
    ({ kind, level, path, line }) => `${level === 'error' ? '' : '? '}${kind} ${path}:${line}`,
  );
}

describe('a pack without a fault', () => {
  it('has no problems, and its manifest is answered', () => {
    const result = validatePack(writePack(), { expect: { id: 'cody', version: '0.1.0' } });
    expect(result.problems).toEqual([]);
    expect(result.manifest?.id).toBe('cody');
    expect(result.entries.filter(({ kind }) => kind === 'file')).toHaveLength(7);
  });

  it('may be as small as its manifest', () => {
    const dir = writePack(
      {},
      {
        'persona.toml':
          'manifest_version = 2\n[persona]\nid = "cody"\nversion = "1.0.0"\ndescription = "d"\nmin_nexo_version = "*"\n',
      },
    );
    for (const name of ['agents.d', 'plugins', 'secrets', 'data', 'README.md'])
      rmSync(join(dir, name), { recursive: true });
    expect(problemsOf(dir)).toEqual([]);
  });

  it('may carry what the installer adds', () => {
    const dir = writePack({}, { '.nexo-install.json': '{}', '.nexo-files.sha256': '' });
    expect(problemsOf(dir)).toEqual([]);
  });

  it('may have empty fragments and comments in them', () => {
    const dir = writePack({}, { 'plugins/telegram.partial.yaml': '# nothing to add\n\n' });
    expect(problemsOf(dir)).toEqual([]);
  });
});

describe('a pack is refused when', () => {
  it('it has no manifest', () => {
    const dir = writePack();
    rmSync(join(dir, 'persona.toml'));
    expect(problemsOf(dir)).toEqual(['ManifestInvalid persona.toml:1']);
  });

  it('its manifest is a link, a folder, too large or no text', () => {
    const linked = writePack();
    rmSync(join(linked, 'persona.toml'));
    symlinkSync('README.md', join(linked, 'persona.toml'));
    expect(problemsOf(linked)).toEqual([
      'DisallowedEntryType persona.toml:1',
      'ManifestInvalid persona.toml:1',
    ]);
    const folder = writePack();
    rmSync(join(folder, 'persona.toml'));
    mkdirSync(join(folder, 'persona.toml'));
    expect(problemsOf(folder)).toEqual(['ManifestInvalid persona.toml:1']);
    const large = writePack({}, { 'persona.toml': `${packManifest()}# ${'x'.repeat(256 * 1024)}\n` });
    expect(problemsOf(large)).toEqual(['ManifestInvalid persona.toml:1']);
    const binary = writePack();
    writeFileSync(join(binary, 'persona.toml'), Buffer.from([0xff, 0xfe, 0x00]));
    expect(problemsOf(binary)).toEqual(['ManifestInvalid persona.toml:1']);
  });

  it('it is another pack, or another version, than the release said', () => {
    expect(problemsOf(writePack(), { expect: { id: 'other', version: '0.2.0' } })).toEqual([
      'ManifestMismatch persona.toml:4',
      'ManifestVersionMismatch persona.toml:5',
    ]);
  });

  it.each([
    ['agents.d/cody.yaml', 19],
    ['plugins/telegram.partial.yaml', 20],
    ['secrets/cody_token.txt.template', 21],
    ['data/workspace/cody', 22],
  ])('%s is missing', (path, line) => {
    const dir = writePack();
    rmSync(join(dir, path), { recursive: true });
    expect(problemsOf(dir)).toEqual([`ContributedPathMissing persona.toml:${line}`]);
  });

  it('its seed would never be copied, because it is not below data/', () => {
    const dir = writePack({}, { 'seed/README.md': 'Hello.\n' });
    const manifest = join(dir, 'persona.toml');
    writeFileSync(
      manifest,
      readFileSync(manifest, 'utf8').replace(/workspace_seed = .*/, 'workspace_seed = "seed"'),
    );
    expect(validatePack(dir).problems).toMatchObject([
      { level: 'warning', kind: 'ContributedFileInvalid', path: 'persona.toml', line: 22 },
    ]);
  });

  it('a file that it contributes is a folder, or a folder a file', () => {
    const dir = writePack();
    rmSync(join(dir, 'agents.d/cody.yaml'));
    mkdirSync(join(dir, 'agents.d/cody.yaml'));
    rmSync(join(dir, 'data/workspace/cody'), { recursive: true });
    writeFileSync(join(dir, 'data/workspace/cody'), '');
    expect(problemsOf(dir)).toEqual([
      'ContributedPathMissing persona.toml:19',
      'ContributedPathMissing persona.toml:22',
    ]);
  });

  it('a file that it contributes is a link, even to a file of the pack', () => {
    const dir = writePack();
    rmSync(join(dir, 'agents.d/cody.yaml'));
    symlinkSync('../README.md', join(dir, 'agents.d/cody.yaml'));
    expect(problemsOf(dir)).toEqual([
      'DisallowedEntryType agents.d/cody.yaml:1',
      'ContributedPathMissing persona.toml:19',
    ]);
  });

  it('a folder on the way is a link', () => {
    const dir = writePack();
    const outside = writePack();
    rmSync(join(dir, 'agents.d'), { recursive: true });
    symlinkSync(join(outside, 'agents.d'), join(dir, 'agents.d'));
    expect(problemsOf(dir)).toEqual([
      'DisallowedEntryType agents.d:1',
      'ContributedPathMissing persona.toml:19',
    ]);
  });

  it('it holds a pipe', () => {
    const dir = writePack();
    execFileSync('mkfifo', [join(dir, 'pipe')]);
    expect(problemsOf(dir)).toEqual(['DisallowedEntryType pipe:1']);
  });

  it('a YAML file of it is no YAML', () => {
    const dir = writePack(
      {},
      {
        'agents.d/cody.yaml': 'agents:\n  - id: [\n',
        'plugins/telegram.partial.yaml': '- instance: *there\n',
      },
    );
    expect(problemsOf(dir).map((line) => line.replace(/:\d+$/, ''))).toEqual([
      'ContributedFileInvalid agents.d/cody.yaml',
      'ContributedFileInvalid plugins/telegram.partial.yaml',
    ]);
  });

  it('a fragment is neither a list nor a mapping', () => {
    const dir = writePack({}, { 'plugins/telegram.partial.yaml': 'telegram: yes please\n' });
    expect(problemsOf(dir)).toEqual(['ContributedFileInvalid plugins/telegram.partial.yaml:1']);
  });

  it('a file is larger than any file may be', () => {
    const dir = writePack({}, { 'data/workspace/cody/large.bin': '' });
    // Sparse: it takes no room on the disk.
    truncateSync(join(dir, 'data/workspace/cody/large.bin'), PACK_LIMITS.entryBytes + 1);
    expect(problemsOf(dir)).toEqual(['EntryTooLarge data/workspace/cody/large.bin:1']);
  });

  it('names differ in nothing but case or Unicode form', () => {
    const dir = writePack({}, { 'a/Ärger.md': '', 'a/a\u0308rger.md': '', 'b.MD': '', 'B.md': '' });
    expect(problemsOf(dir).map((line) => line.split(' ')[0])).toEqual(['NameCollision', 'NameCollision']);
  });

  it.each([['.git/config'], ['.claude/settings.json'], ['data/.nexus/state/plan.json'], ['.mcp.json']])(
    '%s would steer a tool',
    (path) => {
      const problems = validatePack(writePack({}, { [path]: '' })).problems;
      expect(problems.map(({ kind, message }) => [kind, message])).toEqual([
        ['UnsafePath', 'has a name that belongs to a tool'],
      ]);
    },
  );

  it('a name cannot be stored everywhere', () => {
    expect(problemsOf(writePack({}, { 'a\\b': '', 'dot.': '', 'line\nbreak': '' }))).toEqual([
      'UnsafePath a\\b:1',
      'UnsafePath dot.:1',
      'UnsafePath line\nbreak:1',
    ]);
  });
});

describe('the author is warned when', () => {
  it('an agent has a key that Nexo does not know, or lacks one', () => {
    const dir = writePack(
      {},
      { 'agents.d/cody.yaml': agentYaml('cody', '    sudo: true\n').replace('model:', 'modl:') },
    );
    expect(problemsOf(dir)).toEqual([
      '? ContributedFileInvalid agents.d/cody.yaml:2',
      '? ContributedFileInvalid agents.d/cody.yaml:3',
      '? ContributedFileInvalid agents.d/cody.yaml:12',
    ]);
  });

  it('a file with the secrets may be a real one', () => {
    const dir = writePack({}, { 'secrets/cody_token.txt': 'abc', 'secrets/README.md': 'what goes here' });
    expect(problemsOf(dir)).toEqual(['? ContributedFileInvalid secrets/cody_token.txt:1']);
  });
});
