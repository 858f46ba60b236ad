import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { releaseOf, sha256Hex, startFakeReleases } from '../../test/support/fake-releases.ts';
import { samplePack } from '../../test/support/sample-pack.ts';
import { tarOf } from '../../test/support/tar-bytes.ts';
import { type Readings, summarise } from '../samples.ts';
import type { Bench, Subject } from '../subject.ts';

/** 200 files that do not shrink, so that the archive has about 50 MB. */
const FILES = 200;
const FILE_BYTES = 250_000;
const PEAK_EVERY_MS = 10;
const COMMAND = ['persona', 'install', 'acme/persona-cody', '--dest'];

/**
 * Installing a large pack from a server on this machine, beside what a shell does for the same: it fetches the same
 * bytes from the same server, hashes and unpacks them. Without curl it finds them on disk already.
 */
export const packs: Subject = {
  name: 'packs',
  async *measure(bench) {
    const nexo = bench.contenders.find(({ name }) => name === 'nexo');
    const entry = nexo?.serve[0];
    if (entry === undefined) return;
    const pack = samplePack();
    const small = [
      'persona.toml',
      'agents.d/cody.yaml',
      'secrets/bot_token.txt.template',
      'data/workspace/cody/README.md',
    ];
    const archive = gzipSync(
      tarOf([
        ...small.map((path) => ({ path, body: readFileSync(join(pack.folder, path)) })),
        ...Array.from({ length: FILES }, (_, at) => ({
          path: `data/blob-${at}.bin`,
          body: randomBytes(FILE_BYTES),
        })),
      ]),
    );
    const file = join(bench.scratch.folder, 'pack.tar.gz');
    writeFileSync(file, archive);
    const releases = await startFakeReleases();
    releases.releases.set('acme/persona-cody', [releaseOf({ ...pack, archive, sha256: sha256Hex(archive) })]);
    try {
      yield { row: 'packInstall', readings: await compare(bench, entry, file, releases.base) };
    } finally {
      await releases.close();
    }
  },
};

async function compare(bench: Bench, entry: string, file: string, base: string): Promise<Readings> {
  const ours: number[] = [];
  const shell: number[] = [];
  let peak = 0;
  const url = hasCurl() ? await archiveUrl(base) : undefined;
  const { warmups, rounds } = bench.rounds(7, 3, 1);
  for (let round = 0; round < warmups + rounds; round += 1) {
    const out = join(bench.scratch.folder, `unpacked-${round}`);
    mkdirSync(out);
    const shellAt = performance.now();
    const script = `${url === undefined ? '' : 'curl -sfL -o "$1" "$3" && '}sha256sum "$1" && tar xzf "$1" -C "$2"`;
    const status = await shellRun([script, file, out, ...(url === undefined ? [] : [url])]);
    const shellMs = performance.now() - shellAt;
    if (status !== 0) return { floor: { kind: 'failed', reason: 'no sha256sum or tar' } };
    const dest = join(bench.scratch.folder, `packs-${round}`);
    const oursAt = performance.now();
    const { code, peakMiB } = await install(bench, [entry, ...COMMAND, dest], base);
    const oursMs = performance.now() - oursAt;
    if (code !== 0) return { nexo: { kind: 'failed', reason: `it ended with ${code}` } };
    peak = Math.max(peak, peakMiB);
    if (round < warmups) continue;
    ours.push(oursMs);
    shell.push(shellMs);
  }
  return {
    nexo: summarise(ours, peak === 0 ? {} : { note: `at most ${Math.round(peak)} MiB` }),
    floor: summarise(shell),
  };
}

function hasCurl(): boolean {
  return spawnSync('curl', ['--version']).status === 0;
}

/** Where the release says that its archive is. */
async function archiveUrl(base: string): Promise<string | undefined> {
  const release: unknown = await (await fetch(`${base}/repos/acme/persona-cody/releases/latest`)).json();
  return /"browser_download_url":"([^"]+\.tar\.gz)"/.exec(JSON.stringify(release))?.[1];
}

/** Runs a script of the shell while this process goes on serving; answers with its exit code. */
function shellRun([script = '', ...args]: readonly string[]): Promise<number | null> {
  const child = spawn('sh', ['-c', script, 'sh', ...args], {
    stdio: 'ignore',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
}

function install(
  bench: Bench,
  args: readonly string[],
  base: string,
): Promise<{ code: number | null; peakMiB: number }> {
  const env = bench.scratch.environment({ NEXO_GITHUB_API_BASE: base });
  const child = bench.processes.start(args, { env, stdio: 'ignore' });
  let peakMiB = 0;
  const timer = setInterval(() => {
    peakMiB = Math.max(peakMiB, peakOf(child.pid));
  }, PEAK_EVERY_MS);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      clearInterval(timer);
      resolve({ code, peakMiB });
    });
  });
}

/** The most memory that a process has had so far, in MiB; 0 where the system does not say. */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0; // it has just ended
  }
}
