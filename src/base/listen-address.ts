import { isIPv4, isIPv6 } from 'node:net';
import { hostname as machineName, networkInterfaces } from 'node:os';

import { NexoError } from '../errors.ts';

/** Where the endpoint listens. Port 0 lets the system choose. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export const DEFAULT_LISTEN_ADDRESS: ListenAddress = { host: '127.0.0.1', port: 0 };

/**
 * Reads `host:port`, `host`, `:port` or `port`; an IPv6 address with a port stands in brackets. What is left out is
 * the default, the loopback address and any free port. Throws USAGE.
 */
export function parseListenAddress(text: string): ListenAddress {
  const { host, port } = splitAddress(text) ?? {};
  const number = Number(port || DEFAULT_LISTEN_ADDRESS.port);
  if (host !== undefined && number <= 65535)
    return { host: host || DEFAULT_LISTEN_ADDRESS.host, port: number };
  throw new NexoError('USAGE', `"${text.slice(0, 80)}" is no address to listen on.`, {
    hint: 'Give host:port, for example 127.0.0.1:7331 or [::1]:7331.',
  });
}

/** The two halves as written, empty where one is left out; undefined when it cannot be an address. */
function splitAddress(text: string): { host: string; port: string } | undefined {
  if (isIPv6(text)) return { host: text, port: '' };
  if (/^\d+$/.test(text)) return { host: '', port: text };
  const [, inner, name = '', port = ''] = /^(?:\[([^\]]+)\]|([A-Za-z0-9.-]*))(?::(\d+))?$/.exec(text) ?? [];
  if (inner !== undefined) return isIPv6(inner) ? { host: inner, port } : undefined;
  return name === '' && port === '' ? undefined : { host: name, port };
}

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/**
 * Every value of the `Host` header that means this server, in lower case. `bound` is the address that the system gave
 * for the host, `more` are names given by the operator.
 */
export function hostHeaders(
  { host, port }: ListenAddress,
  bound: string,
  more: readonly string[] = [],
): ReadonlySet<string> {
  const names = [...namesOf(host, bound).map(inBrackets), ...more].map((name) => name.toLowerCase());
  const withPort = names.map((name) => `${name}:${port}`);
  return new Set(port === 80 ? [...withPort, ...names] : withPort);
}

/** Authority of a URL that reaches the server from this machine. */
export function authority({ host, port }: ListenAddress): string {
  if (host === '0.0.0.0') return `127.0.0.1:${port}`;
  return `${inBrackets(host === '::' ? '::1' : host)}:${port}`;
}

function namesOf(host: string, bound: string): string[] {
  if (isLoopback(host)) return [host, bound, 'localhost'];
  if (host !== '0.0.0.0' && host !== '::') return [host, bound];
  const addresses = Object.values(networkInterfaces()).flatMap(
    (each) => each?.map(({ address }) => address) ?? [],
  );
  return ['localhost', machineName(), ...addresses];
}

function inBrackets(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
