import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { isSameToken, loadToken } from './token.ts';

let file: string;

beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'token-')), 'state', 'mcp-http-token');
});

const code = (problem: string) => expect.objectContaining({ code: problem });

describe('loadToken', () => {
  it('makes a token of 256 bits for the owner alone, and keeps it', () => {
    const token = loadToken(file);
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(loadToken(file)).toBe(token);
    expect(readFileSync(file, 'utf8')).toBe(`${token}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700);
    expect(readdirSync(dirname(file))).toEqual(['mcp-http-token']);
  });

  it('makes another one each time', () => {
    expect(loadToken(file)).not.toBe(loadToken(`${file}-2`));
  });

  it('refuses a file that others can read, that is a link or that holds no token', () => {
    loadToken(file);
    symlinkSync(file, `${file}-link`);
    expect(() => loadToken(`${file}-link`)).toThrow(code('PATH_NOT_A_FILE'));
    chmodSync(file, 0o640);
    expect(() => loadToken(file)).toThrow(code('HTTP_TOKEN_INVALID'));
    for (const [at, text] of [
      '',
      'short',
      `${'x'.repeat(43)} ${'y'.repeat(43)}`,
      'x'.repeat(600),
    ].entries()) {
      writeFileSync(`${file}-${at}`, text, { mode: 0o600 });
      expect(() => loadToken(`${file}-${at}`)).toThrow(code('HTTP_TOKEN_INVALID'));
    }
  });

  it('takes a token that the operator made', () => {
    const token = 'a'.repeat(64);
    writeFileSync(join(dirname(dirname(file)), 'own'), `  ${token}\n`, { mode: 0o600 });
    expect(loadToken(join(dirname(dirname(file)), 'own'))).toBe(token);
  });
});

describe('isSameToken', () => {
  it('compares texts of any length', () => {
    expect(isSameToken('abc', 'abc')).toBe(true);
    expect(isSameToken('abd', 'abc')).toBe(false);
    expect(isSameToken('', 'abc')).toBe(false);
    expect(isSameToken('x'.repeat(100_000), 'abc')).toBe(false);
  });
});
