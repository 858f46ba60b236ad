import { packError } from '../pack-error.ts';
import { cleanEntryPath } from './entry-path.ts';
import type { PlannedEntry } from './entry-plan.ts';
import { type ArchiveLimits, MAX_METADATA_BYTES } from './limits.ts';
import { assertOnlyComments, disallowed, type Overrides, readExtension } from './pax.ts';
import { BLOCK, corrupt, isZeroBlock, readHeader, type TarHeader, untilNul } from './tar-header.ts';

/** What the framing hands on. */
export interface FramingSink {
  /** An entry that is well formed; may throw to refuse it. */
  entry(entry: PlannedEntry): void;
  /** Bytes that passed: whole headers, whole extensions, pieces of contents. In order, without gaps. */
  pass(bytes: Buffer): void;
}

type State =
  | { readonly at: 'header' }
  /** Inside an extension header's body of `size` bytes. */
  | { readonly at: 'metadata'; readonly type: string; readonly size: number }
  | { readonly at: 'body'; left: number }
  /** Behind the first zero block. */
  | { readonly at: 'end'; zeroBlocks: number };

/** Writers fill the last record of an archive with zeros; records of more than a megabyte nobody writes. */
const MAX_END_BLOCKS = (1024 * 1024) / BLOCK;

/** Padding after the contents of a file and around the end of an archive, for each entry, in bytes. */
const OVERHEAD_PER_ENTRY = 4 * BLOCK;

/**
 * Follows the frame of a tar stream, block by block and strictly, and hands on only what has passed. The library that
 * parses behind it forgives what must not be forgiven: wrong checksums, missing ends, extensions that are malformed or
 * followed by nothing. Memory is bounded by one extension header.
 */
export class TarFraming {
  readonly #sink: FramingSink;
  readonly #maxBytes: number;
  #state: State = { at: 'header' };
  #held: Buffer = Buffer.alloc(0);
  #pending: Overrides | undefined;
  #bytes = 0;

  constructor(sink: FramingSink, limits: ArchiveLimits) {
    this.#sink = sink;
    this.#maxBytes = limits.maxTotalBytes + limits.maxEntries * OVERHEAD_PER_ENTRY;
  }

  /** Takes the next bytes. Throws PACK_ARCHIVE_DAMAGED, PACK_ARCHIVE_UNSAFE, PACK_TOO_LARGE or what the sink throws. */
  push(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes)
      throw packError('ExtractedTooLarge', `the archive unpacks to more than ${this.#maxBytes} bytes.`);
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#state.at === 'body') {
        const part = rest.subarray(0, this.#state.left);
        rest = rest.subarray(part.length);
        this.#state.left -= part.length;
        this.#sink.pass(part);
        if (this.#state.left === 0) this.#state = { at: 'header' };
        continue;
      }
      const unit = this.#state.at === 'metadata' ? padded(this.#state.size) : BLOCK;
      const missing = unit - this.#held.length;
      const part = rest.subarray(0, missing);
      rest = rest.subarray(part.length);
      this.#held = this.#held.length === 0 ? part : Buffer.concat([this.#held, part]);
      if (this.#held.length < unit) continue;
      const complete = this.#held;
      this.#held = Buffer.alloc(0);
      this.#take(complete);
    }
  }

  /** Throws PACK_ARCHIVE_DAMAGED unless the archive has come to its proper end. */
  end(): void {
    if (this.#state.at !== 'end' || this.#state.zeroBlocks < 2 || this.#held.length > 0)
      throw corrupt('has no proper end');
  }

  #take(unit: Buffer): void {
    const state = this.#state;
    if (state.at === 'metadata') {
      this.#state = { at: 'header' };
      this.#metadata(state.type, unit.subarray(0, state.size));
      this.#sink.pass(unit);
    } else if (isZeroBlock(unit)) {
      if (this.#pending !== undefined) throw corrupt('has an extension header with nothing after it');
      const zeroBlocks = state.at === 'end' ? state.zeroBlocks + 1 : 1;
      if (zeroBlocks > MAX_END_BLOCKS) throw corrupt('has more after its end');
      this.#state = { at: 'end', zeroBlocks };
      // Two are the end. The library takes longer for each one more that it is given.
      if (zeroBlocks <= 2) this.#sink.pass(unit);
    } else if (state.at === 'end') {
      throw corrupt('has more after its end');
    } else {
      this.#header(unit, readHeader(unit));
    }
  }

  #header(block: Buffer, header: TarHeader): void {
    const { type } = header;
    if (type === 'x' || type === 'g' || type === 'L') {
      if (header.size === 0 || header.size > MAX_METADATA_BYTES)
        throw corrupt(`has an extension header of ${header.size} bytes`);
      this.#state = { at: 'metadata', type, size: header.size };
      this.#sink.pass(block);
      return;
    }
    const name = this.#pending?.path ?? header.name;
    const size = this.#pending?.size ?? header.size;
    // Before POSIX a folder was a file whose name ends in a slash.
    const isFolder = type === '5' || ((type === '0' || type === '\0') && name.at(-1) === 0x2f);
    if (!isFolder && type !== '0' && type !== '\0')
      throw disallowed(TYPES[type] ?? 'something of an unknown type');
    if (isFolder && size !== 0) throw corrupt('has a folder with contents');
    this.#pending = undefined;
    const path = cleanEntryPath(name, isFolder);
    this.#sink.entry({ kind: isFolder ? 'folder' : 'file', path, size });
    if (size > 0) this.#state = { at: 'body', left: padded(size) };
    this.#sink.pass(block);
  }

  #metadata(type: string, body: Buffer): void {
    if (type === 'g') assertOnlyComments(body);
    else if (type === 'x') this.#pending = { ...this.#pending, ...readExtension(body) };
    else this.#pending = { ...this.#pending, path: untilNul(body) };
  }
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

const TYPES: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '6': 'a pipe',
  '7': 'a contiguous file',
  K: 'a link',
  S: 'a file with holes',
};
