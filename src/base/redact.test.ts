import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createRedactor, isSecretName } from './redact.ts';

const shapes = createRedactor();

/** Put together here, so that no scanner takes this file for a leak. */
const long = 'Zx9'.repeat(14);

describe('tokens by their shape', () => {
  it.each([
    ['a bearer header', `Authorization: Bearer ${long}`, 'Authorization: Bearer [redacted]'],
    ['a basic header', `authorization: Basic dXNlcjpwYXNz`, 'authorization: Basic [redacted]'],
    ['an address with a password', 'https://me:pa55@host/x', 'https://me:[redacted]@host/x'],
    ['a query', `https://host/x?token=${long}&page=2`, 'https://host/x?token=[redacted]&page=2'],
    ['an environment line', `MY_API_KEY=${long} next`, 'MY_API_KEY=[redacted] next'],
    ['a model key', `key sk-ant-${long} end`, 'key [redacted] end'],
    ['a payment key', `sk_live_${long}`, '[redacted]'],
    ['GitHub tokens', `ghp_${long} github_pat_${long}`, '[redacted] [redacted]'],
    ['a GitLab token', `glpat-${long}`, '[redacted]'],
    ['an npm token', `npm_${long}`, '[redacted]'],
    ['a Hugging Face token', `hf_${long}`, '[redacted]'],
    ['a Slack token', `xoxb-${long}`, '[redacted]'],
    ['an AWS key id', `id AKIA${'ABCD'.repeat(4)}.`, 'id [redacted].'],
    ['a Google key', `AIza${'a'.repeat(35)}`, '[redacted]'],
    ['a JWT', `x eyJ${long}.eyJ${long}.${long} y`, 'x [redacted] y'],
    [
      'a private key',
      `a -----BEGIN RSA PRIVATE KEY-----\n${long}\n-----END RSA PRIVATE KEY----- b`,
      'a [redacted] b',
    ],
    ['half a private key', `a -----BEGIN PRIVATE KEY-----\n${long}`, 'a [redacted]'],
  ])('%s', (_, text, expected) => {
    expect(shapes(text)).toBe(expected);
  });

  it.each([
    'the bearer of news',
    'basic understanding of tokens',
    'risk-averse-and-task-oriented-approach',
    'commit 1234567890abcdef1234567890abcdef12345678',
    'https://host:8080/path?page=2',
    'sha256-0123456789abcdef',
    'the token is expired',
    'ask-me-anything-you-like-today',
  ])('leaves ordinary text alone: %s', (text) => {
    expect(shapes(text)).toBe(text);
  });

  it('is linear: hostile text of a megabyte takes no longer than ordinary text', () => {
    const hostile = [
      'eyJ',
      'sk-',
      'Bearer ',
      '://',
      '-----BEGIN PRIVATE KEY-----',
      'token=',
      'authorization: ',
      '://a:',
    ];
    for (const word of hostile) expect(typeof shapes(word.repeat(1_000_000 / word.length))).toBe('string');
  });
});

describe('known secrets', () => {
  const secret = 'pä55 "w\\rd"/+?';
  const redact = createRedactor([secret]);

  it.each([
    ['plain', secret],
    ['JSON', JSON.stringify({ secret })],
    ['JSON in JSON', JSON.stringify(JSON.stringify({ secret }))],
    ['URL', encodeURIComponent(secret)],
    ['URL in lower case', encodeURIComponent(secret).replace(/%../g, (hex) => hex.toLowerCase())],
    ['form', new URLSearchParams({ a: secret }).toString()],
    ['hex', Buffer.from(secret).toString('hex')],
    ['base64', Buffer.from(secret).toString('base64')],
    ['base64url', Buffer.from(secret).toString('base64url')],
  ])('are removed as %s', (_, text) => {
    const clean = redact(`before ${text} after`);
    expect(clean).toMatch(/^before .*\[redacted\].* after$/);
    expect(clean).not.toContain('55');
  });

  it('are removed in any encoding at any place', () => {
    const text = fc.string({ minLength: 8, maxLength: 60, unit: 'binary' });
    const encode = fc.constantFrom(
      (s: string) => s,
      (s: string) => JSON.stringify(s),
      (s: string) => encodeURIComponent(s),
      (s: string) => Buffer.from(s).toString('hex'),
    );
    fc.assert(
      fc.property(text, encode, fc.string(), fc.string(), (value, encoded, before, after) => {
        const clean = createRedactor([value])(`${before}|${encoded(value)}|${after}`);
        expect(clean).toContain('[redacted]');
        // Unless it was there without us, or is part of what stands for it.
        fc.pre(!`${before}||${after}[redacted]`.includes(value));
        expect(clean).not.toContain(encoded(value));
      }),
    );
  });

  it('are removed from base64 of a longer text, whatever stands around them', () => {
    const ascii = fc.string({ minLength: 12, maxLength: 40 });
    fc.assert(
      fc.property(ascii, fc.string(), fc.string(), (value, before, after) => {
        const text = Buffer.from(`${before}${value}${after}`).toString('base64');
        const clean = createRedactor([value])(text);
        const left = Buffer.from(clean.replaceAll('[redacted]', '.'), 'base64').toString();
        expect(clean).toContain('[redacted]');
        fc.pre(!`${before}${after}`.includes(value));
        expect(left).not.toContain(value);
      }),
    );
  });

  it('are removed whole when one is part of another', () => {
    expect(createRedactor(['abcd', 'abcdefgh'])('x abcdefgh y abcd z')).toBe('x [redacted] y [redacted] z');
  });

  it('do not match as patterns, and too short ones are left alone', () => {
    expect(createRedactor(['a.*b', ''])('axxb a.*b')).toBe('axxb [redacted]');
    expect(createRedactor(['abc', 'a'])('abc')).toBe('abc');
  });
});

describe('isSecretName', () => {
  it.each([
    'password',
    'dbPassword',
    'API_KEY',
    'api-key',
    'accessToken',
    'Authorization',
    'set-cookie',
    'clientSecret',
  ])('takes %s for one', (name) => expect(isSecretName(name)).toBe(true));
  it.each(['maxTokens', 'tokens', 'passwordless', 'key', 'monkey', 'title', 'secretary'])(
    'does not take %s for one',
    (name) => expect(isSecretName(name)).toBe(false),
  );
});
