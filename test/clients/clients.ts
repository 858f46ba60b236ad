import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { type CodexOptions, createCodexClient } from '../../src/harness/probe/codex-client.ts';
import type { ProbeClient } from '../../src/harness/probe/contract.ts';
import { openCodeClient } from '../../src/harness/probe/opencode-client.ts';

export interface InstalledClient {
  readonly client: ProbeClient;
  readonly program: readonly string[];
}

const modules = join(import.meta.dirname, 'node_modules');

/** Codex through its launcher, as npm starts it. A missing client fails, it never skips. */
export function installedCodex(options: CodexOptions = { codeMode: false }): InstalledClient {
  const launcher = join(modules, '@openai/codex/bin/codex.js');
  if (!existsSync(launcher)) throw new Error(`${launcher} is missing: run npm run e2e:clients`);
  return { client: createCodexClient(options), program: [process.execPath, launcher] };
}

/** OpenCode's program for this machine; its npm package only links to it, in an install script that does not run. */
export function installedOpenCode(): InstalledClient {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = process.platform === 'win32' ? 'opencode.exe' : 'opencode';
  const prefix = `opencode-${system}-${process.arch}`;
  const folders = existsSync(modules) ? readdirSync(modules).filter((each) => each.startsWith(prefix)) : [];
  const programs = folders.map((folder) => join(modules, folder, 'bin', name)).filter(existsSync);
  const [program] = programs;
  if (program === undefined) throw new Error(`${prefix} is missing in ${modules}: run npm run e2e:clients`);
  return { client: openCodeClient, program: [program] };
}
