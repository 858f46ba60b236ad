import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { promisify } from 'node:util';

import { ioError } from '../../base/file-errors.ts';
import { packError } from '../pack-error.ts';
import { download, type HttpWorld } from './http-client.ts';
import type { Asset } from './release.ts';

export interface FetchedArchive {
  readonly sha256: string;
  readonly bytes: number;
}

/** Told while an archive arrives; `total` is undefined when the server does not say. */
export type OnReceived = (received: number, total: number | undefined) => void;

/**
 * Downloads an archive into a new file, with a running digest. Refused before the first byte when it is announced as too
 * large, and in the middle when it turns out so. Throws PACK_TOO_LARGE, PACK_DOWNLOAD_FAILED, IO_FAILED.
 */
export async function fetchArchive(
  world: HttpWorld,
  asset: Asset,
  { into, maxBytes, onReceived }: { into: string; maxBytes: number; onReceived: OnReceived },
): Promise<FetchedArchive> {
  if (asset.size > maxBytes)
    throw packError(
      'TarballTooLarge',
      `${asset.name} has ${asset.size} bytes; at most ${maxBytes} are read.`,
    );
  const request = {
    url: asset.url,
    what: asset.name,
    accept: asset.accept,
    maxBytes,
    tooLarge: 'TarballTooLarge' as const,
  };
  return download(world, request, async (body, announced) => {
    const total = announced ?? (asset.size > 0 ? asset.size : undefined);
    const hash = createHash('sha256');
    const file = new BatchedFile(into);
    let bytes = 0;
    try {
      for await (const chunk of body) {
        hash.update(chunk);
        await file.write(chunk);
        bytes += chunk.length;
        onReceived(bytes, total);
      }
      await file.end();
    } finally {
      await file.close();
    }
    return { sha256: hash.digest('hex'), bytes };
  });
}

/** Anew for each try: what a try that broke off has left is no part of the next. */
function open(path: string): number {
  try {
    fs.rmSync(path, { force: true });
    return fs.openSync(path, 'wx', 0o600);
  } catch (error) {
    throw ioError(path, 'write', error);
  }
}

/** Written at a time, in bytes. */
const BATCH_BYTES = 1024 * 1024;

/** Gathers pieces, and writes each batch while the next one arrives. Holds two batches at most. */
class BatchedFile {
  readonly #path: string;
  readonly #descriptor: number;
  #batch: Buffer[] = [];
  #bytes = 0;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
    this.#descriptor = open(path);
  }

  async write(chunk: Buffer): Promise<void> {
    this.#batch.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= BATCH_BYTES) await this.#next();
  }

  /** Throws IO_FAILED unless everything has been written. */
  async end(): Promise<void> {
    await this.#next();
    throwFault(await this.#writing);
  }

  async close(): Promise<void> {
    await this.#writing;
    fs.closeSync(this.#descriptor);
  }

  async #next(): Promise<void> {
    throwFault(await this.#writing);
    const batch = this.#batch;
    this.#batch = [];
    this.#bytes = 0;
    // Settles with the fault, so that it is never one that nobody waits for.
    this.#writing = writeAll(this.#descriptor, batch).catch((error: unknown) =>
      ioError(this.#path, 'write', error),
    );
  }
}

function throwFault(fault: unknown): void {
  if (fault !== undefined) throw fault;
}

async function writeAll(descriptor: number, batch: readonly Buffer[]): Promise<void> {
  const writev = promisify(fs.writev);
  let rest = [...batch];
  while (rest.length > 0) {
    let { bytesWritten: left } = await writev(descriptor, rest);
    rest = rest.flatMap((chunk) => {
      const part = chunk.subarray(Math.min(left, chunk.length));
      left -= chunk.length - part.length;
      return part.length === 0 ? [] : [part];
    });
  }
}
