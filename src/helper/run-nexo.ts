import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { findProgram } from '../base/find-program.ts';
import { runProcess } from '../base/process.ts';
import { packageRoot } from '../version.ts';

export interface RunNexoOptions {
  /** Written to its standard input. */
  readonly input?: string;
  /** Default: `NEXO_HELPER_TIMEOUT`, else 90; never below 15. */
  readonly timeoutSeconds?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A call of Nexo that did not work; the message is what Nexo said. */
export class NexoCallError extends Error {
  override name = 'NexoCallError';
  /** Exit code of `nexo`; null when it did not end by itself. */
  readonly exitCode: number | null;
  constructor(message: string, exitCode: number | null) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Longest answer that is taken, in bytes. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Runs `nexo ARGS…` and answers with what it prints. Throws NexoCallError when it fails or takes too long. */
export async function runNexo(args: readonly string[], options: RunNexoOptions = {}): Promise<string> {
  const env = { ...process.env, ...options.env };
  const [file = 'nexo', ...words] = nexoCommand(env);
  const seconds = options.timeoutSeconds ?? helperTimeout(env.NEXO_HELPER_TIMEOUT);
  const ran = await runProcess(file, [...words, ...args], {
    env,
    timeoutMs: seconds * 1000,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.input !== undefined && { input: options.input }),
  });
  if (ran.timedOut)
    throw new NexoCallError(`nexo ${args[0] ?? ''} did not end within ${seconds} seconds`, null);
  if (ran.code === 0) return ran.stdout;
  const said = ran.stderr.trim() || ran.stdout.trim();
  throw new NexoCallError(said || `nexo ${args[0] ?? ''} ended with ${ran.code ?? ran.signal}`, ran.code);
}

function helperTimeout(configured: string | undefined): number {
  const seconds = Number.parseInt(configured ?? '', 10);
  return Number.isNaN(seconds) ? 90 : Math.max(15, seconds);
}

/** The program and the words before the first argument. */
function nexoCommand(env: NodeJS.ProcessEnv): string[] {
  const user = env.HOME ?? homedir();
  const found = [
    env.NEXO_BIN,
    join(env.NEXO_HOME ?? join(user, '.nexo'), 'bin', 'nexo'),
    join(user, '.local', 'bin', 'nexo'),
    join(user, 'bin', 'nexo'),
    findProgram('nexo', env.PATH),
    join(packageRoot(), 'dist', 'main.js'),
  ].find((path) => path !== undefined && path !== '' && existsSync(path));
  const program = found ?? 'nexo';
  return /\.m?js$/.test(program) ? [env.NEXO_NODE ?? process.execPath, program] : [program];
}
