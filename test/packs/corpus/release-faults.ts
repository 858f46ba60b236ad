import type { IncomingMessage, ServerResponse } from 'node:http';

import {
  type FakeAsset,
  type FakeRelease,
  type FakeReleases,
  releaseJson,
  releaseOf,
} from '../../support/fake-releases.ts';
import { samplePack } from '../../support/sample-pack.ts';

/** A release server that lies, errs or dawdles in one way. */
export interface ReleaseFault {
  readonly name: string;
  readonly kind: string;
  /** Default: `acme/persona-cody`. */
  readonly coords?: string;
  arrange(fake: FakeReleases): void;
}

const good = samplePack();
const ARCHIVE = 'cody-0.2.0-noarch.tar.gz';
const REPOSITORY = 'acme/persona-cody';
const RELEASE_PATH = `/repos/${REPOSITORY}/releases/latest`;

/** The release with its assets changed. */
function assets(
  name: string,
  kind: string,
  change: (assets: FakeAsset[]) => FakeAsset[],
  more: Partial<FakeRelease> = {},
): ReleaseFault {
  return {
    name,
    kind,
    arrange: (fake) => {
      const release = releaseOf(good);
      fake.releases.set(REPOSITORY, [{ ...release, ...more, assets: change([...release.assets]) }]);
    },
  };
}

function tag(text: string): ReleaseFault {
  return assets(`the tag ${text}`, 'ReleaseShape', (all) => all, { tag: text });
}

function manifest(name: string, kind: string, change: (text: string) => string | Buffer): ReleaseFault {
  return assets(
    name,
    kind,
    replaced('persona.toml', () => Buffer.from(change(good.manifest))),
  );
}

function replaced(name: string, bytes: (before: Buffer) => Buffer, listed?: FakeAsset['listed']) {
  return (all: FakeAsset[]): FakeAsset[] =>
    all.map((asset) =>
      asset.name === name
        ? { ...asset, bytes: bytes(asset.bytes), ...(listed !== undefined && { listed }) }
        : asset,
    );
}

/** The release as JSON, changed. */
function body(name: string, kind: string, change: (json: Record<string, unknown>) => unknown): ReleaseFault {
  return responding(name, kind, RELEASE_PATH, (_request, response, fake) => {
    const changed = change(releaseJson(fake.base, REPOSITORY, releaseOf(good)));
    response.end(typeof changed === 'string' || Buffer.isBuffer(changed) ? changed : JSON.stringify(changed));
  });
}

/** The answer to one path is given by hand. */
function responding(
  name: string,
  kind: string,
  path: string | RegExp,
  respond: (request: IncomingMessage, response: ServerResponse, fake: FakeReleases) => void,
): ReleaseFault {
  return {
    name,
    kind,
    arrange: (fake) => {
      fake.releases.set(REPOSITORY, [releaseOf(good)]);
      fake.fault = (request, response, asked) => {
        if (typeof path === 'string' ? asked !== path : !path.test(asked)) return false;
        respond(request, response, fake);
        return true;
      };
    },
  };
}

function status(code: number, headers: Record<string, string> = {}): ReleaseFault {
  return responding(
    `status ${code}${Object.keys(headers).map((key) => ` with ${key}`)}`,
    'Http',
    RELEASE_PATH,
    (_request, response) => {
      response.writeHead(code, headers);
      response.end('{}');
    },
  );
}

const CONTENT = new RegExp(`^/content/.*${ARCHIVE}$`);

function download(
  name: string,
  kind: string,
  respond: (response: ServerResponse, fake: FakeReleases) => void,
): ReleaseFault {
  return responding(name, kind, CONTENT, (_request, response, fake) => respond(response, fake));
}

const STATUSES: readonly ReleaseFault[] = [
  status(404),
  status(401),
  status(403),
  status(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1800000000' }),
  status(429, { 'x-ratelimit-remaining': '0' }),
  status(429),
  status(500),
  status(503, { 'retry-after': '86400' }),
  status(304),
  status(301),
];

const BODIES: readonly ReleaseFault[] = [
  body('no JSON', 'ReleaseShape', () => '<html>hello</html>'),
  body('nothing at all', 'ReleaseShape', () => ''),
  body('a list', 'ReleaseShape', () => []),
  body('null', 'ReleaseShape', () => null),
  body('no tag', 'ReleaseShape', ({ tag_name: _gone, ...rest }) => rest),
  body('a tag that is a number', 'ReleaseShape', (json) => ({ ...json, tag_name: 2 })),
  body('assets that are no list', 'ReleaseShape', (json) => ({ ...json, assets: {} })),
  body('an asset without a name', 'ReleaseShape', (json) => ({
    ...json,
    assets: [{ browser_download_url: 'x' }],
  })),
  body('an asset without an address', 'ReleaseShape', (json) => ({
    ...json,
    assets: [{ name: 'persona.toml', browser_download_url: 'no address' }],
  })),
  body('more assets than any release has', 'ReleaseShape', (json) => ({
    ...json,
    assets: Array.from({ length: 2001 }, (_, at) => ({
      name: `a${at}`,
      browser_download_url: 'http://127.0.0.1/',
    })),
  })),
  body('more than four megabytes', 'ReleaseShape', (json) => ({
    ...json,
    body: 'x'.repeat(5 * 1024 * 1024),
  })),
  body('bytes that are no text', 'ReleaseShape', () => Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
  body('a draft', 'ReleaseShape', (json) => ({ ...json, draft: true })),
  body('a manifest from a file of this machine', 'Http', (json) => ({
    ...json,
    assets: [{ name: 'persona.toml', browser_download_url: 'file:///etc/passwd' }],
  })),
  body('a manifest from elsewhere', 'Http', (json) => ({
    ...json,
    assets: [{ name: 'persona.toml', browser_download_url: 'http://192.0.2.1/persona.toml' }],
  })),
  tag('release-1.2.3'),
  tag('v0.2'),
  tag('v01.2.0'),
  tag('vv0.2.0'),
  tag('0.2.0 '),
  tag('nightly'),
  {
    ...body('another release than the one that was asked for', 'ReleaseShape', (json) => ({
      ...json,
      tag_name: 'v0.2.0',
    })),
    coords: 'acme/persona-cody@v9.9.9',
    arrange: (fake) => {
      fake.fault = (_request, response, path) => {
        if (!path.includes('/releases/tags/')) return false;
        response.end(JSON.stringify(releaseJson(fake.base, REPOSITORY, releaseOf(good))));
        return true;
      };
    },
  },
];

const MANIFESTS: readonly ReleaseFault[] = [
  assets('no manifest', 'ReleaseShape', (all) => all.filter(({ name }) => name !== 'persona.toml')),
  assets('two manifests', 'ReleaseShape', (all) => [
    ...all,
    { name: 'persona.toml', bytes: Buffer.from('x') },
  ]),
  manifest('a manifest of more than 256 kilobytes', 'ReleaseShape', (text) => text + '#'.repeat(300 * 1024)),
  manifest('a manifest that is no text', 'ManifestInvalid', () => Buffer.from([0xff, 0xfe, 0x00])),
  manifest('a manifest that is no TOML', 'ParseToml', () => 'manifest_version = = 2'),
  manifest('a manifest without a version of its form', 'MissingManifestVersion', (text) =>
    text.replace('manifest_version = 2', ''),
  ),
  manifest('a manifest of the first form', 'UnsupportedManifestVersion', (text) =>
    text.replace('manifest_version = 2', 'manifest_version = 1'),
  ),
  manifest('a manifest of a form to come', 'UnsupportedManifestVersion', (text) =>
    text.replace('manifest_version = 2', 'manifest_version = 3'),
  ),
  manifest('an id with capitals', 'InvalidId', (text) => text.replace('id = "cody"', 'id = "Cody"')),
  manifest('an id that leads up', 'InvalidId', (text) => text.replace('id = "cody"', 'id = "../cody"')),
  manifest('another version than the tag', 'ManifestVersionMismatch', (text) =>
    text.replace('version = "0.2.0"', 'version = "0.3.0"'),
  ),
  manifest('a need for a later Nexo', 'MinNexoVersionMismatch', (text) =>
    text.replace('>=0.1.0', '>=99.0.0'),
  ),
];

const FILES: readonly ReleaseFault[] = [
  assets('no archive', 'TargetNotFound', (all) => all.filter(({ name }) => !name.endsWith('.tar.gz'))),
  assets('an archive for another system', 'TargetNotFound', (all) =>
    all.map((asset) => ({ ...asset, name: asset.name.replace('noarch', 'riscv64-unknown-linux-gnu') })),
  ),
  assets('two archives of one name', 'ReleaseShape', (all) => [
    ...all,
    { name: ARCHIVE, bytes: good.archive },
  ]),
  assets('no digest', 'ReleaseShape', (all) => all.filter(({ name }) => !name.endsWith('.sha256'))),
  assets(
    'a digest of 63 digits',
    'Sha256Invalid',
    replaced(`${ARCHIVE}.sha256`, (before) => before.subarray(1)),
  ),
  assets(
    'an empty digest',
    'Sha256Invalid',
    replaced(`${ARCHIVE}.sha256`, () => Buffer.alloc(0)),
  ),
  assets(
    'a digest of another file',
    'Sha256Invalid',
    replaced(`${ARCHIVE}.sha256`, () => Buffer.from(`${good.sha256}  other.tar.gz\n`)),
  ),
  assets(
    'a digest of more than four kilobytes',
    'ReleaseShape',
    replaced(`${ARCHIVE}.sha256`, () => Buffer.alloc(5000, 'a')),
  ),
  assets(
    'another digest than that of the archive',
    'Sha256Mismatch',
    replaced(`${ARCHIVE}.sha256`, () => Buffer.from('a'.repeat(64)), { digest: null }),
  ),
  assets(
    'two digests that disagree',
    'Sha256Mismatch',
    replaced(ARCHIVE, (before) => before, { digest: `sha256:${'b'.repeat(64)}` }),
  ),
  assets(
    'another archive than that of the digest',
    'Sha256Mismatch',
    replaced(ARCHIVE, () => samplePack({ files: { more: 'x' } }).archive, { digest: null }),
  ),
  assets(
    'an archive announced as too large',
    'TarballTooLarge',
    replaced(ARCHIVE, (before) => before, { size: 65 * 1024 * 1024 }),
  ),
  assets('a signature without a certificate', 'AssetIncomplete', (all) => [
    ...all,
    { name: `${ARCHIVE}.sig`, bytes: Buffer.from('x') },
  ]),
  assets('a certificate without a signature', 'AssetIncomplete', (all) => [
    ...all,
    { name: `${ARCHIVE}.cert`, bytes: Buffer.from('x') },
  ]),
];

const DOWNLOADS: readonly ReleaseFault[] = [
  download('a length of more than allowed', 'TarballTooLarge', (response) => {
    response.writeHead(200, { 'content-length': 70 * 1024 * 1024 });
    response.write('x');
  }),
  download('a body without end', 'TarballTooLarge', (response) => {
    const chunk = Buffer.alloc(1024 * 1024);
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  }),
  download('a body that is shorter than announced', 'Http', (response) => {
    response.writeHead(200, { 'content-length': good.archive.length + 10 });
    response.end(good.archive);
  }),
  download('a body that is cut', 'Http', (response) => {
    response.writeHead(200, { 'content-length': good.archive.length });
    response.write(good.archive.subarray(0, 100), () => response.destroy());
  }),
  download('a body that stops', 'Http', (response) => {
    response.writeHead(200, { 'content-length': good.archive.length });
    response.write(good.archive.subarray(0, 100));
  }),
  download('no answer', 'Http', () => {}),
  download('a connection that is cut', 'Http', (response) => response.destroy()),
  download('something that is not HTTP', 'Http', (response) => response.socket?.end('HELLO\r\n\r\n')),
  download('a redirect to itself', 'Http', (response, { base }) => {
    response.writeHead(302, { location: `${base}/content/acme/persona-cody/v0.2.0/${ARCHIVE}` });
    response.end();
  }),
  download('a redirect to another machine', 'Http', (response) => {
    response.writeHead(302, { location: 'http://192.0.2.1/x' });
    response.end();
  }),
  download('a redirect to a file', 'Http', (response) => {
    response.writeHead(302, { location: 'file:///etc/passwd' });
    response.end();
  }),
  download('a redirect to nowhere', 'Http', (response) => {
    response.writeHead(302);
    response.end();
  }),
  download('an encoded body', 'Http', (response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(good.archive);
  }),
  download('a part of the body', 'Http', (response) => {
    response.writeHead(206, { 'content-range': 'bytes 0-9/100' });
    response.end(good.archive.subarray(0, 10));
  }),
];

/** Answers of a release server that have to end in a refusal. */
export const RELEASE_FAULTS: readonly ReleaseFault[] = [
  ...STATUSES,
  ...BODIES,
  ...MANIFESTS,
  ...FILES,
  ...DOWNLOADS,
];
