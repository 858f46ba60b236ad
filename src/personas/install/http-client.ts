import { packError } from '../pack-error.ts';
import type { Origin } from './origin.ts';
import { type Answer, exchange, TIME_LIMITS, type TimeLimits, TransientFailure } from './transport.ts';

/** What the network part of an install needs of the world. */
export interface HttpWorld {
  readonly origin: Origin;
  /** Sent to the release interface and nowhere else. */
  readonly token: string | undefined;
  readonly userAgent: string;
  readonly signal: AbortSignal;
  /** Waits; ends early when the signal is aborted. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
  readonly limits?: TimeLimits;
  /** A line for the person that waits. */
  readonly note?: (line: string) => void;
}

/** How often a read is tried, how long the first pause is, and the longest that a server may ask for. */
const MAX_TRIES = 3;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 20_000;
const MAX_REDIRECTS = 5;

export interface Download {
  readonly url: URL;
  /** What is read, for messages: `the release`, an asset's name. */
  readonly what: string;
  readonly accept: string;
  readonly maxBytes: number;
  /** Kind of the error when there is more. */
  readonly tooLarge: 'TarballTooLarge' | 'ReleaseShape';
  readonly post?: string;
}

/**
 * Reads from the release server into `consume`, which is called anew for each try: redirects checked one by one, sizes
 * held while reading, failures that may pass tried again. Throws PACK_DOWNLOAD_FAILED, PACK_TOO_LARGE,
 * PACK_RELEASE_INVALID.
 */
export async function download<T>(
  world: HttpWorld,
  request: Download,
  consume: (body: AsyncIterable<Buffer>, announced: number | undefined) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await follow(world, request);
      try {
        return await consume(limited(answer, request), announcedLength(answer, request));
      } finally {
        answer.discard();
      }
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      if (attempt === MAX_TRIES) throw gaveUp(request, error);
      const pause = error instanceof Busy ? error.pauseMs : undefined;
      if (pause !== undefined && pause > MAX_PAUSE_MS) throw gaveUp(request, error);
      world.note?.(`${request.what}: ${error.message}; trying again`);
      await world.sleep(pause ?? FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + world.random()));
    }
  }
}

/** Reads a small answer whole. */
export function readWhole(world: HttpWorld, request: Download): Promise<Buffer> {
  return download(world, request, async (body) => {
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks);
  });
}

/** The server asks to come back later. */
class Busy extends TransientFailure {
  readonly pauseMs: number | undefined;
  constructor(status: number, pauseMs: number | undefined) {
    super(`it answered with status ${status}`);
    this.pauseMs = pauseMs;
  }
}

async function follow(world: HttpWorld, request: Download): Promise<Answer> {
  let { url } = request;
  for (let hops = 0; ; hops += 1) {
    if (!world.origin.allows(url)) {
      throw packError('Http', `${request.what} leads to ${url.origin}, where no release may come from.`, {
        hint: 'Files of a release come from its own server only; tell the author of the pack.',
      });
    }
    const answer = await exchange({
      url,
      method: request.post === undefined ? 'GET' : 'POST',
      headers: headersFor(world, request, url),
      ...(request.post !== undefined && { body: request.post }),
      limits: world.limits ?? TIME_LIMITS,
      signal: world.signal,
    });
    const target = redirectTarget(answer, url);
    if (target === undefined) {
      if (answer.status >= 200 && answer.status < 300) return assertPlain(answer, request);
      answer.discard();
      throw refused(answer, request, url, world);
    }
    answer.discard();
    if (hops === MAX_REDIRECTS) {
      throw packError('Http', `${request.what} is redirected more than ${MAX_REDIRECTS} times.`);
    }
    url = target;
  }
}

function headersFor({ token, origin, userAgent }: HttpWorld, { accept, post }: Download, url: URL) {
  return {
    accept,
    'user-agent': userAgent,
    ...(post !== undefined && { 'content-type': 'application/json' }),
    ...(origin.ownsToken(url) && { 'x-github-api-version': '2022-11-28' }),
    ...(token !== undefined && origin.ownsToken(url) && { authorization: `Bearer ${token}` }),
  };
}

function redirectTarget({ status, headers, discard }: Answer, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status)) return undefined;
  const { location } = headers;
  if (location !== undefined && URL.canParse(location, from.href)) return new URL(location, from);
  discard();
  throw packError('Http', `${from.origin} redirects to nowhere (status ${status}).`);
}

/** An encoded body would not be the bytes that a digest speaks of, and a part of one is none. */
function assertPlain(answer: Answer, { what }: Download): Answer {
  const encoding = answer.headers['content-encoding'];
  const isPlain = (encoding === undefined || encoding === 'identity') && answer.status !== 206;
  if (isPlain) return answer;
  answer.discard();
  throw packError('Http', `${what} comes ${answer.status === 206 ? 'in part' : `encoded as ${encoding}`}.`, {
    hint: 'Something between here and the server alters files.',
  });
}

function announcedLength(answer: Answer, request: Download): number | undefined {
  const text = answer.headers['content-length'];
  if (text === undefined) return undefined;
  const length = Number(text);
  if (length > request.maxBytes) throw tooLarge(request);
  return length;
}

async function* limited({ body }: Answer, request: Download): AsyncIterable<Buffer> {
  let received = 0;
  for await (const chunk of body) {
    received += chunk.length;
    if (received > request.maxBytes) throw tooLarge(request);
    yield chunk;
  }
}

function tooLarge({ what, maxBytes, tooLarge: kind }: Download): Error {
  return packError(kind, `${what} has more than ${maxBytes} bytes.`);
}

function refused({ status, headers }: Answer, request: Download, url: URL, world: HttpWorld): Error {
  const { what } = request;
  const at = `${url.origin}${url.pathname}`;
  const data = { status, url: at };
  if ((status === 403 || status === 429) && headers['x-ratelimit-remaining'] === '0') {
    const reset = Number(headers['x-ratelimit-reset']);
    const until = Number.isSafeInteger(reset) && reset > 0 && reset < 1e11;
    return packError(
      'Http',
      `${what}: the server allows no more requests right now (status ${status}, ${at}).`,
      {
        hint: [
          until ? `It allows them again at ${new Date(reset * 1000).toISOString()}.` : 'Try again later.',
          world.token === undefined ? 'Set NEXO_GITHUB_TOKEN for more requests an hour.' : '',
        ]
          .join(' ')
          .trim(),
        data,
      },
    );
  }
  if (status === 429 || status >= 500) return new Busy(status, retryAfter(headers['retry-after']));
  const hint =
    status === 404
      ? 'Check that owner, repository and tag exist; a private one needs NEXO_GITHUB_TOKEN.'
      : status === 401 || status === 403
        ? 'Check NEXO_GITHUB_TOKEN: the server does not accept it, or it may not read this repository.'
        : undefined;
  return packError('Http', `${what}: the server answered with status ${status} (${at}).`, {
    ...(hint !== undefined && { hint }),
    data,
  });
}

/** `Retry-After` in milliseconds; the form with a date is rare, and an unreadable one says nothing. */
function retryAfter(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : undefined;
}

function gaveUp({ what, url }: Download, error: TransientFailure): Error {
  return packError('Http', `${what} could not be read from ${url.origin}: ${error.message}.`, {
    hint: 'Check the network and try again. Nothing was changed.',
    data: { url: `${url.origin}${url.pathname}` },
    cause: error,
  });
}
