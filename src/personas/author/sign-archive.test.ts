import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { writePack } from '../../../test/support/persona-pack.ts';
import { createSigningAuthority, type SigningAuthority } from '../../../test/support/signing-authority.ts';
import { parseCoordinates } from '../install/coordinates.ts';
import { readBundle } from '../trust/signing-material.ts';
import { verifySignature } from '../trust/verify-signature.ts';
import { packRelease } from './release-assets.ts';
import { signArchive } from './sign-archive.ts';

const ISSUER = 'https://issuer.example';
const SUBJECT = 'https://github.com/acme/persona-cody/.github/workflows/release.yml@refs/tags/v0.1.0';

let authority: SigningAuthority;
let server: Server;
let url = '';

beforeAll(async () => {
  authority = await createSigningAuthority();
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const service = authority.services.find(({ path }) => path === request.url);
      if (service === undefined) {
        response.writeHead(404).end();
        return;
      }
      void service.fn(Buffer.concat(chunks).toString('utf8')).then((answer) => {
        response.writeHead(answer.statusCode, { 'content-type': answer.contentType ?? 'text/plain' });
        response.end(asBytes(answer.response));
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
});

/** A timestamp comes as the bytes of a buffer, everything else as text. */
function asBytes(answer: unknown): string | Buffer {
  if (typeof answer === 'string') return answer;
  if (ArrayBuffer.isView(answer)) return Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
  return Buffer.from(answer as ArrayBuffer);
}

function tokenFile(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'token-')), 'token');
  writeFileSync(file, text);
  return file;
}

function token(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ iss: ISSUER, sub: SUBJECT })}.sig`;
}

const services = () => ({ identityTokenFile: tokenFile(token()), fulcioUrl: url, rekorUrl: url });

describe('a signed release', () => {
  it('is one that an operator who trusts its workflow can verify', async () => {
    const { archive, sha256, signed } = await packRelease({
      dir: writePack(),
      out: mkdtempSync(join(tmpdir(), 'out-')),
      layout: 'flat',
      target: 'noarch',
      sign: (bytes) => signArchive(bytes, services()),
    });
    expect(signed).toBe(true);
    const bundle = readBundle(readFileSync(`${archive}.sigstore.json`), Buffer.from(sha256, 'hex'));
    const request = {
      archive,
      sha256,
      bundle,
      root: TrustedRoot.fromJSON(JSON.parse(authority.trustedRoot)),
      coordinates: parseCoordinates('acme/persona-cody'),
    };
    const author = {
      owner: 'acme',
      identity: /^https:\/\/github\.com\/acme\/.*$/,
      issuer: ISSUER,
      mode: undefined,
    };
    expect(verifySignature({ ...request, author })).toMatchObject({ identity: SUBJECT, issuer: ISSUER });
    const stranger = { ...author, identity: /^https:\/\/github\.com\/other\/.*$/ };
    expect(() => verifySignature({ ...request, author: stranger })).toThrow();
    writeFileSync(archive, 'other bytes');
    const other = createHash('sha256').update('other bytes').digest('hex');
    expect(() => verifySignature({ ...request, sha256: other, author })).toThrow(/other bytes/);
  });

  it('may have its time from a timestamp authority, and then from one that is trusted', async () => {
    const bytes = Buffer.from('an archive');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const archive = join(mkdtempSync(join(tmpdir(), 'timed-')), 'a.tar.gz');
    writeFileSync(archive, bytes);
    const text = await signArchive(bytes, { ...services(), tsaUrl: url });
    const bundle = readBundle(Buffer.from(text), Buffer.from(sha256, 'hex'));
    expect(bundle.verificationMaterial.timestampVerificationData?.rfc3161Timestamps).toHaveLength(1);
    const author = { owner: 'acme', identity: /^https:.*$/, issuer: ISSUER, mode: undefined };
    const coordinates = parseCoordinates('acme/persona-cody');
    const verify = (root: string, signed = bundle) =>
      verifySignature({
        archive,
        sha256,
        bundle: signed,
        root: TrustedRoot.fromJSON(JSON.parse(root)),
        author,
        coordinates,
      });
    expect(verify(authority.trustedRoot)).toMatchObject({ identity: SUBJECT });

    // Another authority of the same name, in a root that is the same otherwise.
    const stranger = await createSigningAuthority();
    const mixed = {
      ...JSON.parse(authority.trustedRoot),
      timestampAuthorities: JSON.parse(stranger.trustedRoot).timestampAuthorities,
    };
    expect(() => verify(JSON.stringify(mixed))).toThrow(
      expect.objectContaining({ data: expect.objectContaining({ kind: 'TimestampMissing' }) }),
    );

    // A time that was given to another signature.
    const other = JSON.parse(await signArchive(Buffer.from('other'), { ...services(), tsaUrl: url }));
    const swapped = JSON.parse(text);
    swapped.verificationMaterial.timestampVerificationData =
      other.verificationMaterial.timestampVerificationData;
    const moved = readBundle(Buffer.from(JSON.stringify(swapped)), Buffer.from(sha256, 'hex'));
    expect(() => verify(authority.trustedRoot, moved)).toThrow();
  });

  it('is not made without a token, and no message shows one', async () => {
    const secret = token();
    await expect(
      signArchive(Buffer.from('x'), { ...services(), identityTokenFile: '/not/there' }),
    ).rejects.toThrow(/cannot be read: ENOENT/);
    await expect(
      signArchive(Buffer.from('x'), { ...services(), identityTokenFile: tokenFile('no token') }),
    ).rejects.toThrow(/holds no identity token/);
    const refused = { identityTokenFile: tokenFile(secret), fulcioUrl: `${url}/nowhere`, rekorUrl: url };
    const error = await signArchive(Buffer.from('x'), refused).catch((each: unknown) => each);
    expect(error).toMatchObject({ code: 'PACK_SIGNATURE_INVALID' });
    expect(String(error)).not.toContain(secret);
  });
});
