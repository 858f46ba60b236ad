import { readSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';

import { systemErrorCode } from '../errors.ts';
import type { HookOutput } from './contract.ts';
import { runHookDoor } from './hook-door.ts';

/** Largest payload that is read, in bytes: a whole file may be in it. */
const MAX_PAYLOAD_BYTES = 32 * 1024 * 1024;

/**
 * `nexo hook <event> --harness <name>`, past the command line's parser: this process stands in front of every tool
 * call of every agent. Reads the payload, answers, and returns the exit code that the harness reads.
 */
export async function runHookProcess(argv: readonly string[]): Promise<number> {
  const output = await runHookDoor({
    argv,
    payload: readPayload(),
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
  });
  return finish(output);
}

/** Standard input whole, or undefined when it is larger than a hook reads. A closed one is an empty payload. */
function readPayload(): Buffer | undefined {
  const chunks: Buffer[] = [];
  const chunk = Buffer.alloc(65_536);
  let total = 0;
  for (;;) {
    const length = readChunk(chunk);
    if (length === 0) return Buffer.concat(chunks);
    total += length;
    if (total > MAX_PAYLOAD_BYTES) return undefined;
    chunks.push(Buffer.from(chunk.subarray(0, length)));
  }
}

function readChunk(chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(0, chunk);
    } catch (error) {
      const code = systemErrorCode(error);
      // A pipe that somebody set to non-blocking: the harness is still writing.
      if (code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      else return 0;
    }
  }
}

function finish({ stdout, stderr, exitCode }: HookOutput): number {
  write(2, stderr);
  // An answer that cannot be delivered must not read as consent: with code 2 nothing on standard output is needed.
  return write(1, stdout) ? exitCode : exitCode === 0 ? 0 : 2;
}

function write(descriptor: 1 | 2, text: string): boolean {
  const bytes = Buffer.from(text);
  try {
    for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    return true;
  } catch {
    // The harness has gone, or closed this stream.
    return false;
  }
}
