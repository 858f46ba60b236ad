import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type FakeReleases, releaseOf, sha256Hex, startFakeReleases } from '../support/fake-releases.ts';
import { samplePack } from '../support/sample-pack.ts';
import { tarOf } from '../support/tar-bytes.ts';
import { GOOD_ENTRIES } from './corpus/good-archive.ts';
import { HOSTILE_ARCHIVES } from './corpus/hostile-archives.ts';
import { createKit, installIn, type Kit, kindOfRefusal, treeWithHashes } from './install-kit.ts';

let fake: FakeReleases;
let kit: Kit;
beforeAll(async () => {
  fake = await startFakeReleases();
  kit = createKit(fake.base);
  fake.releases.set('acme/other', [releaseOf(samplePack({ id: 'other', version: '1.0.0' }))]);
  await installIn(kit, 'acme/other');
});
afterAll(() => fake.close());

const good = samplePack();

function offer(archive: Buffer): void {
  fake.releases.set('acme/persona-cody', [releaseOf({ ...good, archive, sha256: sha256Hex(archive) })]);
}

describe('a hostile archive', () => {
  it.each(HOSTILE_ARCHIVES.map((each) => [each.name, each] as const))(
    'with %s is refused, and nothing is left of it',
    async (_name, { kind, make }) => {
      const before = treeWithHashes(kit.base);
      offer(make());
      expect(await kindOfRefusal(installIn(kit, 'acme/persona-cody'))).toBe(kind);
      expect(treeWithHashes(kit.base)).toEqual(before);
    },
  );

  it('is each a small change of one that installs', async () => {
    const own = createKit(fake.base);
    offer(gzipSync(tarOf(GOOD_ENTRIES)));
    expect(await installIn(own, 'acme/persona-cody')).toMatchObject({
      identity: { id: 'cody' },
      wasPresent: false,
    });
  });

  it('is one of many', () => {
    expect(HOSTILE_ARCHIVES.length).toBeGreaterThanOrEqual(60);
    expect(new Set(HOSTILE_ARCHIVES.map(({ name }) => name)).size).toBe(HOSTILE_ARCHIVES.length);
  });
});
