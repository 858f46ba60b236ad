import { packError } from '../pack-error.ts';

const PUBLIC_API = 'https://api.github.com';

/** Where GitHub keeps what a release offers: its own page, and the hosts that the page redirects to. */
const PUBLIC_CONTENT_HOSTS = ['github.com', 'githubusercontent.com'];

/** The release interface in use, and from where its files may come. */
export interface Origin {
  /** Without a slash at its end. */
  readonly base: URL;
  /** Whether a file may be read from there. */
  allows(url: URL): boolean;
  /** Whether the token belongs there. */
  ownsToken(url: URL): boolean;
}

/**
 * The release interface that `NEXO_GITHUB_API_BASE` names, or GitHub's. Only https, except on this machine; then
 * everything has to stay on this machine. Throws USAGE.
 */
export function resolveOrigin(configured: string | undefined): Origin {
  const text = configured === undefined || configured.trim() === '' ? PUBLIC_API : configured.trim();
  if (!URL.canParse(text)) throw unusable('is no address');
  const base = new URL(text.replace(/\/+$/, ''));
  if (base.username !== '' || base.password !== '' || base.search !== '' || base.hash !== '')
    throw unusable('holds more than a host and a path');
  if (base.protocol === 'http:') {
    if (!isLoopback(base)) throw unusable('is http and not on this machine');
    return {
      base,
      allows: (url) => (url.protocol === 'http:' || url.protocol === 'https:') && isLoopback(url),
      ownsToken: (url) => url.origin === base.origin,
    };
  }
  if (base.protocol !== 'https:') throw unusable('is not https');
  const hosts = text === PUBLIC_API ? PUBLIC_CONTENT_HOSTS : [base.hostname];
  return {
    base,
    allows: (url) =>
      url.protocol === 'https:' &&
      url.username === '' &&
      (url.origin === base.origin ||
        (url.port === '' &&
          hosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`)))),
    ownsToken: (url) => url.origin === base.origin,
  };
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function unusable(why: string): Error {
  return packError('Usage', `NEXO_GITHUB_API_BASE ${why}.`, {
    hint: 'Give the https address of a release interface, such as https://github.example.com/api/v3.',
  });
}
