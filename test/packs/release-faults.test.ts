import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { NexoError } from '../../src/errors.ts';
import { type FakeReleases, releaseOf, startFakeReleases } from '../support/fake-releases.ts';
import { samplePack } from '../support/sample-pack.ts';
import { RELEASE_FAULTS } from './corpus/release-faults.ts';
import { createKit, installIn, kindOfRefusal, treeWithHashes } from './install-kit.ts';

let fake: FakeReleases;
beforeAll(async () => {
  fake = await startFakeReleases();
});
afterEach(() => {
  fake.fault = undefined;
  fake.releases.clear();
  fake.seen.length = 0;
});
afterAll(() => fake.close());

describe('a release server that answers with', () => {
  it.each(RELEASE_FAULTS.map((each) => [each.name, each] as const))(
    '%s is refused, and nothing is left',
    async (_name, { kind, arrange, coords = 'acme/persona-cody' }) => {
      const kit = createKit(fake.base);
      arrange(fake);
      const before = treeWithHashes(kit.base);
      expect(await kindOfRefusal(installIn(kit, coords))).toBe(kind);
      expect(treeWithHashes(kit.base)).toEqual(before);
    },
  );

  it('any of many faults is told from the others', () => {
    expect(RELEASE_FAULTS.length).toBeGreaterThanOrEqual(40);
  });
});

describe('the release client', () => {
  const release = `/repos/acme/persona-cody/releases/latest`;

  it('tries a read that may pass three times, with growing pauses, and no other', async () => {
    const kit = createKit(fake.base);
    fake.releases.set('acme/persona-cody', [releaseOf(samplePack())]);
    let failures = 2;
    fake.fault = (_request, response, path) => {
      if (path !== release || failures === 0) return false;
      failures -= 1;
      response.writeHead(502).end();
      return true;
    };
    await installIn(kit, 'acme/persona-cody');
    expect(fake.seen.filter(({ path }) => path === release)).toHaveLength(3);
    expect(kit.pauses).toEqual([500, 1000]);
    const missing = createKit(fake.base);
    expect(await kindOfRefusal(installIn(missing, 'acme/no-such-pack'))).toBe('Http');
    expect(missing.pauses).toEqual([]);
  });

  it('comes back when the server says', async () => {
    const kit = createKit(fake.base);
    fake.releases.set('acme/persona-cody', [releaseOf(samplePack())]);
    let busy = true;
    fake.fault = (_request, response, path) => {
      if (path !== release || !busy) return false;
      busy = false;
      response.writeHead(429, { 'retry-after': '7' }).end();
      return true;
    };
    await installIn(kit, 'acme/persona-cody');
    expect(kit.pauses).toEqual([7000]);
  });

  it('begins a download again from its beginning when the connection is cut', async () => {
    const kit = createKit(fake.base);
    const pack = samplePack();
    fake.releases.set('acme/persona-cody', [releaseOf(pack)]);
    let cut = true;
    fake.fault = (_request, response, path) => {
      if (!cut || !path.startsWith('/content/') || !path.endsWith('.tar.gz')) return false;
      cut = false;
      response.writeHead(200, { 'content-length': pack.archive.length });
      response.write(pack.archive.subarray(0, 300), () => response.destroy());
      return true;
    };
    expect(await installIn(kit, 'acme/persona-cody')).toMatchObject({ sha256: pack.sha256 });
  });

  it('gives its token to the release interface and to nobody else', async () => {
    const elsewhere = await startFakeReleases();
    try {
      const kit = createKit(fake.base, { token: 'ghp_0123456789abcdefghij' });
      const releases = [releaseOf(samplePack())];
      fake.releases.set('acme/persona-cody', releases);
      elsewhere.releases.set('acme/persona-cody', releases);
      fake.fault = (_request, response, path) => {
        if (!path.includes('/releases/assets/')) return false;
        const [tag, name] = path.split('/').slice(-2);
        response
          .writeHead(302, { location: `${elsewhere.base}/content/acme/persona-cody/${tag}/${name}` })
          .end();
        return true;
      };
      await installIn(kit, 'acme/persona-cody');
      const authorised = ({ headers }: { headers: NodeJS.Dict<unknown> }) =>
        headers.authorization !== undefined;
      expect(fake.seen.every(authorised)).toBe(true);
      expect(elsewhere.seen.length).toBeGreaterThan(2);
      expect(elsewhere.seen.some(authorised)).toBe(false);
    } finally {
      await elsewhere.close();
    }
  });

  it('never says the token, whatever fails', async () => {
    const token = 'ghp_0123456789abcdefghij';
    const kit = createKit(fake.base, { token });
    fake.fault = (request, response) => {
      response.writeHead(401).end(String(request.headers.authorization));
      return true;
    };
    const error: unknown = await installIn(kit, 'acme/persona-cody').catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(NexoError);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(token);
    expect(JSON.stringify([kit.notes, kit.events])).not.toContain(token);
  });

  it('names the time when requests are allowed again, and the remedy', async () => {
    const kit = createKit(fake.base);
    fake.fault = (_request, response) => {
      response.writeHead(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1800000000' }).end();
      return true;
    };
    await expect(installIn(kit, 'acme/persona-cody')).rejects.toMatchObject({
      code: 'PACK_DOWNLOAD_FAILED',
      hint: 'It allows them again at 2027-01-15T08:00:00.000Z. Set NEXO_GITHUB_TOKEN for more requests an hour.',
    });
  });
});
