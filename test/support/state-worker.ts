/**
 * A process that works on a project as told, one JSON line at a time, and answers each with one.
 *   {"root", "tool", "input"}            → {"result"} or {"error", "data"}
 *   with "stopAt": n                     pauses itself right before the nth call to the file system, after a line {"stopped": pid}
 *   with "lockTimeoutMs"
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { type FileSystem, nodeFileSystem } from '../../src/base/file-system.ts';
import { NexoError } from '../../src/errors.ts';
import { findWorkspaceTool } from '../../src/workspace/tools.ts';
import { openWorkspace, type Workspace } from '../../src/workspace/workspace.ts';

interface Command {
  readonly root: string;
  readonly tool: string;
  readonly input?: Record<string, unknown>;
  readonly stopAt?: number;
  readonly lockTimeoutMs?: number;
}

/** Straight to the pipe: a process that stops must have said so. */
function say(answer: unknown): void {
  writeSync(1, `${JSON.stringify(answer)}\n`);
}

let calls = 0;
let stopAt: number | undefined;
const stoppingFileSystem = new Proxy(nodeFileSystem, {
  get: (target, name: keyof FileSystem) => {
    const real = target[name] as (...args: unknown[]) => unknown;
    return (...args: unknown[]): unknown => {
      if (calls === stopAt) {
        say({ stopped: process.pid });
        process.kill(process.pid, 'SIGSTOP');
      }
      calls += 1;
      return real(...args);
    };
  },
});

/** One workspace a project, as a server has it: with caches. */
const workspaces = new Map<string, Workspace>();
function workspaceOf(root: string): Workspace {
  const workspace = workspaces.get(root) ?? openWorkspace(root, { fs: stoppingFileSystem });
  workspaces.set(root, workspace);
  return workspace;
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line) as Command;
  calls = 0;
  stopAt = command.stopAt;
  try {
    const workspace = { ...workspaceOf(command.root), lockTimeoutMs: command.lockTimeoutMs };
    say({ result: await findWorkspaceTool(command.tool)?.run(workspace, command.input ?? {}), calls });
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    say({ error: error.code, data: error.data, calls });
  }
}
