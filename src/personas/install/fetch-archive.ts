import { createHash } from 'node:crypto';
import fs from 'node:fs';

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
    const descriptor = open(into);
    let bytes = 0;
    try {
      for await (const chunk of body) {
        hash.update(chunk);
        write(descriptor, chunk, into);
        bytes += chunk.length;
        onReceived(bytes, total);
      }
    } finally {
      fs.closeSync(descriptor);
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

function write(descriptor: number, chunk: Buffer, path: string): void {
  try {
    for (let at = 0; at < chunk.length; ) at += fs.writeSync(descriptor, chunk, at);
  } catch (error) {
    throw ioError(path, 'write', error);
  }
}
