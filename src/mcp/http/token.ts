import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, linkSync, lstatSync, mkdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { nodeFileSystem, readRegularFile } from '../../base/durable-file.ts';
import { randomHex } from '../../base/ids.ts';
import { NexoError, systemErrorCode } from '../../errors.ts';

/** 256 bits. */
const TOKEN_BYTES = 32;

/** The same number of bits in the densest spelling that fits a header: 43 characters. */
const TOKEN = /^[A-Za-z0-9._~+/=-]{43,512}$/;

/** Default name of the file, below the operator's state folder. */
export const TOKEN_FILE_NAME = 'mcp-http-token';

/**
 * The token in `file`, made and stored there for the owner alone when there is no such file.
 * Throws HTTP_TOKEN_INVALID when the file is somebody else's, open to others or holds no token, PATH_NOT_A_FILE when
 * it is no plain file, IO_FAILED.
 */
export function loadToken(file: string): string {
  return readToken(file) ?? createToken(file);
}

/** Compares in constant time: digests have the same length whatever was sent. */
export function isSameToken(sent: string, token: string): boolean {
  return timingSafeEqual(digest(sent), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function readToken(file: string): string | undefined {
  const read = readRegularFile(nodeFileSystem, file, 4096);
  if (read === undefined) return undefined;
  const stat = lstatSync(file);
  if (process.getuid !== undefined && stat.uid !== process.getuid()) {
    throw unusable(file, 'belongs to another user', 'Choose another file with --token-file.');
  }
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
    throw unusable(file, 'can be read by others', `Run: chmod 600 ${file}`);
  }
  const token = read.bytes.toString('utf8').trim();
  if (TOKEN.test(token)) return token;
  throw unusable(file, 'holds no token of 256 bits', 'Delete it; the next start makes a new one.');
}

/** Written whole under another name first, then linked: two servers that start together end with one token. */
function createToken(file: string): string {
  const temporary = join(dirname(file), `.nexo-${randomHex()}.tmp`);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, `${randomBytes(TOKEN_BYTES).toString('base64url')}\n`, {
      flag: 'wx',
      mode: 0o600,
    });
    chmodSync(temporary, 0o600); // the umask may have taken the owner's own rights
    linkUnlessThere(temporary, file);
    unlinkSync(temporary);
  } catch (error) {
    throw new NexoError('IO_FAILED', `Could not store the token in ${file}.`, {
      hint: 'Check the folder and its permissions, or choose another file with --token-file.',
      data: { path: file, system: systemErrorCode(error) ?? 'unknown' },
      cause: error,
    });
  }
  const token = readToken(file);
  if (token === undefined) throw unusable(file, 'was removed while it was made', 'Start again.');
  return token;
}

function linkUnlessThere(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  }
}

function unusable(file: string, problem: string, hint: string): NexoError {
  return new NexoError('HTTP_TOKEN_INVALID', `The token file ${file} ${problem}.`, {
    hint,
    data: { path: file },
  });
}
