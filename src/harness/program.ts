import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import { runProcess } from '../base/process.ts';
import { NexoError } from '../errors.ts';
import type { HarnessName } from './contract.ts';
import { asRecord } from './payload.ts';
import { createClientPlace } from './probe/client-place.ts';

/** The npm package that brings each harness. */
const PACKAGES: Readonly<Record<HarnessName, string>> = {
  claude: '@anthropic-ai/claude-code',
  codex: '@openai/codex',
  opencode: 'opencode-ai',
};

/** How many folders above a program its package may begin. */
const MAX_DEPTH = 4;
const VERSION_TIMEOUT_MS = 20_000;

/** A harness's program by the PATH of `env`; undefined when it is not on this machine. */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, file)).find((path) => existsSync(path));
}

/** The version that a program tells of itself, in the environment given. Runs no model. */
export async function askVersion(program: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { stdout } = await runProcess(program, ['--version'], { env, timeoutMs: VERSION_TIMEOUT_MS });
  return /\d+\.\d+\.\d+\S*/.exec(stdout)?.[0];
}

/**
 * The version of a harness: from the package that its program belongs to, else from the program itself, started in a
 * home of its own that is removed again. Undefined when neither tells.
 */
export async function findVersion(
  name: HarnessName,
  program: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const known = packageVersion(PACKAGES[name], program);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'nexo-version-'));
  try {
    return await askVersion(program, createClientPlace(folder, env).env);
  } catch (error) {
    // It cannot be started; where it is, is still worth telling.
    if (error instanceof NexoError) return undefined;
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function packageVersion(name: string, program: string): string | undefined {
  let folder = dirname(realpathSync(program));
  for (let depth = 0; depth < MAX_DEPTH; depth += 1) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      const manifest = readManifest(file);
      if (manifest.name === name && typeof manifest.version === 'string') return manifest.version;
    }
    folder = dirname(folder);
  }
  return undefined;
}

function readManifest(file: string): Readonly<Record<string, unknown>> {
  try {
    return asRecord(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // Somebody else's file beside the program.
    return {};
  }
}
