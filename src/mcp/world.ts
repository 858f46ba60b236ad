import { resolveHomePaths } from '../home/paths.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Launch } from './project.ts';
import type { ToolWorld } from './server-tool.ts';

/** What the tools of one server may use. */
export function createWorld(
  { env, userHome, cwd }: Launch,
  workspace: () => Promise<Workspace>,
  log: (line: string) => void,
): ToolWorld {
  return { workspace, home: resolveHomePaths(env, userHome), env, userHome, cwd, log };
}
