import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type FakeReleases, releaseOf, sha256Hex, startFakeReleases } from '../support/fake-releases.ts';
import { samplePack } from '../support/sample-pack.ts';
import { BLOCK, gnuLongName, paxEntry, type TarEntry, tarOf } from '../support/tar-bytes.ts';
import { GOOD_ENTRIES } from './corpus/good-archive.ts';
import { createKit, installIn } from './install-kit.ts';

let fake: FakeReleases;
const good = samplePack();
beforeAll(async () => {
  fake = await startFakeReleases();
});
beforeEach(() => {
  fake.fault = undefined;
});
afterAll(() => fake.close());

/** An unusual archive that is a pack all the same, and a file that has to be in it. */
interface Legal {
  readonly name: string;
  readonly archive: () => Buffer;
  readonly has?: string;
}

const all = (change: (entry: TarEntry) => TarEntry): Buffer => gzipSync(tarOf(GOOD_ENTRIES.map(change)));
const adding = (...more: (TarEntry | Buffer)[]): Buffer => gzipSync(tarOf([...GOOD_ENTRIES, ...more]));
const named = (path: string): Legal => ({
  name: `a file called ${JSON.stringify(path)}`,
  archive: () => adding({ path, body: 'x' }),
  has: path,
});

/** Gzip with every optional field of its header. */
function gzipWithEverything(tar: Buffer): Buffer {
  const header = Buffer.concat([
    Buffer.from([0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 1, 2, 3, 4, 2, 3]),
    Buffer.from([4, 0, 65, 66, 0, 0]),
    Buffer.from('name.tar\0a comment\0'),
  ]);
  const check = Buffer.alloc(2);
  check.writeUInt16LE(crc32(header) & 0xffff);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(tar), 0);
  trailer.writeUInt32LE(tar.length, 4);
  return Buffer.concat([header, check, deflateRawSync(tar), trailer]);
}

const long = `data/${'long-name-'.repeat(12)}.md`;
const deep = `${Array.from({ length: 31 }, (_, at) => `d${at}`).join('/')}/f`;

const ARCHIVES: readonly Legal[] = [
  { name: 'files at the top', archive: () => gzipSync(tarOf(GOOD_ENTRIES)) },
  {
    name: 'everything in one folder named after the pack',
    archive: () => all((entry) => ({ ...entry, path: `cody-0.2.0/${String(entry.path)}` })),
  },
  {
    name: 'that folder as an entry of its own',
    archive: () =>
      gzipSync(
        tarOf([
          { path: 'cody-0.2.0/', type: '5' },
          ...GOOD_ENTRIES.map((entry) => ({ ...entry, path: `cody-0.2.0/${String(entry.path)}` })),
        ]),
      ),
  },
  {
    name: './ before every name',
    archive: () => all((entry) => ({ ...entry, path: `./${String(entry.path)}` })),
  },
  {
    name: 'the top itself as an entry',
    archive: () => gzipSync(tarOf([{ path: './', type: '5' }, ...GOOD_ENTRIES])),
  },
  {
    name: 'the oldest form of tar',
    archive: () => all((entry) => ({ ...entry, magic: '\0'.repeat(8), type: '\0' })),
  },
  { name: 'the form of GNU', archive: () => all((entry) => ({ ...entry, magic: 'ustar  \0' })) },
  { name: 'files of the old type', archive: () => all((entry) => ({ ...entry, type: '\0' })) },
  {
    name: 'folders of the old type',
    archive: () => adding({ path: 'data/old/' }, { path: 'data/old/a', body: 'x' }),
    has: 'data/old/a',
  },
  {
    name: 'a folder named twice',
    archive: () => adding({ path: 'more/', type: '5' }, { path: 'more/', type: '5' }),
    has: 'more',
  },
  {
    name: 'a folder after what is in it',
    archive: () => adding({ path: 'more/a', body: 'x' }, { path: 'more/', type: '5' }),
    has: 'more/a',
  },
  { name: 'an empty folder', archive: () => adding({ path: 'empty', type: '5' }), has: 'empty' },
  {
    name: 'a long name in an extension',
    archive: () => adding(paxEntry({ path: long }), { body: 'x' }),
    has: long,
  },
  {
    name: 'a long name in the way of GNU',
    archive: () => adding(gnuLongName(long), { magic: 'ustar  \0', body: 'x' }),
    has: long,
  },
  {
    name: 'a name in two parts',
    archive: () => adding({ prefix: 'data/prefix', path: 'a', body: 'x' }),
    has: 'data/prefix/a',
  },
  {
    name: 'times and owners in an extension',
    archive: () =>
      adding(paxEntry({ mtime: '1700000000.123456789', uid: '1000', uname: 'ada', atime: '1' }), {
        path: 'data/a',
        body: 'x',
      }),
    has: 'data/a',
  },
  {
    name: 'what other systems keep in extensions',
    archive: () =>
      adding(paxEntry({ 'LIBARCHIVE.xattr.com.apple.provenance': 'AQA', 'SCHILY.xattr.user.x': 'y' }), {
        path: 'data/a',
        body: 'x',
      }),
    has: 'data/a',
  },
  {
    name: 'a comment for the whole archive, as git writes it',
    archive: () => gzipSync(tarOf([paxEntry({ comment: 'a'.repeat(40) }, 'g'), ...GOOD_ENTRIES])),
  },
  {
    name: 'a character set that is UTF-8',
    archive: () => adding(paxEntry({ hdrcharset: 'ISO-IR 10646 2000 UTF-8' }), { path: 'data/a', body: 'x' }),
  },
  {
    name: 'the size in an extension too',
    archive: () => adding(paxEntry({ size: '3' }), { path: 'data/a', body: 'abc' }),
    has: 'data/a',
  },
  {
    name: 'a binary size',
    archive: () =>
      adding({ path: 'data/a', body: 'abc', size: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3]) }),
    has: 'data/a',
  },
  {
    name: 'a size after spaces',
    archive: () => adding({ path: 'data/a', body: 'abc', size: '         3 \0' }),
    has: 'data/a',
  },
  { name: 'an empty file', archive: () => adding({ path: 'data/empty' }), has: 'data/empty' },
  {
    name: 'a file of exactly one record',
    archive: () => adding({ path: 'data/block', body: Buffer.alloc(BLOCK, 65) }),
    has: 'data/block',
  },
  {
    name: 'a file of three megabytes',
    archive: () => adding({ path: 'data/big', body: Buffer.alloc(3_000_001, 'words ') }),
    has: 'data/big',
  },
  {
    name: 'the last record filled with zeros',
    archive: () => gzipSync(tarOf(GOOD_ENTRIES, Buffer.alloc(20 * BLOCK))),
  },
  { name: 'no compression', archive: () => gzipSync(tarOf(GOOD_ENTRIES), { level: 0 }) },
  { name: 'a gzip header with everything in it', archive: () => gzipWithEverything(tarOf(GOOD_ENTRIES)) },
  {
    name: 'folders as deep as allowed',
    archive: () => adding(paxEntry({ path: deep }), { body: 'x' }),
    has: deep,
  },
  {
    name: 'a name as long as allowed',
    archive: () => adding(paxEntry({ path: `data/${'n'.repeat(255)}` }), { body: 'x' }),
    has: `data/${'n'.repeat(255)}`,
  },
  named('data/\u00fcber-\u6587\u5b57.md'),
  named('data/e\u0301.md'),
  named('data/\u{1f9d1}\u200d\u{1f4bb}.md'),
  named('data/with space and $(sh) `x` "quotes".md'),
  named('.editorconfig'),
  named('data/.gitignore'),
  named('data/..hidden'),
  named('data/console.md'),
  named('-rf'),
];

function offer(archive: Buffer, more: Partial<ReturnType<typeof releaseOf>> = {}): void {
  fake.releases.set('acme/persona-cody', [
    { ...releaseOf({ ...good, archive, sha256: sha256Hex(archive) }), ...more },
  ]);
}

describe('an unusual pack', () => {
  it.each(ARCHIVES.map((each) => [each.name, each] as const))(
    'with %s is installed',
    async (_name, { archive, has }) => {
      offer(archive());
      const kit = createKit(fake.base);
      const { folder } = await installIn(kit, 'acme/persona-cody');
      expect(readFileSync(join(folder, 'LICENSE'), 'utf8')).toBe('MIT\n');
      if (has !== undefined) expect(existsSync(join(folder, has))).toBe(true);
    },
  );

  it('whose files are programs, set ids and closed to all are plain files when they are installed', async () => {
    offer(
      adding(...[0o755, 0o4755, 0o000, 0o7777].map((mode) => ({ path: `data/m${mode}`, body: 'x', mode }))),
    );
    const { folder } = await installIn(createKit(fake.base), 'acme/persona-cody');
    const modes = [0o755, 0o4755, 0o000, 0o7777].map(
      (mode) => lstatSync(join(folder, `data/m${mode}`)).mode & 0o7777,
    );
    expect(modes).toEqual([0o644, 0o644, 0o644, 0o644]);
  });

  it.each<[string, (digest: string, name: string) => string]>([
    ['as sha256sum writes it', (digest, name) => `${digest}  ${name}\n`],
    ['in binary mode', (digest, name) => `${digest} *${name}\n`],
    ['in capitals', (digest) => digest.toUpperCase()],
    ['with line ends of Windows', (digest) => `${digest}\r\n`],
  ])('whose digest is written %s is installed', async (_name, write) => {
    const { assets, tag } = releaseOf(good);
    const name = 'cody-0.2.0-noarch.tar.gz';
    fake.releases.set('acme/persona-cody', [
      {
        tag,
        assets: assets.map((each) =>
          each.name === `${name}.sha256` ? { ...each, bytes: Buffer.from(write(good.sha256, name)) } : each,
        ),
      },
    ]);
    expect(await installIn(createKit(fake.base), 'acme/persona-cody')).toMatchObject({ sha256: good.sha256 });
  });

  it.each([
    ['0.2.0', 'a tag without a v', '0.2.0'],
    ['1.0.0-rc.1', 'a pre-release that is asked for', 'v1.0.0-rc.1'],
    ['1.0.0+build.5', 'build metadata', 'v1.0.0+build.5'],
  ])('of version %s, with %s, is installed', async (version, _name, tag) => {
    const release = { ...releaseOf(samplePack({ version })), tag };
    fake.releases.set('acme/persona-cody', [release]);
    expect(await installIn(createKit(fake.base), `acme/persona-cody@${tag}`)).toMatchObject({
      identity: { version },
    });
  });

  it('from a server that says no lengths, redirects three times and says more than we know is installed', async () => {
    fake.releases.set('acme/persona-cody', [releaseOf(good)]);
    fake.fault = (_request, response, path) => {
      const hop = Number(/^\/hop(\d)\//.exec(path)?.[1] ?? Number.NaN);
      if (path.startsWith('/content/') && path.endsWith('.tar.gz')) {
        response.writeHead(302, { location: '/hop1/x' }).end();
        return true;
      }
      if (Number.isNaN(hop)) return false;
      if (hop < 3) response.writeHead(307, { location: `/hop${hop + 1}/x` }).end();
      else {
        response.write(good.archive.subarray(0, 100));
        response.end(good.archive.subarray(100));
      }
      return true;
    };
    expect(await installIn(createKit(fake.base), 'acme/persona-cody')).toMatchObject({
      archiveBytes: good.archive.length,
    });
  });

  it('is one of many', () => expect(ARCHIVES.length).toBeGreaterThanOrEqual(30));
});
