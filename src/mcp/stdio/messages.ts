import { FAULT, isRecord, isTooDeep, META, MODERN_VERSIONS, ProtocolFault } from '../protocol.ts';
import type { RequestId } from './id-finder.ts';

/** One message of the client, checked as far as JSON-RPC goes. */
export type Message =
  | { readonly kind: 'request'; readonly id: RequestId; readonly method: string; readonly params: Params }
  | { readonly kind: 'notification'; readonly method: string; readonly params: Params }
  | { readonly kind: 'response'; readonly id: RequestId; readonly result: unknown }
  | { readonly kind: 'invalid'; readonly id: RequestId | null; readonly fault: ProtocolFault };

export type Params = Readonly<Record<string, unknown>>;

/** Reads one line; undefined for a blank one. Never throws: what cannot be read is a message of kind `invalid`. */
export function parseMessage(bytes: Buffer): Message | undefined {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return invalid(null, FAULT.parse, 'Parse error: the message is not UTF-8');
  }
  if (text.trim() === '') return undefined;
  if (isTooDeep(text))
    return invalid(null, FAULT.invalidRequest, 'Invalid request: the message is nested too deeply');
  try {
    return toMessage(JSON.parse(text));
  } catch {
    return invalid(null, FAULT.parse, 'Parse error: a message is one JSON object on one line');
  }
}

function toMessage(value: unknown): Message {
  if (Array.isArray(value))
    return invalid(null, FAULT.invalidRequest, 'Invalid request: send messages one by one');
  const id = isRecord(value) && isRequestId(value.id) ? value.id : null;
  if (!isRecord(value) || value.jsonrpc !== '2.0' || ('id' in value && id === null)) {
    return invalid(id, FAULT.invalidRequest, 'Invalid request: not a JSON-RPC 2.0 message');
  }
  const { method, params = {} } = value;
  if (method === undefined && id !== null) return { kind: 'response', id, result: value.result };
  if (typeof method !== 'string')
    return invalid(id, FAULT.invalidRequest, 'Invalid request: method must be a string');
  if (!isRecord(params)) return invalid(id, FAULT.invalidParams, 'Invalid params: params must be an object');
  return id === null ? { kind: 'notification', method, params } : { kind: 'request', id, method, params };
}

function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' || typeof value === 'number';
}

function invalid(id: RequestId | null, code: number, message: string): Message {
  return { kind: 'invalid', id, fault: new ProtocolFault(code, message) };
}

/**
 * True when the request is one of revision 2026-07-28, which names its revision in every request. Throws a
 * ProtocolFault when it names another, or leaves out what that revision asks for.
 */
export function isModernRequest(params: Params): boolean {
  const meta = params._meta;
  if (!isRecord(meta) || !(META.protocolVersion in meta)) return false;
  const requested = meta[META.protocolVersion];
  if (typeof requested !== 'string') throw badEnvelope(META.protocolVersion, 'must be a string');
  if (!MODERN_VERSIONS.some((version) => version === requested)) {
    throw new ProtocolFault(
      FAULT.unsupportedVersion,
      `Unsupported protocol version: ${requested.slice(0, 80)}`,
      {
        supported: MODERN_VERSIONS,
        requested,
      },
    );
  }
  if (!isRecord(meta[META.clientCapabilities]))
    throw badEnvelope(META.clientCapabilities, 'must be an object');
  const info = meta[META.clientInfo];
  if (
    info !== undefined &&
    !(isRecord(info) && typeof info.name === 'string' && typeof info.version === 'string')
  ) {
    throw badEnvelope(META.clientInfo, 'must have a name and a version');
  }
  return true;
}

function badEnvelope(key: string, problem: string): ProtocolFault {
  return new ProtocolFault(FAULT.invalidParams, `Invalid _meta: ${key} ${problem}`, { key });
}
