import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type FakeReleases, releaseOf, startFakeReleases } from '../support/fake-releases.ts';
import { NEXO, nexoJson, runNexo, startProgram, temporaryFolder } from '../support/run-nexo.ts';
import { samplePack } from '../support/sample-pack.ts';

/** How many installs are killed; all of a hundred are asked for from outside. */
const KILLS = Number(process.env.PACK_KILLS ?? 12);
const SEED = Number(process.env.PACK_SEED ?? 4711);

let fake: FakeReleases;
beforeAll(async () => {
  fake = await startFakeReleases();
  const files = Object.fromEntries(
    Array.from({ length: 60 }, (_, at) => [`data/note-${at}.md`, `${at} `.repeat(5000)]),
  );
  fake.releases.set('acme/persona-cody', [
    releaseOf(samplePack({ version: '0.2.0', files })),
    releaseOf(samplePack({ version: '0.1.0', files })),
  ]);
});
afterAll(() => fake.close());

const envOf = (home: string): Record<string, string> => ({
  NEXO_HOME: home,
  NEXO_GITHUB_API_BASE: fake.base,
});

/** Names in the install root that are no part of the installer's own affairs, and those that are. */
function rootOf(home: string): { packs: string[]; leftovers: string[] } {
  const root = join(home, 'state', 'personas');
  const names = existsSync(root) ? readdirSync(root) : [];
  return {
    packs: names.filter((name) => !name.startsWith('.')).sort(),
    leftovers: names.filter((name) => name.startsWith('.') && !name.startsWith('.nexo-persona.lock')),
  };
}

/** A pack that passes everything that is checked when it is said to be there already. */
async function isWhole(home: string, tag: string): Promise<boolean> {
  const answer = await nexoJson(['persona', 'install', `acme/persona-cody@${tag}`], { env: envOf(home) });
  return (answer as { was_already_present: boolean }).was_already_present;
}

/** Small and known, so that a failure can be repeated. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

async function durationOf(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work;
  return performance.now() - startedAt;
}

describe('an install that is killed', () => {
  it(`leaves the old or the new state, ${KILLS} times (seed ${SEED})`, async () => {
    const random = randomNumbers(SEED);
    const whole = await durationOf(
      runNexo(['persona', 'install', 'acme/persona-cody'], { env: envOf(temporaryFolder('home')) }),
    );
    const home = temporaryFolder('home');
    await nexoJson(['persona', 'install', 'acme/persona-cody@v0.1.0'], { env: envOf(home) });
    for (let kill = 0; kill < KILLS; kill += 1) {
      const child = startProgram(
        process.execPath,
        [NEXO, 'persona', 'install', 'acme/persona-cody', '--force'],
        { env: envOf(home) },
      );
      const ended = new Promise((resolve) => child.once('close', resolve));
      const timer = setTimeout(() => child.kill('SIGKILL'), whole * (0.3 + 0.7 * random()));
      await ended;
      clearTimeout(timer);
      const { packs } = rootOf(home);
      expect([['cody-0.1.0'], ['cody-0.1.0', 'cody-0.2.0']]).toContainEqual(packs);
    }
    // The next one takes away what is left and succeeds.
    await nexoJson(['persona', 'install', 'acme/persona-cody', '--force'], { env: envOf(home) });
    expect(rootOf(home)).toEqual({ packs: ['cody-0.1.0', 'cody-0.2.0'], leftovers: [] });
    expect(await isWhole(home, 'v0.1.0')).toBe(true);
    expect(await isWhole(home, 'v0.2.0')).toBe(true);
  }, 300_000);

  it.each(['SIGINT', 'SIGTERM'] as const)('by %s cleans up after itself and says so', async (signal) => {
    const home = temporaryFolder('home');
    const stalled = await startFakeReleases();
    try {
      stalled.releases.set('acme/persona-cody', [releaseOf(samplePack())]);
      const asked = new Promise<void>((resolve) => {
        stalled.fault = (_request, response, path) => {
          if (!path.startsWith('/content/') || !path.endsWith('.tar.gz')) return false;
          response.writeHead(200, { 'content-length': 1000 });
          response.write('x'.repeat(10));
          resolve();
          return true;
        };
      });
      const env = { ...envOf(home), NEXO_GITHUB_API_BASE: stalled.base };
      const child = startProgram(
        process.execPath,
        [NEXO, 'persona', 'install', 'acme/persona-cody', '--json'],
        { env },
      );
      let said = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        said += chunk.toString('utf8');
      });
      const ended = new Promise((resolve) => child.once('close', (code) => resolve(code)));
      await asked;
      child.kill(signal);
      expect(await ended).toBe(signal === 'SIGINT' ? 130 : 143);
      expect(JSON.parse(said)).toMatchObject({ ok: false, kind: 'Interrupted' });
      expect(rootOf(home)).toEqual({ packs: [], leftovers: [] });
    } finally {
      await stalled.close();
    }
  });
});

describe('eight installs of one pack at once', () => {
  it('install it once, and all succeed', async () => {
    const home = temporaryFolder('home');
    fake.seen.length = 0;
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        nexoJson(['persona', 'install', 'acme/persona-cody'], { env: envOf(home) }),
      ),
    );
    const fresh = (answers as { was_already_present: boolean }[]).filter(
      (answer) => !answer.was_already_present,
    );
    expect(fresh).toHaveLength(1);
    expect(fake.seen.filter(({ path }) => /^\/content\/.*\.tar\.gz$/.test(path))).toHaveLength(1);
    expect(rootOf(home)).toEqual({ packs: ['cody-0.2.0'], leftovers: [] });
    expect(await isWhole(home, 'v0.2.0')).toBe(true);
  });
});

const isRoot = process.getuid?.() === 0;
/** Whether this machine lets us mount a small file system of our own. */
function canMount(): boolean {
  if (!isRoot) return false;
  const folder = temporaryFolder('mount');
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status !== 0) return false;
  execFileSync('umount', [folder]);
  return true;
}
const mountable = canMount();

describe.runIf(mountable)('a disk of its own', () => {
  async function onDisk(
    options: string,
    test: (home: string, mountPoint: string) => Promise<void>,
  ): Promise<void> {
    const home = temporaryFolder('home');
    const mountPoint = join(home, 'state', 'personas');
    mkdirSync(mountPoint, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', mountPoint]);
    try {
      await test(home, mountPoint);
    } finally {
      execFileSync('umount', ['-l', mountPoint]);
    }
  }

  it('that is full refuses the pack, keeps what is there, and takes the pack once there is room', async () => {
    await onDisk('size=400k', async (home, mountPoint) => {
      const ran = await runNexo(['persona', 'install', 'acme/persona-cody', '--json'], { env: envOf(home) });
      expect(ran.code).toBe(1);
      expect(JSON.parse(ran.stdout)).toMatchObject({
        kind: 'Io',
        code: 'IO_FAILED',
        hint: expect.stringContaining('disk space'),
      });
      expect(rootOf(home)).toEqual({ packs: [], leftovers: [] });
      execFileSync('mount', ['-o', 'remount,size=16m', mountPoint]);
      await nexoJson(['persona', 'install', 'acme/persona-cody'], { env: envOf(home) });
      expect(await isWhole(home, 'v0.2.0')).toBe(true);
    });
  });

  it('that is read-only refuses with one sentence', async () => {
    await onDisk('size=1m,ro', async (home) => {
      const ran = await runNexo(['persona', 'install', 'acme/persona-cody', '--json'], { env: envOf(home) });
      expect(ran.code).toBe(1);
      expect(JSON.parse(ran.stdout)).toMatchObject({ ok: false, kind: 'Io' });
      expect(readdirSync(join(home, 'state', 'personas'))).toEqual([]);
    });
  });
});

describe('what was verified', () => {
  it('is checked again when it is said to be there already', async () => {
    const home = temporaryFolder('home');
    const answer = (await nexoJson(['persona', 'install', 'acme/persona-cody'], { env: envOf(home) })) as {
      install_root: string;
    };
    const listing = readFileSync(join(answer.install_root, '.nexo-files.sha256'), 'utf8');
    expect(
      spawnSync('sha256sum', ['--check', '--strict', '.nexo-files.sha256'], { cwd: answer.install_root })
        .status,
    ).toBe(0);
    expect(listing).toContain('  persona.toml\n');
    execFileSync('sh', ['-c', 'echo more >> data/note-1.md'], { cwd: answer.install_root });
    const ran = await runNexo(['persona', 'install', 'acme/persona-cody', '--json'], { env: envOf(home) });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      kind: 'BrokenInstall',
      error: expect.stringContaining('data/note-1.md is changed'),
    });
    await nexoJson(['persona', 'install', 'acme/persona-cody', '--force'], { env: envOf(home) });
    expect(await isWhole(home, 'v0.2.0')).toBe(true);
  });
});
