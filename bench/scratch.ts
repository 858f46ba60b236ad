import { spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';

/** A throw-away folder with a home, so that nothing measured can reach the real one. */
export class Scratch {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'nexo-bench-')));
  readonly home = join(this.folder, 'home');
  #projects = 0;

  constructor() {
    mkdirSync(join(this.folder, 'tmp'), { recursive: true });
    mkdirSync(this.home);
  }

  /** The environment of everything that is started: no setting of the person who runs the bench gets through. */
  environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      HOME: this.home,
      TMPDIR: join(this.folder, 'tmp'),
      NEXO_HOME: join(this.home, '.nexo'),
      ...extra,
    };
  }

  /** An empty git repository, which is where the servers work in real life. */
  project(): string {
    this.#projects += 1;
    const project = join(this.folder, `project-${this.#projects}`);
    const args = ['init', '--quiet', '--initial-branch=main', project];
    const { status, stderr } = spawnSync('git', args, { env: this.environment(), encoding: 'utf8' });
    if (status !== 0) throw new Error(`The bench needs git 2.28 or newer: ${stderr ?? 'git is not there'}`);
    return project;
  }

  /** Copies the build, because another build may replace it while this bench runs. Returns the entry. */
  copyOfBuild(root: string): string {
    const copy = join(this.folder, 'nexo');
    for (const name of ['dist', 'assets', 'package.json'])
      cpSync(join(root, name), join(copy, name), { recursive: true });
    return join(copy, 'dist', 'main.js');
  }

  /** The bare server as JavaScript: taking the types off at each start would cost more than the server itself. */
  copyOfFloor(): string {
    const copy = join(this.folder, 'floor.mjs');
    const source = readFileSync(new URL('./floor.ts', import.meta.url), 'utf8');
    writeFileSync(copy, transformSync(source, { loader: 'ts', format: 'esm' }).code);
    return copy;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

export const STATE_FILES = {
  plan: join('.nexus', 'state', 'plan.json'),
  tasks: join('.nexus', 'state', 'tasks.json'),
  history: join('.nexus', 'history.json'),
} as const;
export type StateFile = keyof typeof STATE_FILES;

/** Puts a state file there in one step, as a program would: never truncated under a server that reads it. */
export function seed(project: string, file: StateFile, text: string): void {
  const path = join(project, STATE_FILES[file]);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.seed`, text, { flush: true });
  renameSync(`${path}.seed`, path);
  flushFile(dirname(path));
}

/**
 * Puts on disk what a server left in the file cache. A journaling file system writes what others have left there
 * along with the next flush, so the server that flushes would pay for the one before it that does not.
 */
export function settleDisk(project: string): void {
  for (const file of Object.values(STATE_FILES)) {
    if (!existsSync(join(project, file))) continue;
    flushFile(join(project, file));
    flushFile(dirname(join(project, file)));
  }
}

function flushFile(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
