import { packError } from '../pack-error.ts';

/** Which release of which repository. */
export interface Coordinates {
  readonly owner: string;
  readonly repo: string;
  /** `latest` stands for whatever the server calls so. */
  readonly tag: string;
}

/** Tag that stands for the latest release. */
export const LATEST = 'latest';

/** Longest owner and repository that GitHub gives out, and longest tag that git can hold as a file name. */
const MAX_OWNER = 39;
const MAX_REPO = 100;
const MAX_TAG = 255;

/** Reads `owner/repo` or `owner/repo@tag`. Throws PACK_COORDS_INVALID. */
export function parseCoordinates(text: string): Coordinates {
  const at = text.indexOf('@');
  const path = at === -1 ? text : text.slice(0, at);
  const tag = at === -1 ? LATEST : text.slice(at + 1);
  const slash = path.indexOf('/');
  if (slash === -1) throw invalid(text, 'has no "/" between owner and repository');
  const owner = path.slice(0, slash);
  const repo = path.slice(slash + 1);
  const fault =
    nameFault('owner', owner, MAX_OWNER) ?? nameFault('repository', repo, MAX_REPO) ?? tagFault(tag);
  if (fault !== undefined) throw invalid(text, fault);
  return { owner, repo, tag };
}

export function renderCoordinates({ owner, repo, tag }: Coordinates): string {
  return tag === LATEST ? `${owner}/${repo}` : `${owner}/${repo}@${tag}`;
}

function nameFault(what: string, name: string, maxLength: number): string | undefined {
  if (name === '') return `has no ${what}`;
  if (!/^[A-Za-z0-9._-]+$/.test(name)) return `has an ${what} with other characters than A-Z a-z 0-9 . _ -`;
  if (name === '.' || name === '..' || name.startsWith('-')) return `has no usable ${what}`;
  if (name.length > maxLength) return `has an ${what} of more than ${maxLength} characters`;
  return undefined;
}

function tagFault(tag: string): string | undefined {
  if (tag === '') return 'has an "@" and no tag after it';
  if (tag.length > MAX_TAG) return `has a tag of more than ${MAX_TAG} characters`;
  // What git itself refuses in a tag, and what would change the meaning of an address.
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Z}?#\\]|\.\.|^\/|\/$|\/\//u.test(tag))
    return 'has a tag that no release can have';
  return undefined;
}

function invalid(text: string, fault: string): Error {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return packError('CoordsInvalid', `${JSON.stringify(shown)} ${fault}.`, {
    hint: 'Give a pack as owner/repo, or owner/repo@tag for one release of it.',
  });
}

/**
 * The repository that a page on GitHub belongs to; undefined for any other address. A pack's homepage is free text.
 */
export function repositoryOfHomepage(
  homepage: string | undefined,
): Pick<Coordinates, 'owner' | 'repo'> | undefined {
  if (homepage === undefined || !URL.canParse(homepage)) return undefined;
  const { protocol, hostname, pathname, username } = new URL(homepage);
  if ((protocol !== 'https:' && protocol !== 'http:') || username !== '') return undefined;
  if (hostname !== 'github.com' && hostname !== 'www.github.com') return undefined;
  const [owner = '', repo = ''] = pathname.split('/').filter((part) => part !== '');
  try {
    const { owner: validOwner, repo: validRepo } = parseCoordinates(`${owner}/${repo.replace(/\.git$/, '')}`);
    return { owner: validOwner, repo: validRepo };
  } catch {
    // Not a repository's page: the pack says nothing about where its updates are.
    return undefined;
  }
}

/** Whether two repositories are one: GitHub does not tell upper from lower case. */
export function isSameRepository(
  a: Pick<Coordinates, 'owner' | 'repo'>,
  b: Pick<Coordinates, 'owner' | 'repo'>,
): boolean {
  return `${a.owner}/${a.repo}`.toLowerCase() === `${b.owner}/${b.repo}`.toLowerCase();
}
