import http from 'node:http';
import https from 'node:https';

import { systemErrorCode } from '../../errors.ts';
import { packError } from '../pack-error.ts';

/** Limits of one exchange, in milliseconds. */
export interface TimeLimits {
  /** Until the connection stands. */
  readonly connectMs: number;
  /** From the request to the headers of the answer. */
  readonly headersMs: number;
  /** Between two pieces of the answer. */
  readonly idleMs: number;
  /** The whole answer. */
  readonly totalMs: number;
}

export const TIME_LIMITS: TimeLimits = {
  connectMs: 10_000,
  headersMs: 30_000,
  idleMs: 30_000,
  totalMs: 600_000,
};

export interface Exchange {
  readonly url: URL;
  readonly method?: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly limits: TimeLimits;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** The body as it arrives. Ends with an error when it is shorter than announced, or too slow. */
  readonly body: AsyncIterable<Buffer>;
  /** Gives the connection up. */
  discard(): void;
}

/** The connection or the server failed in a way that another try may mend. */
export class TransientFailure extends Error {
  override name = 'TransientFailure';
  readonly system: string | undefined;
  constructor(message: string, options: { cause?: unknown; system?: string | undefined } = {}) {
    super(message, { cause: options.cause });
    this.system = options.system;
  }
}

/**
 * One request and its answer, over Node's own client: what arrives is what was sent, never decompressed on the way, and
 * a body that ends early is an error. Throws TransientFailure, or the reason of `signal`.
 */
export function exchange({ url, method = 'GET', headers, body, limits, signal }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const client = url.protocol === 'https:' ? https : http;
    const request = client.request(url, {
      method,
      // Each answer on a connection of its own: what a server sends after it can then mean nothing.
      agent: false,
      headers: { ...headers, 'accept-encoding': 'identity' },
      maxHeaderSize: 64 * 1024,
    });
    let timer: NodeJS.Timeout | undefined;
    const total = setTimeout(() => stop(tooSlow(limits.totalMs, 'did not send everything')), limits.totalMs);
    const arm = (ms: number, what: string): void => {
      clearTimeout(timer);
      timer = setTimeout(() => stop(tooSlow(ms, what)), ms);
    };
    const stop = (reason: Error): void => {
      request.destroy(reason);
    };
    const onAbort = (): void => stop(asError(signal.reason));
    const settle = (): void => {
      clearTimeout(timer);
      clearTimeout(total);
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort);
    arm(limits.connectMs, 'did not accept a connection');
    request.on('socket', (socket) => {
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () =>
        arm(limits.headersMs, 'did not answer'),
      );
    });
    request.on('error', (error) => {
      settle();
      reject(signal.aborted ? asError(signal.reason) : asTransient(error));
    });
    request.on('response', (response) => {
      arm(limits.idleMs, 'stopped sending');
      response.on('data', () => timer?.refresh());
      response.pause();
      response.on('close', settle);
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: pieces(response, signal),
        discard: () => {
          response.on('error', () => {});
          request.destroy();
        },
      });
    });
    request.end(body);
  });
}

async function* pieces(response: http.IncomingMessage, signal: AbortSignal): AsyncIterable<Buffer> {
  try {
    for await (const chunk of response) yield chunk as Buffer;
  } catch (error) {
    throw signal.aborted ? asError(signal.reason) : asTransient(error);
  }
  if (!response.complete) throw new TransientFailure('the answer ends early');
}

function tooSlow(ms: number, what: string): TransientFailure {
  return new TransientFailure(`it ${what} within ${ms / 1000} s`);
}

function asTransient(error: unknown): Error {
  if (error instanceof TransientFailure) return error;
  const system = systemErrorCode(error);
  const message = (system === undefined ? undefined : REASONS[system]) ?? asError(error).message;
  return new TransientFailure(message, { cause: error, system });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : packError('Io', String(reason));
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'it cut the connection',
  ENOTFOUND: 'its name cannot be found',
  EAI_AGAIN: 'names cannot be looked up right now',
  ETIMEDOUT: 'it does not answer',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no network',
  EPIPE: 'it cut the connection',
  HPE_INVALID_CONSTANT: 'its answer is not HTTP',
};
