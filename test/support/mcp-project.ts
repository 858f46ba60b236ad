import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built program. */
export const NEXO = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** A new empty project (a git working tree, as far as looking for one goes). The run's temporary folder holds it. */
export function newProject(name = 'project'): string {
  const root = join(mkdtempSync(join(tmpdir(), 'mcp-')), name);
  mkdirSync(join(root, '.git'), { recursive: true });
  return root;
}

/** Arguments that start the server as harnesses do. */
export const mcpCommand = (...args: string[]): { command: string; args: string[] } => ({
  command: process.execPath,
  args: [NEXO, 'mcp', ...args],
});
