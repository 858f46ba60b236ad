/** What one client may leave unread of an event stream, in bytes. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/**
 * The response with a limit on what waits for a client that does not read. The SDK's event streams queue without one.
 * A client over the limit loses its stream: it is told nothing more and may open another; nobody else notices.
 */
export function boundResponse(response: Response, maxBytes = MAX_UNREAD_BYTES): Response {
  if (response.body === null) return response;
  return new Response(boundStream(response.body, maxBytes), response);
}

function boundStream(source: ReadableStream<Uint8Array>, maxBytes: number): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  const pump = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      // One event may be larger than the limit; it is what comes on top of a full queue that is refused.
      if ((controller.desiredSize ?? 0) <= 0) throw new Error('The client does not read its event stream');
      controller.enqueue(value);
    }
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // Reads ahead of the client on purpose: only so is it known how much waits.
        pump(controller)
          .catch((error: unknown) => {
            controller.error(error);
            return reader.cancel(error);
          })
          .catch(() => undefined); // the source is closed already
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: maxBytes, size: (chunk) => chunk?.byteLength ?? 0 },
  );
}
