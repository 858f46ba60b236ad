import type { NexoError } from '../errors.ts';

/** The words of the Model Context Protocol that both doors need. Source: modelcontextprotocol.io/specification. */

/** Revisions opened with `initialize`, newest first. */
export const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

/** Revisions without a handshake: every request names its own revision. */
export const MODERN_VERSIONS = ['2026-07-28'] as const;

/** Reserved `_meta` keys of revision 2026-07-28. */
export const META = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
  /** Ours, on every result: the project root that the answer is about. */
  workspace: 'nexo/workspace',
  /** Ours: why the answer shows less than is there. The contract's return values have no place for it. */
  warning: 'nexo/warning',
} as const;

/** Error numbers of JSON-RPC 2.0 and of the protocol. */
export const FAULT = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  unsupportedVersion: -32022,
} as const;

/** A request that is answered with a JSON-RPC error. `code` is the number on the wire; the SDK reads it the same way. */
export class ProtocolFault extends Error {
  override name = 'ProtocolFault';
  readonly code: number;
  readonly data: Readonly<Record<string, unknown>> | undefined;
  constructor(code: number, message: string, data?: Readonly<Record<string, unknown>>) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** A failure of the domain where the protocol has no place for an error result. */
export function domainFault({ code, message, hint }: NexoError): ProtocolFault {
  return new ProtocolFault(FAULT.internal, `${code}: ${message}${hint === undefined ? '' : ` ${hint}`}`, {
    code,
  });
}

/** Largest message that either door accepts, in bytes. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** Deepest nesting of arrays and objects in a message; ours need less than ten levels. */
export const MAX_MESSAGE_DEPTH = 64;

/** True when `json` nests deeper than the limit. Judges the text, so that no parser or schema recurses into it. */
export function isTooDeep(json: string): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const char = json.charCodeAt(at);
    if (char === QUOTE) {
      at = endOfString(json, at);
    } else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      depth += 1;
      if (depth > MAX_MESSAGE_DEPTH) return true;
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) {
      depth -= 1;
    }
  }
  return false;
}

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const BACKSLASH = 0x5c;

/** Index of the quote that ends the string which starts at `start`; the last index when none does. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return json.length;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Why the arguments of a tool call are refused before any tool sees them, the same through both doors: they are no
 * object, or hold a key that would reach into an object's prototype. Undefined when there is nothing to say.
 */
export function argumentsFault({
  arguments: input,
}: Readonly<Record<string, unknown>>): ProtocolFault | undefined {
  if (input === undefined) return undefined;
  if (!isRecord(input))
    return new ProtocolFault(FAULT.invalidParams, 'Invalid params: arguments must be an object');
  if (!Object.hasOwn(input, '__proto__')) return undefined;
  return new ProtocolFault(FAULT.invalidParams, 'Invalid params: arguments may not hold the key __proto__');
}
