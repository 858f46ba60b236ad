import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built program. */
export const NEXO = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard input; without it there is none. */
  readonly input?: string | Uint8Array;
}

/** Runs a program to its end and answers with all it said. */
export function runProgram(file: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return finished(startProgram(file, args, options), options.input);
}

/** Runs `nexo` to its end. */
export function runNexo(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return runProgram(process.execPath, [NEXO, ...args], options);
}

/** Runs `nexo … --json`, checks that it worked, and answers with the document. */
export async function nexoJson(args: readonly string[], options: RunOptions = {}): Promise<unknown> {
  const ran = await runNexo([...args, '--json'], options);
  if (ran.code !== 0)
    throw new Error(`nexo ${args.join(' ')} ended with ${ran.code}\n${ran.stdout}${ran.stderr}`);
  return JSON.parse(ran.stdout);
}

export function startProgram(
  file: string,
  args: readonly string[],
  { cwd, env = {}, input }: RunOptions = {},
): ChildProcess {
  const merged: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env };
  for (const [name, value] of Object.entries(merged)) if (value === undefined) delete merged[name];
  return spawn(file, args, {
    cwd,
    env: merged,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
}

function finished(child: ChildProcess, input: RunOptions['input']): Promise<Ran> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A program may end without reading what it is given.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({
        code,
        signal,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
      });
    });
  });
}

/** A new folder in the run's own temporary folder, which is removed at its end. */
export function temporaryFolder(name = 'project'): string {
  return join(mkdtempSync(join(tmpdir(), `${name}-`)));
}

/** Runs git as somebody with a name; throws when it fails. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const identity = [
    '-c',
    'user.name=Ada',
    '-c',
    'user.email=ada@example.org',
    '-c',
    'init.defaultBranch=main',
  ];
  const ran = await runProgram('git', [...identity, ...args], { cwd });
  if (ran.code !== 0) throw new Error(`git ${args.join(' ')} ended with ${ran.code}\n${ran.stderr}`);
  return ran.stdout.trimEnd();
}
