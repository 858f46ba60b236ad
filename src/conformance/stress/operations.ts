import type { Tool } from '@modelcontextprotocol/client';

import type { Random } from './random.ts';

/** One call that a writer is going to make. Texts are unique to the run, so each can be found again in the files. */
export interface PlannedCall {
  readonly tool: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Names of the shared artifacts that all writers overwrite. */
export const ARTIFACT_NAMES = ['shared-0.txt', 'shared-1.txt'] as const;

/** How many times an artifact repeats its marker, so that a torn one shows. */
export const ARTIFACT_LINES = 200;

const MIX = [
  ['task_add', 40],
  ['task_update', 18],
  ['plan_decide', 12],
  ['plan_update', 8],
  ['plan_start', 5],
  ['task_close', 5],
  ['artifact_write', 4],
  ['task_list', 4],
  ['plan_status', 2],
  ['history_search', 1],
  ['context', 1],
] as const;
type ToolName = (typeof MIX)[number][0];

/** Chooses the calls of a run among the tools that the server has. */
export function planCalls(
  random: Random,
  {
    count,
    name,
    tools,
    toolPrefix,
  }: { count: number; name: string; tools: ReadonlyMap<string, Tool>; toolPrefix: string },
): PlannedCall[] {
  const mix = MIX.filter(([tool]) => tools.has(`${toolPrefix}${tool}`));
  return Array.from({ length: count }, (_, index) => {
    const tool = random.weighted(mix);
    const params = chooseParams(tool, `${name}.${index}`, random);
    return { tool, params: fitParams(params, tools.get(`${toolPrefix}${tool}`)?.inputSchema) };
  });
}

function chooseParams(tool: ToolName, marker: string, random: Random): Record<string, unknown> {
  switch (tool) {
    case 'task_add':
      return {
        title: `task ${marker}`,
        context: 'stress',
        ...(random.next() < 0.2 ? { deps: [1 + random.below(4)] } : {}),
      };
    case 'task_update':
      return {
        id: 1 + random.below(12),
        status: random.weighted([
          ['in_progress', 1],
          ['completed', 1],
          ['pending', 1],
        ]),
      };
    case 'plan_start':
      return {
        topic: `plan ${marker}`,
        issues: [1, 2, 3].map((number) => `issue ${marker}/${number}`),
        research_summary: 'stress',
      };
    case 'plan_decide':
      return { issue_id: 1 + random.below(4), decision: `decision ${marker}` };
    case 'plan_update':
      return random.next() < 0.6
        ? { action: 'add', title: `issue ${marker}/added` }
        : { action: 'reopen', issue_id: 1 + random.below(4) };
    case 'artifact_write': {
      const filename = ARTIFACT_NAMES[random.below(ARTIFACT_NAMES.length)];
      return { filename, content: `artifact ${marker}\n`.repeat(ARTIFACT_LINES) };
    }
    case 'history_search':
      return { query: 'stress', last_n: 3 };
    case 'task_close':
    case 'task_list':
    case 'plan_status':
    case 'context':
      return {};
  }
}

/** Adds what another version of a tool requires and ours does not, so that it can take part too. */
export function fitParams(params: Record<string, unknown>, schema: unknown): Record<string, unknown> {
  if (!isObject(schema) || !isObject(schema.properties)) return params;
  const { properties, required } = schema;
  const names: unknown[] = Array.isArray(required) ? required : [];
  const missing = names.filter((name): name is string => typeof name === 'string' && !(name in params));
  return {
    ...params,
    ...Object.fromEntries(missing.map((name) => [name, inventValue(properties[name])])),
    // Releases that refuse to close unfinished work have this to do it all the same, as the contract does.
    ...('force' in properties ? { force: true } : {}),
  };
}

function inventValue(schema: unknown): unknown {
  if (!isObject(schema)) return 'stress';
  if (Array.isArray(schema.enum)) return schema.enum[0];
  switch (schema.type) {
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'object':
      return fitParams({}, schema);
    default:
      return 'stress';
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
