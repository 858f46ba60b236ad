import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { agentYaml, writeFiles, writePack } from '../../../test/support/persona-pack.ts';
import { NexoError } from '../../errors.ts';
import { type PackOptions, packRelease } from './release-assets.ts';
import { scaffoldPack } from './scaffold.ts';
import { verifyArchive } from './verify-archive.ts';
import { verifyFolder } from './verify-folder.ts';

const templates = join(import.meta.dirname, '..', '..', '..', 'assets', 'templates', 'persona');
const folder = (name: string) => mkdtempSync(join(tmpdir(), `${name}-`));

function pack(dir: string, more: Partial<PackOptions> = {}) {
  return packRelease({ dir, out: join(folder('out'), 'release'), layout: 'flat', target: 'noarch', ...more });
}

async function failure(promise: Promise<unknown>): Promise<NexoError> {
  return promise.then(
    () => {
      throw new Error('it worked');
    },
    (error: unknown) => {
      if (error instanceof NexoError) return error;
      throw error;
    },
  );
}

const verify = (file: string) =>
  verifyArchive(file, { nexoVersion: '0.1.0', signal: new AbortController().signal });

/** `name: status` of each check that is not fine. */
const bad = ({ checks }: { checks: readonly { name: string; status: string }[] }) =>
  checks
    .filter(({ status }) => status === 'fail' || status === 'warn')
    .map(({ name, status }) => `${name}: ${status}`);

describe('the files of a release', () => {
  it.each([['flat'], ['wrapped']] as const)(
    'are the manifest, the %s archive and its digest',
    async (layout) => {
      const dir = writePack();
      const packed = await pack(dir, { layout });
      const out = join(packed.archive, '..');
      expect(readdirSync(out).sort()).toEqual([
        'cody-0.1.0-noarch.tar.gz',
        'cody-0.1.0-noarch.tar.gz.sha256',
        'persona.toml',
      ]);
      expect(packed.assets.map((path) => path.slice(out.length + 1)).sort()).toEqual(readdirSync(out).sort());
      expect(readFileSync(`${packed.archive}.sha256`, 'utf8')).toBe(`${packed.sha256}\n`);
      expect(packed.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(readFileSync(join(out, 'persona.toml'))).toEqual(readFileSync(join(dir, 'persona.toml')));
      const verified = await verify(packed.archive);
      expect(bad(verified)).toEqual([]);
      expect(verified).toMatchObject({ id: 'cody', version: '0.1.0' });
    },
  );

  it('are the same bytes the second time', async () => {
    const dir = writePack();
    expect((await pack(dir)).sha256).toBe((await pack(dir)).sha256);
  });

  it('are not made of a pack with a fault, and every fault is told', async () => {
    const out = join(folder('out'), 'release');
    const dir = writePack({}, { 'agents.d/cody.yaml': undefined, 'plugins/telegram.partial.yaml': 'x' });
    const error = await failure(pack(dir, { out }));
    expect(error.code).toBe('PACK_CONTENT_INVALID');
    expect(error.message).toContain('agents.d/cody.yaml');
    expect(error.message).toContain('plugins/telegram.partial.yaml');
    expect(existsSync(out)).toBe(false);
  });

  it('are not made with a real secret in the pack', async () => {
    const dir = writePack({}, { 'secrets/cody_token.txt': 'real' });
    expect((await failure(pack(dir))).message).toContain('it may be a real secret');
  });

  it('leave the manifest of another pack alone', async () => {
    const out = folder('out');
    writeFiles(out, { 'persona.toml': 'id = "other"\n' });
    expect((await failure(pack(writePack(), { out }))).code).toBe('PATH_NOT_A_FILE');
    expect(readFileSync(join(out, 'persona.toml'), 'utf8')).toBe('id = "other"\n');
  });

  it('may lie in the pack itself, and are not packed the next time', async () => {
    const dir = writePack();
    const first = await pack(dir, { out: dir });
    expect((await pack(dir, { out: dir })).sha256).toBe(first.sha256);
  });

  it('keep no signature over other bytes, and are not written when signing fails', async () => {
    const dir = writePack();
    const out = folder('out');
    const { archive } = await pack(dir, { out, sign: async () => '{"signed":1}' });
    expect(readFileSync(`${archive}.sigstore.json`, 'utf8')).toBe('{"signed":1}');
    await pack(dir, { out });
    expect(existsSync(`${archive}.sigstore.json`)).toBe(true);
    writeFileSync(join(dir, 'README.md'), 'changed');
    await pack(dir, { out });
    expect(existsSync(`${archive}.sigstore.json`)).toBe(false);
    const other = join(folder('out'), 'none');
    await expect(pack(dir, { out: other, sign: () => Promise.reject(new Error('no')) })).rejects.toThrow(
      'no',
    );
    expect(existsSync(other)).toBe(false);
  });
});

describe('verifying', () => {
  it('says what is wrong with an archive and what lies beside it', async () => {
    const { archive } = await pack(writePack());
    const bytes = readFileSync(archive);
    writeFileSync(`${archive}.sha256`, `${'0'.repeat(64)}\n`);
    expect(bad(await verify(archive))).toEqual(['digest: fail']);
    writeFileSync(`${archive}.sha256`, 'nonsense');
    expect(bad(await verify(archive))).toEqual(['digest: fail']);
    writeFileSync(archive, bytes.subarray(0, bytes.length - 20));
    expect(bad(await verify(archive))).toEqual(['digest: fail', 'archive: fail']);
    writeFileSync(join(archive, '..', 'persona.toml'), 'manifest_version = 2');
    const renamed = join(folder('other'), 'cody.tar.gz');
    writeFileSync(renamed, bytes);
    expect(bad(await verify(renamed))).toEqual(['digest: warn', 'name: warn']);
  });

  it('says what is wrong with a folder', () => {
    const dir = writePack(
      { minNexoVersion: '>=9' },
      {
        'agents.d/cody.yaml': agentYaml('cody', '      Hidden\u200b.\n    auto_approve: true\n'),
        'data/workspace/cody/notes/first.md': undefined,
      },
    );
    const { checks } = verifyFolder(dir, { nexoVersion: '0.1.0', expectVersion: '0.2.0' });
    expect(bad({ checks })).toEqual(['identity: fail', 'this Nexo: warn', 'texts: warn', 'privileges: warn']);
    for (const { status, fix } of checks)
      if (status === 'fail' || status === 'warn') expect(fix).toMatch(/\.$/);
  });

  it('does not look at what is not packed', () => {
    const dir = writePack({}, { '.git/config': '', '.env': 'TOKEN=x', 'cody-0.0.1-noarch.tar.gz': '' });
    expect(bad(verifyFolder(dir, { nexoVersion: '0.1.0' }))).toEqual([]);
  });
});

describe('a new pack', () => {
  it('passes every check as it stands, and can be packed', async () => {
    const dir = join(folder('new'), 'my-persona');
    const files = scaffoldPack({ name: 'my-persona', dir, templates, nexoVersion: '0.1.0' });
    expect(files).toEqual([
      '.github/workflows/release.yml',
      'README.md',
      'agents.d/my-persona.yaml',
      'data/workspace/my-persona/README.md',
      'persona.toml',
    ]);
    for (const file of files)
      expect(readFileSync(join(dir, file), 'utf8')).not.toMatch(/@(ID|NAME|NEXO_VERSION)@/);
    expect(bad(verifyFolder(dir, { nexoVersion: '0.1.0' }))).toEqual([]);
    expect(bad(await verify((await pack(dir)).archive))).toEqual([]);
    expect(readdirSync(join(dir, '..'))).toEqual(['my-persona']);
  });

  it.each([['My Persona'], ['ab'], ['../x'], [''], ['a"b'], ['-abc']])('is not called %j', (name) => {
    const dir = join(folder('new'), 'x');
    expect(() => scaffoldPack({ name, dir, templates, nexoVersion: '0.1.0' })).toThrow(NexoError);
    expect(existsSync(dir)).toBe(false);
  });

  it('takes the place of an empty folder, and of nothing else', () => {
    const dir = folder('empty');
    scaffoldPack({ name: 'cody', dir, templates, nexoVersion: '0.1.0' });
    expect(() => scaffoldPack({ name: 'cody', dir, templates, nexoVersion: '0.1.0' })).toThrow(
      /is there already/,
    );
  });
});
