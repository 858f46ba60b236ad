import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { decideToolCall } from '../../src/hooks/gate/decide-tool-call.ts';
import { diskWorld } from '../../src/hooks/gate/disk-world.ts';
import { createCall, createYard, loadSamples, type Yard } from './corpus.ts';
import { createRandom, wrappedRead, wrappedWrite } from './grammar.ts';

/** Programs that a sample may find. What is missing here fails without doing anything, whatever the machine has. */
const PROGRAMS =
  'bash sh cat ls grep egrep fgrep sed awk find xargs sort uniq head wc tr cut paste comm diff cmp od base64 md5sum sha256sum strings jq date uname whoami id basename dirname ' +
  'realpath readlink nproc tac nl seq expr printf echo test env nohup nice timeout stdbuf setsid tee touch rm mv cp ln mkdir rmdir mkfifo truncate chmod dd split csplit gzip gunzip zcat ' +
  'tar git python3 perl node unlink shred install file stat du column true false sleep tail cksum fold fmt rev xxd iconv';

/** Samples that wait, leave the yard or touch the machine, and test runners, which keep caches. */
const UNSAFE =
  /tail -f|sleep \d\d|\b(?:kill|sudo|su|chroot|unshare|mount|systemctl|shutdown|reboot)\b|\/(?:etc|tmp|usr|var|bin|dev\/tcp|dev\/\.)\b|~|\.\.|(?:^|\s)\/(?:\s|$)|PATH=|export PATH|while (?:true|:); do|\bwatch\b|pytest|unittest/;

interface Scene {
  readonly yard: Yard;
  readonly env: NodeJS.ProcessEnv;
}

/** Where the programs are, asked for once. */
const programPaths = (() => {
  let found: readonly (readonly [string, string])[] | undefined;
  return () => {
    const lines = `for n in ${PROGRAMS}; do p=$(type -P "$n") && echo "$n $p"; done`;
    found ??= spawnSync('bash', ['-c', lines], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]);
    return found;
  };
})();

/** All of it on request, every few samples in the usual run. */
const STEP = process.env.GATE_DIFFERENTIAL === 'all' ? 1 : 3;

function createScene(): Scene {
  const yard = createYard();
  const bin = join(yard.home, 'bin');
  mkdirSync(bin);
  mkdirSync(join(yard.home, 'tmp'));
  for (const [name, path] of programPaths()) symlinkSync(path, join(bin, name));
  const env = {
    PATH: bin,
    HOME: yard.home,
    TMPDIR: join(yard.home, 'tmp'),
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      cwd: yard.root,
      env,
      stdio: 'ignore',
    });
  };
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'start');
  return { yard, env };
}

/** Every file of the project with its content and mode, but for git's own notes. */
function snapshot(folder: string): string {
  const lines: string[] = [];
  const visit = (path: string, shown: string): void => {
    for (const name of readdirSync(path).sort()) {
      if (shown === '' && name === '.git') continue;
      const full = join(path, name);
      const stats = lstatSync(full);
      const line = `${shown}/${name} ${stats.mode}`;
      if (stats.isSymbolicLink()) lines.push(`${line} -> ${readlinkSync(full)}`);
      else if (stats.isDirectory()) {
        lines.push(line);
        visit(full, `${shown}/${name}`);
      } else lines.push(`${line} ${stats.isFile() ? readFileSync(full, 'latin1') : 'special'}`);
    }
  };
  visit(folder, '');
  return lines.join('\n');
}

/** Whether the command, run by a real bash, changed a file of the project. */
function changes(command: string, { yard, env }: Scene, before: string): boolean {
  spawnSync('timeout', ['-s', 'KILL', '5', 'bash', '-c', command], {
    cwd: yard.root,
    env,
    stdio: 'ignore',
    timeout: 8_000,
  });
  return snapshot(yard.root) !== before;
}

async function compare(commands: readonly string[]): Promise<{ changed: number; openings: string[] }> {
  let scene = createScene();
  let before = snapshot(scene.yard.root);
  const openings: string[] = [];
  let changed = 0;
  try {
    for (const command of commands) {
      const call = createCall(scene.yard, 'claude', ['no_file_edit'], 'Bash', { command });
      const { decision } = await decideToolCall(call, diskWorld);
      if (!changes(command, scene, before)) continue;
      changed += 1;
      if (decision === 'allow') openings.push(command);
      scene.yard.dispose();
      scene = createScene();
      before = snapshot(scene.yard.root);
    }
  } finally {
    scene.yard.dispose();
  }
  return { changed, openings };
}

describe('a real bash beside the gate', () => {
  it('changes no file by a command that the gate let through', { timeout: 120_000 }, async () => {
    const yard = createYard();
    const samples = loadSamples(yard).filter(
      ({ call, command }) =>
        call.capabilities.has('no_file_edit') && command !== undefined && !UNSAFE.test(command),
    );
    yard.dispose();
    const allowed = samples.filter(({ want }) => want === 'allow').map(({ command }) => command ?? '');
    expect(allowed.length).toBeGreaterThan(300);
    expect(await compare(allowed.filter((_, index) => index % STEP === 0))).toEqual({
      changed: 0,
      openings: [],
    });
  });

  it('changes files by many of the commands that the gate stopped, so the comparison can fail', {
    timeout: 120_000,
  }, async () => {
    const yard = createYard();
    const samples = loadSamples(yard).filter(
      ({ call, command, want }) =>
        want === 'deny' &&
        call.capabilities.has('no_file_edit') &&
        command !== undefined &&
        !UNSAFE.test(command),
    );
    yard.dispose();
    const { changed, openings } = await compare(
      samples.filter((_, index) => index % (4 * STEP) === 0).map(({ command }) => command ?? ''),
    );
    expect(openings).toEqual([]);
    expect(changed).toBeGreaterThan(8);
  });

  it('agrees on generated commands', { timeout: 120_000 }, async () => {
    const random = createRandom(7);
    const writes = Array.from({ length: 20 }, () => wrappedWrite(random));
    const reads = Array.from({ length: 30 }, () => wrappedRead(random));
    const { changed, openings } = await compare([...writes, ...reads]);
    expect(openings).toEqual([]);
    expect(changed).toBeGreaterThan(10);
  });
});
