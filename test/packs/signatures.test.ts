import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { type FakeAsset, type FakeReleases, releaseOf, startFakeReleases } from '../support/fake-releases.ts';
import { type PackedSample, samplePack } from '../support/sample-pack.ts';
import {
  createSigningAuthority,
  type Signed,
  type SigningAuthority,
  type SignOptions,
} from '../support/signing-authority.ts';
import { createKit, installIn, type Kit, kindOfRefusal, treeWithHashes } from './install-kit.ts';

const WORKFLOW = 'https://github.com/acme/persona-cody/.github/workflows/release.yml';
const identityOf = (version: string, workflow = WORKFLOW): string => `${workflow}@refs/tags/v${version}`;
const REGEXP = String.raw`https://github\.com/acme/persona-[a-z]+/\.github/workflows/release\.yml@refs/tags/v.*`;
const ARCHIVE = 'cody-0.2.0-noarch.tar.gz';

let fake: FakeReleases;
let authority: SigningAuthority;
let pack: PackedSample;
beforeAll(async () => {
  fake = await startFakeReleases();
  authority = await createSigningAuthority();
  pack = samplePack();
});
beforeEach(() => fake.log.clear());
afterAll(() => fake.close());

/** A kit whose operator trusts acme, as far as `policy` does not say otherwise. */
function trusting(policy: string = author(), root = authority.trustedRoot): Kit {
  const kit = createKit(fake.base);
  const file = kit.world.places.trustedKeysFile;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(join(dirname(file), 'root.json'), root);
  writeFileSync(file, `trusted_root = "root.json"\nrekor_url = "${fake.base}"\n${policy}`);
  return kit;
}

function author({ regexp = REGEXP, issuer = '', mode = '' } = {}): string {
  return [
    '[[authors]]',
    'owner = "Acme"',
    `identity_regexp = '${regexp}'`,
    issuer && `oidc_issuer = "${issuer}"`,
    mode && `mode = "${mode}"`,
  ].join('\n');
}

async function sign(options: Partial<SignOptions> = {}, by = authority, what = pack): Promise<Signed> {
  return by.sign(what.archive, { identity: identityOf(what.version), ...options });
}

function offer(assets: readonly FakeAsset[], what = pack): void {
  fake.releases.set('acme/persona-cody', [releaseOf(what, assets)]);
}

const bundle = (text: string, version = '0.2.0'): FakeAsset => ({
  name: `cody-${version}-noarch.tar.gz.sigstore.json`,
  bytes: Buffer.from(text),
});

function pair(
  { sig, certPem }: Signed,
  certificate: string | Buffer = certPem,
  ending = 'cert',
): FakeAsset[] {
  return [
    { name: `${ARCHIVE}.sig`, bytes: Buffer.from(sig) },
    { name: `${ARCHIVE}.${ending}`, bytes: Buffer.from(certificate) },
  ];
}

function log({ logEntry }: Signed, what = pack): void {
  fake.log.set(what.sha256, [...(fake.log.get(what.sha256) ?? []), logEntry]);
}

const installed = 'installed cody 0.2.0';
const install = (kit: Kit, request = {}): Promise<string> =>
  kindOfRefusal(installIn(kit, 'acme/persona-cody', request));
const REQUIRE = { trust: { requireSignature: true, skipSignatureVerify: false } };
const SKIP = { trust: { requireSignature: false, skipSignatureVerify: true } };

describe('a signature that holds', () => {
  it('is reported with who made it, and remembered', async () => {
    offer([bundle((await sign()).bundle)]);
    const kit = trusting();
    const report = await installIn(kit, 'acme/persona-cody');
    expect(report.signer).toEqual({
      identity: identityOf('0.2.0'),
      issuer: 'https://token.actions.githubusercontent.com',
    });
    expect(report.trust).toEqual({ mode: 'warn', matched: 'Acme' });
    expect(report.warnings).toEqual([]);
    const signers: unknown = JSON.parse(readFileSync(kit.world.places.signersFile, 'utf8'));
    expect(signers).toMatchObject({ signers: { 'persona acme/persona-cody': { identity: WORKFLOW } } });
  });

  it('may come as a bundle of older tools', async () => {
    offer([{ name: `${ARCHIVE}.bundle`, bytes: Buffer.from((await sign()).oldBundle) }]);
    expect(await install(trusting(), REQUIRE)).toBe(installed);
  });

  it.each(['pem', 'cert'])('may come as a signature and a .%s, whose entry the log knows', async (ending) => {
    const signed = await sign();
    log(signed);
    offer(pair(signed, signed.certPem, ending));
    expect(await install(trusting(), REQUIRE)).toBe(installed);
  });

  it('may have a certificate in base64 or in DER', async () => {
    const signed = await sign();
    log(signed);
    const der = Buffer.from(signed.certPem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    for (const certificate of [Buffer.from(signed.certPem).toString('base64'), der]) {
      offer(pair(signed, certificate));
      expect(await install(trusting(), REQUIRE)).toBe(installed);
    }
  });

  it('may be of a shared workflow that was started for this repository', async () => {
    const shared = identityOf('0.2.0', 'https://github.com/acme/workflows/.github/workflows/release.yml');
    const regexp = String.raw`https://github\.com/acme/.*`;
    offer([
      bundle(
        (await sign({ identity: shared, sourceRepository: 'https://github.com/acme/persona-cody' })).bundle,
      ),
    ]);
    expect(await install(trusting(author({ regexp })), REQUIRE)).toBe(installed);
  });
});

describe('a signature that does not hold', () => {
  it.each<[string, string, () => Promise<readonly FakeAsset[]>]>([
    [
      'is by another identity',
      'IdentityMismatch',
      async () => [
        bundle(
          (
            await sign({
              identity:
                'https://github.com/mallory/persona-cody/.github/workflows/release.yml@refs/tags/v0.2.0',
            })
          ).bundle,
        ),
      ],
    ],
    [
      'is by an identity that only contains the right one',
      'IdentityMismatch',
      async () => [bundle((await sign({ identity: `https://evil.example/?${identityOf('0.2.0')}` })).bundle)],
    ],
    [
      'was identified by somebody else',
      'IssuerMismatch',
      async () => [bundle((await sign({ issuer: 'https://issuer.example' })).bundle)],
    ],
    [
      'is by another repository of the same owner',
      'IdentityMismatch',
      async () => [
        bundle(
          (
            await sign({
              identity: identityOf(
                '0.2.0',
                'https://github.com/acme/persona-dora/.github/workflows/release.yml',
              ),
            })
          ).bundle,
        ),
      ],
    ],
    [
      'is by an authority that nobody trusts',
      'ChainUntrusted',
      async () => [bundle((await sign({}, await createSigningAuthority())).bundle)],
    ],
    [
      'was swapped with that of another pack',
      'SignatureMismatch',
      async () => [bundle((await sign({}, authority, samplePack({ files: { more: 'x' } }))).bundle)],
    ],
    [
      'is over other bytes than it says',
      'TlogInvalid',
      async () => {
        const other = await sign({}, authority, samplePack({ files: { more: 'x' } }));
        const forged = JSON.parse(other.bundle);
        forged.messageSignature.messageDigest.digest = Buffer.from(pack.sha256, 'hex').toString('base64');
        return [bundle(JSON.stringify(forged))];
      },
    ],
    [
      'was tampered with',
      'TlogInvalid',
      async () => {
        const forged = JSON.parse((await sign()).bundle);
        const signature = Buffer.from(forged.messageSignature.signature, 'base64');
        signature[signature.length - 1] = (signature[signature.length - 1] ?? 0) ^ 1;
        forged.messageSignature.signature = signature.toString('base64');
        return [bundle(JSON.stringify(forged))];
      },
    ],
    [
      'has another entry of the log',
      'TlogInvalid',
      async () => {
        const [mine, other] = [JSON.parse((await sign()).bundle), JSON.parse((await sign()).bundle)];
        mine.verificationMaterial.tlogEntries = other.verificationMaterial.tlogEntries;
        return [bundle(JSON.stringify(mine))];
      },
    ],
    [
      'has no entry of the log',
      'TimestampMissing',
      async () => {
        const forged = JSON.parse((await sign()).bundle);
        forged.verificationMaterial.tlogEntries = [];
        return [bundle(JSON.stringify(forged))];
      },
    ],
    [
      'has no certificate',
      'SignatureDecodeFailed',
      async () => {
        const forged = JSON.parse((await sign()).bundle);
        forged.verificationMaterial.certificate = undefined;
        forged.verificationMaterial.x509CertificateChain = undefined;
        return [bundle(JSON.stringify(forged))];
      },
    ],
    ['is no JSON', 'SignatureDecodeFailed', async () => [bundle('-----BEGIN')]],
    ['is no bundle', 'SignatureDecodeFailed', async () => [bundle('{"hello":1}')]],
    [
      'has a certificate that is none',
      'CertParseFailed',
      async () => pair(await sign(), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
    ],
    ['is no base64', 'SignatureDecodeFailed', async () => pair({ ...(await sign()), sig: '%%%' })],
    [
      'comes in two files and the log knows nothing of it',
      'TlogEntryNotFound',
      async () => pair(await sign()),
    ],
    [
      'comes in two files and the log knows another one',
      'TlogEntryNotFound',
      async () => {
        log(await sign());
        return pair(await sign());
      },
    ],
  ])('because it %s is refused, and nothing is left', async (_name, kind, make) => {
    offer(await make());
    const kit = trusting();
    const before = treeWithHashes(kit.base);
    expect(await install(kit)).toBe(kind);
    expect(treeWithHashes(kit.base)).toEqual(before);
  });

  it('because its certificate had expired when it was logged is refused', async () => {
    const certifiedAt = new Date('2026-01-01T00:00:00Z');
    const late = await createSigningAuthority({ certifiedAt, loggedAt: new Date('2026-01-01T00:11:00Z') });
    offer([bundle((await sign({}, late)).bundle)]);
    expect(await install(trusting(author(), late.trustedRoot))).toBe('ChainUntrusted');
  });

  it('because the root of trust is not there is refused', async () => {
    offer([bundle((await sign()).bundle)]);
    expect(await install(trusting(author(), '{'))).toBe('TrustedRootUnavailable');
  });
});

describe('the policy', () => {
  const cases: [string, string, string, object][] = [
    ['ignore checks nothing', 'ignore', installed, {}],
    ['warn lets an unsigned pack in', 'warn', installed, {}],
    ['require keeps an unsigned pack out', 'require', 'PolicyRequiresSig', {}],
    ['the flag beats ignore', 'ignore', 'PolicyRequiresSig', REQUIRE],
    ['the other flag beats require', 'require', installed, SKIP],
    [
      'two flags exclude each other',
      'warn',
      'FlagsConflict',
      { trust: { requireSignature: true, skipSignatureVerify: true } },
    ],
  ];
  it.each(cases)('%s', async (_name, mode, outcome, request) => {
    offer([]);
    expect(await install(trusting(`default = "${mode}"`), request)).toBe(outcome);
    expect(await install(trusting(author({ mode })), request)).toBe(outcome);
  });

  it('require keeps out what is signed by somebody it does not know', async () => {
    offer([bundle((await sign()).bundle)]);
    expect(await install(trusting('default = "require"'))).toBe('PolicyRequiresSig');
  });

  it('warn lets in what is signed by somebody it does not know, and says so', async () => {
    offer([bundle((await sign()).bundle)]);
    const report = await installIn(trusting('default = "warn"'), 'acme/persona-cody');
    expect(report).toMatchObject({
      signer: undefined,
      warnings: [expect.stringContaining('Nothing proves')],
    });
  });

  it.each([
    ['TrustedKeysParse', 'default = "maybe"'],
    ['TrustedKeysParse', 'defautl = "warn"'],
    ['TrustedKeysParse', '[[['],
    ['IdentityRegexpInvalid', author({ regexp: '(' })],
  ])('that is wrong is %s and installs nothing: %s', async (kind, policy) => {
    offer([]);
    expect(await install(trusting(policy))).toBe(kind);
  });
});

describe('the signer of a pack', () => {
  const next = (): PackedSample => samplePack({ version: '0.3.0' });
  const other = identityOf('0.3.0', 'https://github.com/acme/persona-cody/.github/workflows/other.yml');
  const lenient = author({ regexp: String.raw`https://github\.com/acme/.*` });

  async function first(): Promise<Kit> {
    const kit = trusting(lenient);
    offer([bundle((await sign()).bundle)]);
    await installIn(kit, 'acme/persona-cody');
    return kit;
  }

  it('may sign the next release', async () => {
    const kit = await first();
    const what = next();
    offer([bundle((await sign({}, authority, what)).bundle, '0.3.0')], what);
    expect(await install(kit)).toBe('installed cody 0.3.0');
  });

  it('is not replaced by another without the operator’s word', async () => {
    const kit = await first();
    const what = next();
    offer([bundle((await sign({ identity: other }, authority, what)).bundle, '0.3.0')], what);
    const before = treeWithHashes(kit.base);
    expect(await install(kit)).toBe('SignerChanged');
    expect(treeWithHashes(kit.base)).toEqual(before);
    expect(await install(kit, { acceptSigner: true })).toBe('installed cody 0.3.0');
  });

  it('does not go away without the operator’s word', async () => {
    const kit = await first();
    offer([], next());
    expect(await install(kit)).toBe('SignerChanged');
    expect(await install(kit, { acceptSigner: true })).toBe('installed cody 0.3.0');
  });
});
