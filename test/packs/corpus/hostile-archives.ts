import { gzipSync } from 'node:zlib';

import {
  BLOCK,
  gnuLongName,
  paxEntry,
  paxRecords,
  TAR_END,
  type TarEntry,
  tarEntry,
  tarOf,
} from '../../support/tar-bytes.ts';
import { GOOD_ENTRIES, MANIFEST } from './good-archive.ts';

export interface HostileArchive {
  readonly name: string;
  /** Kind of the refusal. */
  readonly kind: string;
  make(): Buffer;
}

type Entries = readonly (TarEntry | Buffer)[];

/** A good archive with something added at its end. */
function adding(...more: Entries): () => Buffer {
  return () => gzipSync(tarOf([...GOOD_ENTRIES, ...more]));
}

function path(name: string, bad: string | Buffer, kind = 'UnsafePath'): HostileArchive {
  return { name: `a path that ${name}`, kind, make: adding({ path: bad, body: 'x' }) };
}

function paxPath(name: string, bad: string | Buffer, kind = 'UnsafePath'): HostileArchive {
  return {
    name: `an extended path that ${name}`,
    kind,
    make: adding(paxEntry({ path: bad }), { body: 'x' }),
  };
}

const PATHS: readonly HostileArchive[] = [
  path('leads up', '../escaped'),
  path('leads up from inside', 'data/../../escaped'),
  path('goes up and stays inside', 'data/../escaped'),
  path('ends above', 'data/..'),
  path('is the folder above', '..'),
  path('leads up after a dot', './../escaped'),
  path('is absolute', '/tmp/escaped'),
  path('begins with two slashes', '//server/share'),
  path('names a drive', 'C:/escaped'),
  path('counts from a drive', 'c:escaped'),
  path('holds a backslash', 'data\\..\\..\\escaped'),
  path('holds a bell', 'data/\u0007'),
  path('holds an escape', 'data/\u001b[2J'),
  path('holds a line break', 'data/a\nb'),
  path('holds a delete', 'data/\u007f'),
  path('holds a control character of Latin 1', 'data/\u0085'),
  path('is Latin 1', Buffer.from('data/caf\u00e9', 'latin1')),
  path('writes its dots too long', Buffer.from([0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x78])),
  path('holds half a character', Buffer.from([0x61, 0xed, 0xa0, 0x80])),
  path('is empty', ''),
  path('is the pack itself', './'.slice(0, 1)),
  path('has an empty part', 'data//a'),
  path('has a dot as a part', 'data/./a'),
  path('is deeper than 32 folders', `${'a/'.repeat(32)}b`),
  path('is a device', 'con'),
  path('is a device with an ending', 'data/NUL.txt'),
  path('is a device with dots', 'aux..'),
  path('is a port', 'data/com1.yaml'),
  path('is three dots', 'data/...'),
  path('belongs to git', '.git/config'),
  path('belongs to git on some disks', 'data/.GIT/config'),
  path('belongs to git with a dot more', '.git./config'),
  path('is state of a project', '.nexus/state/plan.json'),
  path('belongs to a harness', '.claude/settings.json'),
  path('is the installer’s own', '.nexo-install.json'),
  path('is the installer’s listing', '.nexo-files.sha256'),
  paxPath('leads up', '../escaped'),
  paxPath('is absolute', '/escaped'),
  paxPath('is longer than 1024 bytes', `${`${'d'.repeat(200)}/`.repeat(6)}f`),
  paxPath('has a part of 256 bytes', 'x'.repeat(256)),
  {
    name: 'a long name of GNU that leads up',
    kind: 'UnsafePath',
    make: adding(gnuLongName('../escaped'), { body: 'x' }),
  },
  {
    name: 'a prefix that leads up',
    kind: 'UnsafePath',
    make: adding({ prefix: '..', path: 'escaped', body: 'x' }),
  },
  {
    name: 'a folder that leads up',
    kind: 'UnsafePath',
    make: adding({ path: '../escaped/', type: '5' }),
  },
];

function type(what: string, entry: TarEntry): HostileArchive {
  return { name: what, kind: 'DisallowedEntryType', make: adding({ path: 'data/odd', ...entry }) };
}

const TYPES: readonly HostileArchive[] = [
  type('a symbolic link out of the pack', { type: '2', link: '/etc/passwd' }),
  type('a symbolic link inside the pack', { type: '2', link: 'LICENSE' }),
  type('a hard link out of the pack', { type: '1', link: '../../other' }),
  type('a hard link inside the pack', { type: '1', link: 'LICENSE' }),
  type('a character device', { type: '3' }),
  type('a block device', { type: '4' }),
  type('a pipe', { type: '6' }),
  type('a contiguous file', { type: '7', body: 'x' }),
  type('a sparse file of GNU', { type: 'S', body: 'x' }),
  type('a long link of GNU', { type: 'K', body: 'target\0' }),
  type('a volume label', { type: 'V' }),
  type('a part of a larger volume', { type: 'M', body: 'x' }),
  type('a dump of a folder', { type: 'D', body: 'x' }),
  type('an extension of Solaris', { type: 'X', body: 'x' }),
  type('a type that nobody knows', { type: 'Z' }),
  {
    name: 'a link target in an extension',
    kind: 'DisallowedEntryType',
    make: adding(paxEntry({ linkpath: '/etc/passwd' }), { path: 'data/a', body: 'x' }),
  },
  {
    name: 'a sparse file in an extension',
    kind: 'DisallowedEntryType',
    make: adding(paxEntry({ 'GNU.sparse.major': '1' }), { path: 'data/a', body: 'x' }),
  },
  {
    name: 'a link, and then a file through it',
    kind: 'DisallowedEntryType',
    make: adding({ path: 'out', type: '2', link: '..' }, { path: 'out/escaped', body: 'x' }),
  },
];

function twins(what: string, first: string, second: string): HostileArchive {
  const entry = (name: string): TarEntry =>
    name.endsWith('/') ? { path: name, type: '5' } : { path: name, body: 'x' };
  return { name: what, kind: 'NameCollision', make: adding(entry(first), entry(second)) };
}

const COLLISIONS: readonly HostileArchive[] = [
  twins('one file twice', 'data/a', 'data/a'),
  twins('two files that differ in case', 'data/a', 'data/A'),
  twins('two ways to write an accent', 'data/\u00e9', 'data/e\u0301'),
  twins('a name with a dot more', 'data/a', 'data/a.'),
  twins('a name with a space more', 'data/a', 'data/a '),
  twins('a file as a folder', 'data/a', 'data/a/b'),
  twins('a folder as a file', 'data/a/b', 'data/a'),
  twins('folders that differ in case', 'Extra/a', 'extra/b'),
  twins('a letter for physicists', 'data/k', 'data/\u212a'),
  twins('the manifest once more', 'data/a', 'Persona.toml'),
];

function damaged(what: string, make: () => Buffer): HostileArchive {
  return { name: what, kind: 'CorruptArchive', make };
}

const header = (patch: Partial<TarEntry>): Buffer => tarEntry({ path: 'data/a', body: 'x', ...patch });

const FRAMES: readonly HostileArchive[] = [
  damaged('a wrong checksum', adding(header({ checksum: '000123\0 ' }))),
  damaged('no checksum', adding(header({ checksum: '\0'.repeat(8) }))),
  damaged('another kind of tar', adding(header({ magic: 'sutar\u000000' }))),
  damaged('a size that is no number', adding(header({ size: 'abcdefghijk\0' }))),
  damaged('a size with a sign', adding(header({ size: '-0000000001\0' }))),
  damaged('a negative binary size', adding(header({ size: Buffer.alloc(12, 0xff) }))),
  damaged('a binary size beyond all', adding(header({ size: Buffer.from([0x80, ...Array(11).fill(0xff)]) }))),
  damaged('a negative size in an extension', adding(paxEntry({ size: '-1' }), header({}))),
  damaged('a size of letters in an extension', adding(paxEntry({ size: '1e3' }), header({}))),
  damaged('an extension with a wrong length', adding(header({ type: 'x', body: '99 path=a\n' }), header({}))),
  damaged('an extension without a line end', adding(header({ type: 'x', body: '9 path=ab' }), header({}))),
  damaged('an extension without a key', adding(header({ type: 'x', body: '6 =ab\n' }), header({}))),
  damaged('an extension without a value', adding(header({ type: 'x', body: '8 path\n\n' }), header({}))),
  damaged('an extension with bytes left', adding(header({ type: 'x', body: '10 path=a\nzzz' }), header({}))),
  damaged(
    'a path given twice',
    adding(
      header({ type: 'x', body: Buffer.concat([paxRecords({ path: 'b' }), paxRecords({ path: 'c' })]) }),
      header({}),
    ),
  ),
  damaged('an empty path in an extension', adding(paxEntry({ path: '' }), header({}))),
  damaged('a NUL in an extended path', adding(paxEntry({ path: 'data/a\0b' }), header({}))),
  damaged('a line break in an extended path', adding(paxEntry({ path: 'data/a\n10 path=b' }), header({}))),
  damaged('names in another character set', adding(paxEntry({ hdrcharset: 'BINARY' }), header({}))),
  damaged('an empty extension', adding(header({ type: 'x', body: '' }), header({}))),
  damaged(
    'an extension of more than a megabyte',
    adding(paxEntry({ comment: 'x'.repeat(1024 * 1024) }), header({})),
  ),
  damaged('an extension with nothing after it', adding(paxEntry({ path: 'data/b' }))),
  damaged('a path for all entries', adding(paxEntry({ path: 'data/b' }, 'g'), header({}))),
  damaged('a size for all entries', adding(paxEntry({ size: '5' }, 'g'), header({}))),
  damaged('a folder with contents', adding(header({ path: 'data/x/', type: '5' }))),
  damaged('an old folder with contents', adding(header({ path: 'data/x/' }))),
  damaged('a plain file with a link target', adding(header({ link: 'LICENSE' }))),
  damaged('no end', () => gzipSync(tarOf(GOOD_ENTRIES, Buffer.alloc(0)))),
  damaged('half an end', () => gzipSync(tarOf(GOOD_ENTRIES, Buffer.alloc(BLOCK)))),
  damaged('an end that is cut', () => gzipSync(tarOf(GOOD_ENTRIES, Buffer.alloc(2 * BLOCK + 100)))),
  damaged('more after the end', () =>
    gzipSync(tarOf([...GOOD_ENTRIES, TAR_END, { path: 'late', body: 'x' }])),
  ),
  damaged('words after the end', () =>
    gzipSync(tarOf(GOOD_ENTRIES, Buffer.concat([TAR_END, Buffer.alloc(BLOCK, 65)]))),
  ),
  damaged('a file that is cut', () => gzipSync(tarOf(GOOD_ENTRIES).subarray(0, 700))),
  damaged('nothing', () => gzipSync(Buffer.alloc(0))),
  damaged('text', () => gzipSync(Buffer.from('not a tar at all\n'.repeat(100)))),
];

function gzipped(): Buffer {
  return gzipSync(tarOf(GOOD_ENTRIES));
}

function patched(change: (bytes: Buffer) => void): () => Buffer {
  return () => {
    const bytes = gzipped();
    change(bytes);
    return bytes;
  };
}

const GZIP: readonly HostileArchive[] = [
  damaged('a tar without gzip', () => tarOf(GOOD_ENTRIES)),
  damaged('an empty file', () => Buffer.alloc(0)),
  damaged('gzip that is cut', () => gzipped().subarray(0, -20)),
  damaged('gzip without its trailer', () => gzipped().subarray(0, -8)),
  damaged(
    'gzip with a wrong checksum',
    patched((bytes) => bytes.writeUInt32LE(1, bytes.length - 8)),
  ),
  damaged(
    'gzip with a wrong length',
    patched((bytes) => bytes.writeUInt32LE(1, bytes.length - 4)),
  ),
  damaged('two members of gzip', () => Buffer.concat([gzipped(), gzipped()])),
  damaged('an archive in two members', () => {
    const tar = tarOf(GOOD_ENTRIES);
    return Buffer.concat([gzipSync(tar.subarray(0, 1024)), gzipSync(tar.subarray(1024))]);
  }),
  damaged('bytes after gzip', () => Buffer.concat([gzipped(), Buffer.from('x')])),
  damaged('zeros after gzip', () => Buffer.concat([gzipped(), Buffer.alloc(512)])),
  damaged(
    'gzip with a reserved flag',
    patched((bytes) => bytes.writeUInt8(0x80, 3)),
  ),
  damaged(
    'gzip with another method',
    patched((bytes) => bytes.writeUInt8(7, 2)),
  ),
  damaged('gzip with a name that never ends', () =>
    Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]), Buffer.alloc(70_000, 65)]),
  ),
  damaged('bytes of another compressor', () =>
    Buffer.concat([Buffer.from('\u00fd7zXZ\0', 'latin1'), gzipped()]),
  ),
  damaged(
    'data that is no deflate',
    patched((bytes) => bytes.fill(0xff, 12, 60)),
  ),
];

const MIB = 1024 * 1024;

const SIZES: readonly HostileArchive[] = [
  {
    name: 'more entries than allowed',
    kind: 'TooManyEntries',
    make: () =>
      gzipSync(
        // Most of them one folder again and again, which is allowed as such and costs the test no disk.
        tarOf([...GOOD_ENTRIES, ...Array.from({ length: 8200 }, () => ({ path: 'data/many/', type: '5' }))]),
      ),
  },
  {
    name: 'a file of more than allowed',
    kind: 'EntryTooLarge',
    make: adding(header({ size: 64 * MIB + 1 })),
  },
  {
    name: 'a small file that an extension makes large',
    kind: 'EntryTooLarge',
    make: adding(paxEntry({ size: String(64 * MIB + 1) }), header({})),
  },
  {
    name: 'nothing but zeros',
    kind: 'ExtractedTooLarge',
    make: adding({ path: 'data/bomb', body: Buffer.alloc(40 * MIB) }),
  },
  {
    name: 'zeros after its end that do not stop',
    kind: 'CorruptArchive',
    make: () => gzipSync(Buffer.concat([tarOf(GOOD_ENTRIES), Buffer.alloc(10 * MIB)])),
  },
];

const wrapped = (folder: string): TarEntry[] =>
  GOOD_ENTRIES.map((entry) => ({ ...entry, path: `${folder}/${String(entry.path)}` }));

function without(gone: string, ...more: Entries): () => Buffer {
  return () => gzipSync(tarOf([...GOOD_ENTRIES.filter((entry) => entry.path !== gone), ...more]));
}

function manifest(change: (text: string) => string): () => Buffer {
  return without('persona.toml', { path: 'persona.toml', body: change(MANIFEST) });
}

const CONTENTS: readonly HostileArchive[] = [
  { name: 'a folder of another name', kind: 'BadLayout', make: () => gzipSync(tarOf(wrapped('cody'))) },
  {
    name: 'something beside the folder',
    kind: 'BadLayout',
    make: () => gzipSync(tarOf([...wrapped('cody-0.2.0'), { path: 'beside', body: 'x' }])),
  },
  {
    name: 'a folder in a folder',
    kind: 'BadLayout',
    make: () => gzipSync(tarOf(wrapped('cody-0.2.0/cody-0.2.0'))),
  },
  { name: 'no manifest', kind: 'BadLayout', make: without('persona.toml') },
  { name: 'no entries', kind: 'CorruptArchive', make: () => gzipSync(TAR_END) },
  {
    name: 'the manifest of another pack',
    kind: 'ManifestMismatch',
    make: manifest((text) => text.replace('id = "cody"', 'id = "dora"')),
  },
  {
    name: 'the manifest of another version',
    kind: 'ManifestVersionMismatch',
    make: manifest((text) => text.replace('version = "0.2.0"', 'version = "0.2.1"')),
  },
  {
    name: 'a manifest of the first version',
    kind: 'UnsupportedManifestVersion',
    make: manifest((text) => text.replace('manifest_version = 2', 'manifest_version = 1')),
  },
  { name: 'a manifest that is no TOML', kind: 'ParseToml', make: manifest((text) => `${text}\n[[[`) },
  {
    name: 'a manifest with a key that nobody knows',
    kind: 'ParseToml',
    make: manifest((text) => text.replace('[persona.contributes]', 'run = "sh"\n[persona.contributes]')),
  },
  {
    name: 'no agent where the manifest names one',
    kind: 'ContributedPathMissing',
    make: without('agents.d/cody.yaml'),
  },
  {
    name: 'a folder where the manifest names a file',
    kind: 'ContributedPathMissing',
    make: without('agents.d/cody.yaml', { path: 'agents.d/cody.yaml/', type: '5' }),
  },
  {
    name: 'an agent that is no YAML',
    kind: 'ContributedFileInvalid',
    make: without('agents.d/cody.yaml', { path: 'agents.d/cody.yaml', body: 'agents: [\n' }),
  },
];

/** Archives that have to be refused, each a small change of a good one. */
export const HOSTILE_ARCHIVES: readonly HostileArchive[] = [
  ...PATHS,
  ...TYPES,
  ...COLLISIONS,
  ...FRAMES,
  ...GZIP,
  ...SIZES,
  ...CONTENTS,
];
