// One of several processes that work on a project at the same time. It gets programs on its standard input, one JSON
// line each, runs each from beginning to end, and answers with one line: what every operation came to, and when.
import { createInterface } from 'node:readline';

import { NexoError } from '../../src/errors.ts';
import { recordAgentComplete, recordAgentSpawn } from '../../src/workspace/agent-tracker.ts';
import { recordMemoryRead } from '../../src/workspace/memory-access.ts';
import { findWorkspaceTool, toolErrorText } from '../../src/workspace/tools.ts';
import { openWorkspace, type Workspace } from '../../src/workspace/workspace.ts';
import type { Operation, OperationResult, Program } from './workspace-processes.ts';

/** The system's monotonic clock, which all processes share. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6;

async function run(workspace: Workspace, operation: Operation): Promise<object> {
  switch (operation.kind) {
    case 'tool': {
      const tool = findWorkspaceTool(operation.name);
      if (tool === undefined) throw new Error(`no tool ${operation.name}`);
      return tool.run(workspace, operation.params);
    }
    case 'spawn':
      await recordAgentSpawn(workspace, { agent_id: operation.agent, agent_name: 'worker' });
      return {};
    case 'complete':
      await recordAgentComplete(workspace, { agent_id: operation.agent, last_message: operation.agent });
      return {};
    case 'memory':
      return recordMemoryRead(workspace, { path: operation.path, agent: operation.agent });
  }
}

async function runAll({ root, operations }: Program): Promise<OperationResult[]> {
  const workspace = openWorkspace(root, { harnessId: 'nexo', lockTimeoutMs: 60_000 });
  const results: OperationResult[] = [];
  for (const operation of operations) {
    const startedAt = now();
    try {
      const value = await run(workspace, operation);
      results.push({ operation, startedAt, endedAt: now(), answer: 'acknowledged', value });
    } catch (error) {
      if (!(error instanceof NexoError)) throw error;
      results.push({ operation, startedAt, endedAt: now(), answer: 'refused', value: toolErrorText(error) });
    }
  }
  return results;
}

const say = (value: unknown): boolean => process.stdout.write(`${JSON.stringify(value)}\n`);

say('ready');
for await (const line of createInterface({ input: process.stdin })) {
  // The test on the other side is the only one who writes here.
  say(await runAll(JSON.parse(line) as Program));
}
