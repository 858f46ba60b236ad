import type { Tool } from '@modelcontextprotocol/server';
import * as z from 'zod';

import { isRecord } from './protocol.ts';

/** A tool with zod schemas, as its author writes it. */
export interface ToolSpec {
  /** The whole name, prefix included. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: NonNullable<Tool['annotations']>;
  readonly input: z.ZodObject;
  readonly output: z.ZodObject;
}

/** The tool as clients see it. Converting schemas is slow: do it once a tool. */
export function defineForClients({ name, title, description, annotations, input, output }: ToolSpec): Tool {
  return {
    name,
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
