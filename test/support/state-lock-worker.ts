/**
 * Takes a lock and does as it is told, one line at a time, while it holds it. Every answer is one line.
 *   hold <path> <timeoutMs>            "held", then for each line read: `assert` → "fine" or a code; `release` → "released"
 *   count <path> <file> <times>        adds one to the number in the file, so many times, each under the lock → "done"
 */
import { readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';

import { type HeldLock, withLock } from '../../src/base/lock.ts';
import { NexoError } from '../../src/errors.ts';

const [job = '', path = '', ...rest] = process.argv.slice(2);

/** Straight to the pipe: nothing may wait for the event loop while the lock is held. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

function readLineNow(): string {
  const bytes: number[] = [];
  const one = Buffer.alloc(1);
  while (readSync(0, one, 0, 1, null) === 1 && one[0] !== 10) bytes.push(one[0] ?? 0);
  return Buffer.from(bytes).toString();
}

function hold(lock: HeldLock): void {
  say('held');
  for (let line = readLineNow(); line === 'assert'; line = readLineNow()) {
    try {
      lock.assertHeld();
      say('fine');
    } catch (error) {
      say(codeOf(error));
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof NexoError ? `${error.code} ${JSON.stringify(error.data)}` : String(error);
}

try {
  if (job === 'hold') {
    await withLock(path, hold, { timeoutMs: Number(rest[0]) });
    say('released');
  } else {
    const [file = '', times] = rest;
    for (let n = 0; n < Number(times); n += 1) {
      await withLock(path, () => writeFileSync(file, String(Number(readFileSync(file, 'utf8')) + 1)));
    }
    say('done');
  }
} catch (error) {
  say(codeOf(error));
}
