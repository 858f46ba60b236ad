// A release server on this machine with packs to try the installer on: good ones, a signed one, and an evil one.
// `npm run fake-releases` serves until it is ended; `--port N` chooses the port.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { type FakeReleases, releaseOf } from '../test/support/fake-releases.ts';
import { samplePack } from '../test/support/sample-pack.ts';
import { createSigningAuthority } from '../test/support/signing-authority.ts';
import { startStockedReleases } from '../test/support/stocked-releases.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
const fake = await startStockedReleases({ port: Number(values.port) });
const folder = await signed(fake);

console.log(`A release server is listening on port ${fake.port}. End it with Ctrl-C.

  export NEXO_GITHUB_API_BASE=${fake.base} HOME=$(mktemp -d)
  nexo persona install acme/persona-cody
  nexo persona install acme/persona-cody@v0.1.0
  nexo persona install acme/evil                  # refused
  nexo plugin install acme/plugin-clock

acme/persona-dana is signed. To check that, trust its authority and its author:

  mkdir -p $HOME/.nexo/config/extensions && cp ${folder}/trusted_keys.toml $HOME/.nexo/config/extensions/
  nexo persona install acme/persona-dana --require-signature`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void fake.close().then(() => process.exit(0)));
}

/** A signed pack; answers with a folder that holds what an operator needs to trust it. */
async function signed({ releases }: FakeReleases): Promise<string> {
  const authority = await createSigningAuthority();
  const pack = samplePack({ id: 'dana', version: '1.0.0' });
  const identity = 'https://github.com/acme/persona-dana/.github/workflows/release.yml@refs/tags/v1.0.0';
  const { bundle } = await authority.sign(pack.archive, { identity });
  const name = 'dana-1.0.0-noarch.tar.gz.sigstore.json';
  releases.set('acme/persona-dana', [releaseOf(pack, [{ name, bytes: Buffer.from(bundle) }])]);
  const trust = mkdtempSync(join(tmpdir(), 'nexo-fake-trust-'));
  const root = join(trust, 'trusted_root.json');
  writeFileSync(root, authority.trustedRoot);
  writeFileSync(
    join(trust, 'trusted_keys.toml'),
    [
      `trusted_root = ${JSON.stringify(root)}`,
      '[[authors]]',
      'owner = "acme"',
      String.raw`identity_regexp = 'https://github\.com/acme/[^/]+/\.github/workflows/release\.yml@refs/tags/v.*'`,
      '',
    ].join('\n'),
  );
  return trust;
}
