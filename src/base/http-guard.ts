export interface Refusal {
  readonly status: 400 | 401 | 403;
  readonly message: string;
}

/** Who may ask: what a request is judged by that needs no secret. */
export interface ForeignPolicy {
  /** Accepted values of `Host`, in lower case. */
  readonly hosts: ReadonlySet<string>;
  /** Accepted origins, as a URL parser writes them. */
  readonly origins: ReadonlySet<string>;
}

/**
 * Judges by its head alone whether a request means this server and comes from nobody's web page, before anything of it
 * is used. `target` is what follows the method, `rawHeaders` are names and values in turn, as they came: the parsed
 * ones no longer show that a header was sent twice. Forwarding headers are never looked at.
 */
export function refuseForeign(
  target: string,
  rawHeaders: readonly string[],
  { hosts, origins }: ForeignPolicy,
): Refusal | undefined {
  const headers = headerValues(rawHeaders);
  const [host, ...otherHosts] = headers('host');
  if (host === undefined || otherHosts.length > 0 || !hosts.has(host.toLowerCase())) {
    return { status: 403, message: 'Forbidden: the Host header does not name this server' };
  }
  const [origin, ...otherOrigins] = headers('origin');
  if (origin !== undefined && (otherOrigins.length > 0 || !isAllowedOrigin(origin, origins))) {
    return { status: 403, message: 'Forbidden: pages of this origin may not use this server' };
  }
  if (headers('upgrade').length > 0)
    return { status: 400, message: 'Bad request: this server does not upgrade' };
  // A target with a host of its own would contradict the header that was just checked.
  if (!target.startsWith('/')) return { status: 400, message: 'Bad request: the target is no path' };
  return undefined;
}

/** All values of a header, as they came. */
export function headerValues(rawHeaders: readonly string[]): (name: string) => string[] {
  return (name) =>
    rawHeaders.filter((_value, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
}

/** An origin is scheme, host and port, nothing else; `null` and what cannot be parsed are nobody's. */
function isAllowedOrigin(origin: string, allowed: ReadonlySet<string>): boolean {
  const url = URL.parse(origin);
  return url !== null && url.href === `${url.origin}/` && !origin.endsWith('/') && allowed.has(url.origin);
}
