import type { Socket } from 'node:net';
import * as z from 'zod';

import { ERROR_CODES, NexoError } from '../errors.ts';

/** Counted up when a frame changes so that an older program would misread it. */
export const PROTOCOL_VERSION = 1;

/** Largest frame, in bytes. A longer one ends the connection. */
const MAX_FRAME_BYTES = 1024 * 1024;
const LENGTH_BYTES = 4;

export const RequestSchema = z.object({
  protocol: z.int(),
  id: z.int(),
  method: z.string().max(100),
  params: z.record(z.string(), z.unknown()).default({}),
});

const ErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
});

export const ResponseSchema = z.union([
  z.object({ id: z.int(), result: z.unknown() }),
  z.object({ id: z.int(), error: ErrorSchema }),
]);

/** A value as a frame: its length in bytes as four bytes, the highest first, and then the value as JSON. */
export function encodeFrame(value: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(value));
  if (body.length > MAX_FRAME_BYTES) throw new Error(`A frame of ${body.length} bytes is too long.`);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/**
 * Calls `onValue` with each value that comes in on the socket, in whatever pieces. `onFault` is told of bytes that are
 * no frames; the connection is of no use after that.
 */
export function readFrames(
  socket: Socket,
  onValue: (value: unknown) => void,
  onFault: (why: string) => void,
): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= LENGTH_BYTES) {
      const length = pending.readUInt32BE();
      if (length > MAX_FRAME_BYTES) return onFault(`a frame of ${length} bytes is too long`);
      if (pending.length < LENGTH_BYTES + length) return;
      const body = pending.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
      pending = Buffer.from(pending.subarray(LENGTH_BYTES + length));
      let value: unknown;
      try {
        value = JSON.parse(body.toString('utf8'));
      } catch {
        return onFault('a frame holds no JSON');
      }
      onValue(value);
    }
  });
}

/** An error as it crosses the socket. */
export function errorToWire(error: unknown): z.infer<typeof ErrorSchema> {
  if (!(error instanceof NexoError))
    return { code: 'UNEXPECTED', message: error instanceof Error ? error.message : String(error) };
  const { code, message, hint, data } = error;
  return {
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...(data !== undefined && { data: { ...data } }),
  };
}

/** The error in a document such as `--json` prints for a failure; undefined when it holds none. */
export function errorFromDocument(text: string): NexoError | undefined {
  try {
    const parsed = z.object({ error: ErrorSchema }).safeParse(JSON.parse(text));
    return parsed.success ? errorFromWire(parsed.data.error) : undefined;
  } catch {
    return undefined; // no JSON, or cut off in the middle
  }
}

/** The error on the other side, rebuilt; a code of a newer daemon that we do not know becomes an unexpected one. */
export function errorFromWire({ code, message, hint, data }: z.infer<typeof ErrorSchema>): NexoError {
  const known = ERROR_CODES.find((each) => each === code);
  return new NexoError(known ?? 'UNEXPECTED', message, {
    ...(hint !== undefined && { hint }),
    ...(data !== undefined && { data }),
  });
}
