import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import {
  type FakeReleases,
  releaseAssets,
  releaseOf,
  sha256Hex,
  startFakeReleases,
} from './fake-releases.ts';
import { samplePack } from './sample-pack.ts';
import { tarOf } from './tar-bytes.ts';

/** A release server with what the documentation and the tests install: a good pack, an evil one, a plugin. */
export async function startStockedReleases(options: { port?: number } = {}): Promise<FakeReleases> {
  const fake = await startFakeReleases(options);
  fake.releases.set('acme/persona-cody', [
    releaseOf(samplePack({ version: '0.2.0', wrapped: true })),
    releaseOf(samplePack({ version: '0.1.0' })),
  ]);
  fake.releases.set('acme/evil', [evilRelease()]);
  fake.releases.set('acme/plugin-clock', [pluginRelease()]);
  return fake;
}

/** A pack whose archive wants to write beside it. */
function evilRelease() {
  const good = samplePack({ id: 'evil', version: '1.0.0' });
  const archive = gzipSync(
    tarOf([
      { path: 'persona.toml', body: good.manifest },
      { path: '../../escaped.txt', body: 'I should not be here.\n' },
    ]),
  );
  return releaseOf({ ...good, archive, sha256: sha256Hex(archive) });
}

/** Answers the handshake and nothing else. */
const CLOCK = `#!/bin/sh
while read -r line; do
  case "$line" in
    *'"initialize"'*) echo '{"jsonrpc":"2.0","id":1,"result":{"manifest":{"plugin":{"id":"clock"}}}}' ;;
    *'"shutdown"'*) exit 0 ;;
  esac
done
`;

function pluginRelease() {
  const manifest = [
    'manifest_version = 2',
    '[plugin]',
    'id = "clock"',
    'version = "1.0.0"',
    'name = "Clock"',
    'description = "Tells the time."',
    'min_nexo_version = ">=0.1.0"',
    '[plugin.entrypoint]',
    'command = "./bin/clock"',
    '[plugin.capabilities]',
    'provides = ["tools"]',
    '[plugin.tools]',
    'expose = ["clock_now"]',
    '',
  ].join('\n');
  const archive = gzipSync(
    tarOf([
      { path: 'plugin.toml', body: manifest },
      { path: 'bin/clock', body: CLOCK, mode: 0o755 },
    ]),
  );
  const sha256 = createHash('sha256').update(archive).digest('hex');
  const pack = { id: 'clock', version: '1.0.0', manifest, archive, sha256 };
  return { tag: 'v1.0.0', assets: releaseAssets(pack, { manifestName: 'plugin.toml' }) };
}
