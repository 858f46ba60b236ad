import { toCleanSegments } from '../../../base/safe-path.ts';
import { NexoError } from '../../../errors.ts';
import type { Effect } from '../contract.ts';
import { asInputRecord, textOf, toWords } from './input.ts';

/** The abstract tools of the workspace contract. */
const NEXUS_TOOLS: readonly string[] = [
  'plan_start',
  'plan_status',
  'plan_update',
  'plan_decide',
  'task_add',
  'task_list',
  'task_update',
  'task_close',
  'history_search',
  'context',
  'artifact_write',
];

/**
 * The abstract name of one of our tools, under any server prefix and spelling: `mcp__nexo__nx_task_add`,
 * `nexo_nx_task_add`, `nexo.nxTaskAdd`, `NX-TASK-ADD`, with the hash that Codex may append.
 */
export function findNexusTool(name: string): string | undefined {
  const words = toWords(name);
  if (words.length > 40) return undefined;
  const joined = `_${words.join('_')}`;
  const bare = joined.replace(/_[0-9a-f]{6,40}$/, '');
  for (const candidate of new Set([joined, bare])) {
    const tool = NEXUS_TOOLS.find((each) => candidate.endsWith(`_${each}`));
    if (tool === undefined) continue;
    const prefix = candidate.slice(0, -tool.length).split('_');
    const isOurs =
      prefix.some((word) => word === 'nx' || word === 'nexo' || word === 'nexus') || candidate === `_${tool}`;
    if (isOurs) return tool;
  }
  return undefined;
}

export function describeNexusTool(tool: string, input: unknown): Effect[] {
  const how = `nx_${tool} changes the task list`;
  if (tool === 'task_add') return [{ kind: 'task', action: 'create', rule: 'task-tool', how }];
  if (tool === 'task_update') return [{ kind: 'task', action: 'update', rule: 'task-tool', how }];
  if (tool === 'task_close')
    return [{ kind: 'task', action: 'close', rule: 'task-tool', how: 'nx_task_close ends the cycle' }];
  if (tool === 'artifact_write') return describeArtifact(input);
  return [];
}

/** Open for everyone, with a name that stays below the artifact folder as it is written. */
function describeArtifact(input: unknown): Effect[] {
  const record = asInputRecord(input) ?? {};
  const name = textOf(record, 'filename', 'file_name', 'name', 'path');
  if (name === undefined) return [];
  try {
    if (toCleanSegments(name).join('/') === name) return [];
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
  }
  return [
    {
      kind: 'gate',
      rule: 'artifact-name',
      how: 'the artifact name is not a plain name such as reports/notes.md',
    },
  ];
}
