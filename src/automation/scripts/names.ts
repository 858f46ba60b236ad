import { basename, extname } from 'node:path';

/** Prefix of the file names that `create` gives. */
const PREFIX = 'ps-';
/** What a script may be called: a plain identifier, so that it can stand in any message, file name or command. */
const PLAIN_NAME = /^[a-z0-9][a-z0-9._-]{0,127}$/i;

/** `My Script!` → `my-script`; `script` when nothing remains. */
export function slugOf(text: string): string {
  const kept = text
    .toLowerCase()
    .replace(/[\s_-]/g, '-')
    .replace(/[^\p{L}\p{N}-]/gu, '')
    .replace(/^-+|-+$/g, '');
  return kept === '' ? 'script' : kept;
}

/** The logical name behind a file's or a person's spelling: a slug without `ps-` and then without `nexo-`. */
export function logicalName(text: string): string {
  const name = withoutPrefixes(slugOf(text));
  return name === '' ? 'personal-script' : name;
}

/** The file name that a script of that name gets. */
export function fileNameOf(name: string, extension: string): string {
  return `${PREFIX}${name}${extension}`;
}

export function isPrefixed(path: string): boolean {
  return basename(path).startsWith(PREFIX);
}

export function stemOf(path: string): string {
  return basename(path, extname(path));
}

export function isPlainName(name: string): boolean {
  return PLAIN_NAME.test(name);
}

/** Every name under which a script may be known, in lower case; two scripts are the same when these meet. */
export function identityTokens(path: string, declaredName?: string): ReadonlySet<string> {
  const names = [basename(path), stemOf(path), ...(declaredName ? [declaredName] : [])];
  return new Set(
    names
      .map((name) => name.toLowerCase())
      .flatMap(variants)
      .filter((name) => name !== ''),
  );
}

function variants(name: string): string[] {
  const bare = name.replace(/^ps-/, '');
  return [name, bare, name.replace(/^nexo-/, ''), bare.replace(/^nexo-/, '')];
}

function withoutPrefixes(slug: string): string {
  return slug
    .replace(/^ps-/, '')
    .replace(/^nexo-/, '')
    .replace(/^-+/, '');
}
