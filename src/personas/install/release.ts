import { z } from 'zod';

import { packError } from '../pack-error.ts';
import { type Coordinates, LATEST, renderCoordinates } from './coordinates.ts';
import { type HttpWorld, readWhole } from './http-client.ts';

const MAX_RELEASE_BYTES = 4 * 1024 * 1024;
/** More assets than any release has; keeps a hostile answer from costing time. */
const MAX_ASSETS = 2000;

const AssetSchema = z.object({
  name: z.string().min(1).max(255),
  browser_download_url: z.string().max(4096),
  url: z.string().max(4096).optional(),
  size: z.number().int().nonnegative().catch(0).default(0),
  digest: z.string().max(200).nullish().catch(null),
});

/** What we use of GitHub's release; other members are none of our business. */
const ReleaseSchema = z.object({
  tag_name: z.string().min(1).max(255),
  draft: z.boolean().catch(false).default(false),
  assets: z.array(AssetSchema).max(MAX_ASSETS).default([]),
});

export interface Asset {
  readonly name: string;
  /** Where it can be read: the interface's own address when there is a token, for private repositories. */
  readonly url: URL;
  readonly accept: string;
  /** As the server announces it; 0 when it does not say. */
  readonly size: number;
  /** Lower-case hexadecimal sha256, when the server gives one. */
  readonly sha256: string | undefined;
}

export interface Release {
  readonly tag: string;
  readonly assets: readonly Asset[];
}

/** Asks the release server. Throws PACK_DOWNLOAD_FAILED, PACK_RELEASE_INVALID. */
export async function readRelease(world: HttpWorld, coordinates: Coordinates): Promise<Release> {
  const { owner, repo, tag } = coordinates;
  const which = tag === LATEST ? 'latest' : `tags/${encodeURIComponent(tag)}`;
  const base = world.origin.base.href.replace(/\/$/, '');
  const bytes = await readWhole(world, {
    url: new URL(`${base}/repos/${owner}/${repo}/releases/${which}`),
    what: `the release of ${renderCoordinates(coordinates)}`,
    accept: 'application/vnd.github+json',
    maxBytes: MAX_RELEASE_BYTES,
    tooLarge: 'ReleaseShape',
  });
  return parseRelease(bytes, world);
}

/** Throws PACK_RELEASE_INVALID unless the bytes are a published release. */
export function parseRelease(bytes: Buffer, world: Pick<HttpWorld, 'origin' | 'token'>): Release {
  let raw: unknown;
  try {
    raw = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw packError('ReleaseShape', 'the release is not JSON.', {
      hint: 'The address in NEXO_GITHUB_API_BASE may not be that of a release interface.',
    });
  }
  const parsed = ReleaseSchema.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw packError('ReleaseShape', `the release has no usable ${issue?.path.join('.') || 'content'}.`);
  }
  const { tag_name: tag, draft, assets } = parsed.data;
  if (draft) throw packError('ReleaseShape', `the release ${JSON.stringify(tag)} is a draft.`);
  return { tag, assets: assets.map((asset) => toAsset(asset, world)) };
}

function toAsset(
  { name, browser_download_url: page, url: api, size, digest }: z.infer<typeof AssetSchema>,
  { origin, token }: Pick<HttpWorld, 'origin' | 'token'>,
): Asset {
  const isPrivate =
    token !== undefined && api !== undefined && URL.canParse(api) && origin.ownsToken(new URL(api));
  const address = isPrivate ? api : page;
  if (!URL.canParse(address)) {
    throw packError('ReleaseShape', `the release gives no address for ${JSON.stringify(name)}.`);
  }
  return {
    name,
    url: new URL(address),
    accept: 'application/octet-stream',
    size,
    sha256: /^sha256:([0-9a-f]{64})$/i.exec(digest ?? '')?.[1]?.toLowerCase(),
  };
}
