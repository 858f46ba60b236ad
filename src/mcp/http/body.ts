import { FAULT, isTooDeep, MAX_MESSAGE_BYTES } from '../protocol.ts';

/** The JSON of a request's body, or why there is none. */
export type JsonBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly status: 400 | 413; readonly code: number; readonly message: string };

/** Reads the body up to the size limit and parses it. Rejects only when the connection breaks. */
export async function readJsonBody(request: Request, maxBytes = MAX_MESSAGE_BYTES): Promise<JsonBody> {
  const bytes = await readUpTo(request, maxBytes);
  if (bytes === undefined) return refused(413, FAULT.invalidRequest, `at most ${maxBytes} bytes are taken`);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (isTooDeep(text)) return refused(400, FAULT.invalidRequest, 'the message is nested too deeply');
    return { kind: 'json', value: JSON.parse(text) };
  } catch {
    return refused(400, FAULT.parse, 'the body is not JSON in UTF-8');
  }
}

function refused(status: 400 | 413, code: number, reason: string): JsonBody {
  return {
    kind: 'refused',
    status,
    code,
    message: `${status === 413 ? 'Payload too large' : 'Bad request'}: ${reason}`,
  };
}

async function readUpTo(request: Request, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return undefined;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
