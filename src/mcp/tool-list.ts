import type { Tool } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { WORKSPACE_TOOLS, type WorkspaceTool } from '../workspace/tools.ts';
import { FAULT, isRecord, ProtocolFault } from './protocol.ts';

/** Put before the contract's name of a tool; harnesses put the server's name before that. */
export const TOOL_PREFIX = 'nx_';

let list: readonly Tool[] | undefined;

/** The tools as clients see them, always in the same order. Made once: schemas are slow to convert. */
export function toolList(): readonly Tool[] {
  list ??= WORKSPACE_TOOLS.map(describeTool);
  return list;
}

/** The tool that clients call `name`. Throws a ProtocolFault when there is none. */
export function findTool(name: string): WorkspaceTool {
  const tool = WORKSPACE_TOOLS.find((candidate) => TOOL_PREFIX + candidate.name === name);
  if (tool !== undefined) return tool;
  const known = WORKSPACE_TOOLS.map((candidate) => TOOL_PREFIX + candidate.name).join(', ');
  throw new ProtocolFault(FAULT.invalidParams, `Unknown tool: ${name.slice(0, 80)}. There are: ${known}`);
}

function describeTool({ name, title, description, annotations, input, output }: WorkspaceTool): Tool {
  return {
    name: TOOL_PREFIX + name,
    title,
    description,
    inputSchema: { ...jsonSchema(input, 'input'), type: 'object' },
    outputSchema: { ...jsonSchema(output, 'output'), type: 'object' },
    annotations,
  };
}

const INTEGER_BOUNDS: ReadonlySet<unknown> = new Set([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);

/**
 * The schema in as few words as carry its meaning, for every client pays for them: no dialect, no bounds that every
 * integer has, and an open result (state files may hold fields of later versions, and they are handed on).
 */
function jsonSchema(schema: z.ZodObject, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema: node }) => {
      if (INTEGER_BOUNDS.has(node.minimum)) delete node.minimum;
      if (INTEGER_BOUNDS.has(node.maximum)) delete node.maximum;
      if (node.propertyNames !== undefined) delete node.propertyNames;
      if (io === 'output' && isOpenOrClosed(node.additionalProperties)) delete node.additionalProperties;
    },
  });
  return splitTypes(json);
}

/** `type: [a, b]` as `anyOf`: clients that map schemas onto another dialect know one type at a time. */
function splitTypes(schema: Record<string, unknown>): Record<string, unknown> {
  const members = Object.entries(schema).map(([key, value]): [string, unknown] => {
    if (key === 'type' && Array.isArray(value)) return ['anyOf', value.map((type) => ({ type }))];
    return [key, isRecord(value) ? splitTypes(value) : value];
  });
  return Object.fromEntries(members);
}

/** `false`, `true` or `{}`: nothing is said about the extra fields themselves. */
function isOpenOrClosed(value: unknown): boolean {
  return (
    typeof value === 'boolean' ||
    (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}
