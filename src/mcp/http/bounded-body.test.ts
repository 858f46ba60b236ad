import { describe, expect, it } from 'vitest';

import { boundResponse } from './bounded-body.ts';

/** A source that can be fed by hand, and tells whether its reader gave up. */
function source() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const cancelled = Promise.withResolvers<void>();
  const stream = new ReadableStream<Uint8Array>({
    start(own) {
      controller = own;
    },
    cancel: () => cancelled.resolve(),
  });
  return {
    response: new Response(stream, { status: 200, headers: { 'content-type': 'text/event-stream' } }),
    write: (text: string) => controller?.enqueue(Buffer.from(text)),
    end: () => controller?.close(),
    cancelled: cancelled.promise,
  };
}

describe('boundResponse', () => {
  it('hands on what a reading client gets, however much that is, and the head as it was', async () => {
    const { response, write, end } = source();
    const bound = boundResponse(response, 10);
    expect([bound.status, bound.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    const reader = bound.body?.getReader();
    for (let n = 0; n < 20; n += 1) {
      write('0123456789abcdef');
      expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('0123456789abcdef');
    }
    end();
    expect((await reader?.read())?.done).toBe(true);
  });

  it('lets one event be larger than the limit', async () => {
    const { response, write, end } = source();
    write('x'.repeat(1000));
    end();
    expect(await boundResponse(response, 10).text()).toHaveLength(1000);
  });

  it('ends the stream of a client that does not read, and lets go of the source', async () => {
    const { response, write, cancelled } = source();
    const bound = boundResponse(response, 10);
    write('0123456789');
    write('one too many');
    await cancelled;
    await expect(bound.text()).rejects.toThrow('does not read');
  });

  it('lets go of the source when the client leaves', async () => {
    const { response, cancelled } = source();
    await boundResponse(response, 10).body?.cancel();
    await cancelled;
  });
});
