import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { list, type ReadEntry } from 'tar';
import { describe, expect, it } from 'vitest';

import { packArchive } from './pack-archive.ts';

type Files = Readonly<Record<string, string | Uint8Array>>;

function folderOf(files: Files): string {
  const dir = mkdtempSync(join(tmpdir(), 'pack-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
  return dir;
}

interface Read {
  readonly path: string;
  readonly type: string;
  readonly mode: number | undefined;
  readonly content: Buffer;
}

/** What another implementation reads. */
async function readBack(bytes: Buffer): Promise<Read[]> {
  const file = join(mkdtempSync(join(tmpdir(), 'archive-')), 'a.tar.gz');
  writeFileSync(file, bytes);
  const read: Promise<Read>[] = [];
  await list({
    file,
    strict: true,
    onReadEntry: (entry: ReadEntry) => {
      const { path, type, mode } = entry;
      read.push(entry.concat().then((content) => ({ path, type, mode, content })));
    },
  });
  return Promise.all(read);
}

const EXAMPLE: Files = {
  'persona.toml': 'manifest_version = 2\n',
  'agents.d/cody.yaml': 'agents:\n  - id: cody\n',
  'agents.d/ördög.yaml': 'agents: []\n',
  'data/workspace/cody/README.md': '# Cody\n'.repeat(400),
};

const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_.-]{0,9}[a-z]$/),
  fc.stringMatching(/^[a-z]{60,120}$/),
  fc.constantFrom('ünïcödé', '日本語', 'with blank'),
);
const files: fc.Arbitrary<Files> = fc
  .dictionary(
    fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
    fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc.constant(new Uint8Array(512)),
      fc.constant(new Uint8Array(70_000)),
    ),
    { minKeys: 1, maxKeys: 8 },
  )
  .filter((all) => {
    const paths = Object.keys(all);
    return !paths.some((path) => paths.some((other) => other.startsWith(`${path}/`)));
  });

describe('an archive of a pack', () => {
  it('holds every file and folder, and another implementation reads the same', async () => {
    await fc.assert(
      fc.asyncProperty(files, fc.boolean(), async (tree, wrapped) => {
        const dir = folderOf(tree);
        const { bytes, entries } = packArchive(dir, {
          skip: () => false,
          ...(wrapped ? { wrapper: 'cody-0.1.0' } : {}),
        });
        const read = await readBack(bytes);
        const prefix = wrapped ? 'cody-0.1.0/' : '';
        const found = Object.fromEntries(
          read.filter(({ type }) => type === 'File').map(({ path, content }) => [path, [...content]]),
        );
        const expected = Object.fromEntries(
          Object.entries(tree).map(([path, content]) => [prefix + path, [...Buffer.from(content)]]),
        );
        expect(found).toEqual(expected);
        expect(read.length).toBe(entries.length + (wrapped ? 1 : 0));
        expect(new Set(read.map(({ mode }) => mode))).toEqual(
          new Set(read.map(({ type }) => (type === 'File' ? 0o644 : 0o755))),
        );
      }),
      { numRuns: 25 },
    );
  });

  it('is the same bytes whatever the order, the times and the rights of the files', () => {
    fc.assert(
      fc.property(files, fc.nat(2_000_000_000), (tree, seconds) => {
        const one = folderOf(tree);
        const other = folderOf(Object.fromEntries(Object.entries(tree).reverse()));
        for (const path of Object.keys(tree)) {
          utimesSync(join(other, path), seconds, seconds);
          chmodSync(join(other, path), 0o600);
        }
        expect(packArchive(one).sha256).toBe(packArchive(other).sha256);
      }),
      { numRuns: 25 },
    );
  });

  it('is these bytes, on every machine', () => {
    const { bytes, sha256 } = packArchive(folderOf(EXAMPLE), { wrapper: 'cody-0.1.0' });
    expect({ length: bytes.length, sha256 }).toEqual({
      length: 405,
      sha256: '937a71a65d7509067d63f1d484fd868e9f26fa0298c59d81382181aaea454b71',
    });
  });

  it('is read by the tar and gzip of the system', () => {
    const { bytes } = packArchive(folderOf(EXAMPLE), { wrapper: 'cody-0.1.0' });
    const file = join(mkdtempSync(join(tmpdir(), 'archive-')), 'a.tar.gz');
    writeFileSync(file, bytes);
    execFileSync('gzip', ['-t', file]);
    const listed = execFileSync('tar', ['--quoting-style=literal', '-tzf', file], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
    expect(listed.trim().split('\n')).toEqual([
      'cody-0.1.0/',
      'cody-0.1.0/agents.d/',
      'cody-0.1.0/agents.d/cody.yaml',
      'cody-0.1.0/agents.d/ördög.yaml',
      'cody-0.1.0/data/',
      'cody-0.1.0/data/workspace/',
      'cody-0.1.0/data/workspace/cody/',
      'cody-0.1.0/data/workspace/cody/README.md',
      'cody-0.1.0/persona.toml',
    ]);
  });

  it('compresses', () => {
    const { bytes } = packArchive(folderOf({ 'a.txt': 'the same words again and again\n'.repeat(5000) }));
    expect(bytes.length).toBeLessThan(gunzipSync(bytes).length / 50);
  });

  it('leaves out hidden files, build files and earlier releases', () => {
    const dir = folderOf({
      ...EXAMPLE,
      '.git/config': '',
      '.env': 'TOKEN=1',
      'agents.d/.notes': '',
      'CHANGELOG.md': '',
      'install.sh': '',
      'cody-0.0.9.tar.gz': '',
      'cody-0.0.9.tar.gz.sha256': '',
      'data/workspace/cody/CHANGELOG.md': '',
      LICENSE: 'MIT',
    });
    const { entries } = packArchive(dir);
    expect(entries.filter(({ kind }) => kind === 'file').map(({ path }) => path)).toEqual([
      'LICENSE',
      'agents.d/cody.yaml',
      'agents.d/ördög.yaml',
      'data/workspace/cody/CHANGELOG.md',
      'data/workspace/cody/README.md',
      'persona.toml',
    ]);
  });

  it('is not made of a folder with a link or a pipe in it', () => {
    const linked = folderOf(EXAMPLE);
    symlinkSync('/etc/passwd', join(linked, 'agents.d', 'x.yaml'));
    expect(() => packArchive(linked)).toThrow(/agents\.d\/x\.yaml is a symbolic link/);
    const piped = folderOf(EXAMPLE);
    execFileSync('mkfifo', [join(piped, 'pipe')]);
    expect(() => packArchive(piped)).toThrow(/pipe is no regular file/);
  });

  it('does not change what it packs', () => {
    const dir = folderOf(EXAMPLE);
    packArchive(dir);
    expect(readFileSync(join(dir, 'persona.toml'), 'utf8')).toBe(EXAMPLE['persona.toml']);
  });
});
