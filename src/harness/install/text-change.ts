import { createHash } from 'node:crypto';

/** How to get from a changed text back to the one before: one region and what stood there. */
export interface Reversal {
  readonly offset: number;
  readonly length: number;
  readonly content: string;
}

/** The smallest region that two texts differ in, as the way back from `after` to `before`. */
export function reversalOf(before: string, after: string): Reversal {
  const shortest = Math.min(before.length, after.length);
  let prefix = 0;
  while (prefix < shortest && before[prefix] === after[prefix]) prefix += 1;
  let suffix = 0;
  while (suffix < shortest - prefix && before.at(-1 - suffix) === after.at(-1 - suffix)) suffix += 1;
  return {
    offset: prefix,
    length: after.length - prefix - suffix,
    content: before.slice(prefix, before.length - suffix),
  };
}

export function reverse(after: string, { offset, length, content }: Reversal): string {
  return after.slice(0, offset) + content + after.slice(offset + length);
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
