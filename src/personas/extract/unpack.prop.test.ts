import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { gnuLongName, paxEntry, tarOf } from '../../../test/support/tar-bytes.ts';
import { NexoError } from '../../errors.ts';
import { PERSONA_LIMITS } from './limits.ts';
import { type Unpacked, unpackArchive } from './unpack.ts';

/** How many mutated archives; the whole sweep is asked for from outside. */
const RUNS = Number(process.env.PACK_FUZZ_RUNS ?? 100);

const TAR = tarOf([
  { path: 'persona.toml', body: 'id = 1\n' },
  { path: 'a/', type: '5' },
  { path: 'a/b', body: 'x'.repeat(700) },
  paxEntry({ path: `a/${'long'.repeat(40)}`, mtime: '1.5' }),
  { path: 'short', body: 'y' },
  gnuLongName(`c/${'gnu'.repeat(50)}`),
  { path: 'short', magic: 'ustar  \0', body: 'z' },
]);

const REFUSALS = new Set(['PACK_ARCHIVE_DAMAGED', 'PACK_ARCHIVE_UNSAFE', 'PACK_TOO_LARGE']);

async function unpack(bytes: Buffer): Promise<{ outcome: Unpacked | NexoError; base: string }> {
  const base = mkdtempSync(join(tmpdir(), 'fuzz-'));
  const into = join(base, 'x', 'y', 'z', 'tree');
  mkdirSync(into, { recursive: true });
  const archive = join(base, 'pack.tar.gz');
  writeFileSync(archive, bytes);
  try {
    const signal = new AbortController().signal;
    const options = { archive, name: 'pack', into, limits: PERSONA_LIMITS, isProgram: () => false, signal };
    return { outcome: await unpackArchive(options), base };
  } catch (error) {
    if (error instanceof NexoError) return { outcome: error, base };
    throw error;
  }
}

/** Nothing beside the folder that is unpacked into. */
function assertContained(base: string): void {
  const names = ['', 'x', 'x/y', 'x/y/z'].map((folder) => readdirSync(join(base, folder)).sort());
  expect(names).toEqual([['pack.tar.gz', 'x'], ['y'], ['z'], ['tree']]);
}

const place = fc.nat(TAR.length - 1);
const mutation = fc.oneof(
  fc.record({ at: place, byte: fc.nat(255) }).map(({ at, byte }) => (tar: Buffer): Buffer => {
    if (at < tar.length) tar[at] = byte;
    return tar;
  }),
  fc
    .record({
      at: place,
      text: fc.constantFrom('../', '/', '\\', '\0', '\u0000\u0000ustar', '7777777', '-1'),
    })
    .map(({ at, text }) => (tar: Buffer): Buffer => {
      tar.write(text, Math.min(at, tar.length), 'latin1');
      return tar;
    }),
  fc.record({ from: place, length: fc.nat(1024) }).map(
    ({ from, length }) =>
      (tar: Buffer): Buffer =>
        Buffer.concat([tar.subarray(0, from), tar.subarray(from + length)]),
  ),
  fc.record({ from: place, to: place }).map(({ from, to }) => (tar: Buffer): Buffer => {
    const block = 512;
    const start = Math.min(Math.floor(from / block) * block, tar.length - 1);
    tar.copy(tar, Math.min(Math.floor(to / block) * block, tar.length - 1), start, start + block);
    return tar;
  }),
);

/** Puts the checksums of all headers right, so that what lies behind them is reached as well. */
function withChecksums(tar: Buffer): Buffer {
  for (let at = 0; at + 512 <= tar.length; at += 512) {
    const block = tar.subarray(at, at + 512);
    if (block.toString('latin1', 257, 262) !== 'ustar') continue;
    block.fill(' ', 148, 156, 'latin1');
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  }
  return tar;
}

describe('a mutated archive', () => {
  it('is unpacked inside of its folder, or refused', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (mutations, repair) => {
          const mutated = mutations.reduce<Buffer>((tar, mutate) => mutate(tar), Buffer.from(TAR));
          const { outcome, base } = await unpack(gzipSync(repair ? withChecksums(mutated) : mutated));
          if (outcome instanceof NexoError) expect(REFUSALS).toContain(outcome.code);
          assertContained(base);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it('whose compressed bytes are mutated is never unpacked as something else', async () => {
    const bytes = gzipSync(TAR);
    const { outcome: whole } = await unpack(bytes);
    const original = whole instanceof NexoError ? undefined : whole.files;
    expect(original).toHaveLength(4);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const mutated = Buffer.from(bytes);
        mutated[at] = (mutated[at] ?? 0) ^ change;
        const { outcome, base } = await unpack(mutated);
        if (outcome instanceof NexoError) expect(REFUSALS).toContain(outcome.code);
        // Times and systems in the header of gzip mean nothing, nor do the bits that fill its last byte.
        else expect(outcome.files).toEqual(original);
        assertContained(base);
      }),
      { numRuns: RUNS },
    );
  });
});
