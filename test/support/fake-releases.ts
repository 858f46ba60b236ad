import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { PackedSample } from './sample-pack.ts';

export interface FakeAsset {
  readonly name: string;
  readonly bytes: Buffer;
  /** What the release says about it, where that is not the truth. */
  readonly listed?: Readonly<Record<string, unknown>>;
}

export interface FakeRelease {
  readonly tag: string;
  readonly assets: readonly FakeAsset[];
  readonly draft?: boolean;
  readonly prerelease?: boolean;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

/** Answers a request itself and says so, or leaves it to the server. */
export type Fault = (request: IncomingMessage, response: ServerResponse, path: string) => boolean;

/** A release server on this machine that behaves like the real one, down to the redirect of every download. */
export interface FakeReleases {
  /** For `NEXO_GITHUB_API_BASE`. */
  readonly base: string;
  readonly port: number;
  readonly seen: SeenRequest[];
  /** The releases of `owner/repo`, the latest first. */
  readonly releases: Map<string, FakeRelease[]>;
  /** Entries of the transparency log by the digest of what they are about. */
  readonly log: Map<string, Readonly<Record<string, unknown>>[]>;
  /** Looks at each request first. */
  fault: Fault | undefined;
  close(): Promise<void>;
}

export async function startFakeReleases({ port = 0 }: { port?: number } = {}): Promise<FakeReleases> {
  const seen: SeenRequest[] = [];
  const releases = new Map<string, FakeRelease[]>();
  const log: FakeReleases['log'] = new Map();
  const server = createServer((request, response) => {
    const path = decodeURI(request.url ?? '/').split('?')[0] ?? '/';
    seen.push({ method: request.method ?? '', path, headers: request.headers });
    if (fake.fault?.(request, response, path) === true) return;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(fake, path, Buffer.concat(chunks).toString('utf8'), response));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  const { port: taken } = server.address() as AddressInfo;
  const fake: FakeReleases = {
    base: `http://127.0.0.1:${taken}`,
    port: taken,
    seen,
    releases,
    log,
    fault: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}

/** The assets of a release as an author publishes them. */
export function releaseAssets(
  { id, version, manifest, archive, sha256 }: Omit<PackedSample, 'folder'>,
  { target = 'noarch', manifestName = 'persona.toml' }: { target?: string; manifestName?: string } = {},
): FakeAsset[] {
  const name = `${id}-${version}-${target}.tar.gz`;
  return [
    { name: manifestName, bytes: Buffer.from(manifest) },
    { name, bytes: archive },
    { name: `${name}.sha256`, bytes: Buffer.from(`${sha256}\n`) },
  ];
}

/** A release of one pack for every machine, with what else lies beside it. */
export function releaseOf(pack: PackedSample, more: readonly FakeAsset[] = []): FakeRelease {
  return { tag: `v${pack.version}`, assets: [...releaseAssets(pack), ...more] };
}

export function sha256Hex(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The release as the interface gives it out. */
export function releaseJson(
  base: string,
  repository: string,
  { tag, assets, draft = false, prerelease = false }: FakeRelease,
): Record<string, unknown> {
  return {
    tag_name: tag,
    name: tag,
    draft,
    prerelease,
    assets: assets.map(({ name, bytes, listed }, at) => ({
      id: at + 1,
      name,
      size: bytes.length,
      digest: `sha256:${sha256Hex(bytes)}`,
      url: `${base}/repos/${repository}/releases/assets/${encodeURIComponent(tag)}/${encodeURIComponent(name)}`,
      browser_download_url: `${base}/download/${repository}/${encodeURIComponent(tag)}/${encodeURIComponent(name)}`,
      ...listed,
    })),
  };
}

function answer(fake: FakeReleases, path: string, body: string, response: ServerResponse): void {
  const [, area = '', ...rest] = path.split('/');
  if (area === 'repos') api(fake, rest, response);
  else if (area === 'download') redirect(response, `/content/${rest.map(encodeURIComponent).join('/')}`);
  else if (area === 'content') content(fake, rest, response);
  else if (area === 'api') transparencyLog(fake, path, body, response);
  else notFound(response);
}

function api(
  fake: FakeReleases,
  [owner, repo, , which, ...tag]: readonly string[],
  response: ServerResponse,
): void {
  const repository = `${owner}/${repo}`;
  const all = fake.releases.get(repository) ?? [];
  if (which === 'assets') {
    redirect(response, `/content/${repository}/${tag.map(encodeURIComponent).join('/')}`);
    return;
  }
  const release =
    which === 'latest'
      ? all.find(({ draft, prerelease }) => draft !== true && prerelease !== true)
      : all.find((each) => each.tag === decodeURIComponent(tag.join('/')));
  if (release === undefined) notFound(response);
  else json(response, releaseJson(fake.base, repository, release));
}

function content(
  fake: FakeReleases,
  [owner, repo, ...rest]: readonly string[],
  response: ServerResponse,
): void {
  const name = decodeURIComponent(rest.at(-1) ?? '');
  const tag = decodeURIComponent(rest.slice(0, -1).join('/'));
  const releases = fake.releases.get(`${owner}/${repo}`) ?? [];
  const asset = releases.find((each) => each.tag === tag)?.assets.find((each) => each.name === name);
  if (asset === undefined) {
    notFound(response);
    return;
  }
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': asset.bytes.length,
  });
  response.end(asset.bytes);
}

function transparencyLog(fake: FakeReleases, path: string, body: string, response: ServerResponse): void {
  const asked: unknown = JSON.parse(body || '{}');
  const { hash, entryUUIDs } = asked as { hash?: string; entryUUIDs?: string[] };
  const entries = [...fake.log.values()].flat();
  if (path === '/api/v1/index/retrieve') {
    const found = fake.log.get((hash ?? '').replace('sha256:', '')) ?? [];
    json(
      response,
      found.flatMap((entry) => Object.keys(entry)),
    );
  } else if (path === '/api/v1/log/entries/retrieve') {
    json(
      response,
      entries.filter((entry) => Object.keys(entry).some((id) => entryUUIDs?.includes(id))),
    );
  } else {
    notFound(response);
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location });
  response.end();
}

function notFound(response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'application/json' });
  response.end('{"message":"Not Found"}');
}
