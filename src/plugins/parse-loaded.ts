import * as z from 'zod';

import type { LoadedPlugin, PluginDeclaration, PluginTool } from './contract.ts';
import { loadFailed } from './plugin-error.ts';

/** Most tools of one plugin: a client lists them all in every session. */
const MAX_TOOLS = 200;
/** Longest name, in characters: model providers allow 64 for it and the server's own name together. */
const MAX_NAME = 54;
export const TOOL_NAME = /^[a-z][a-z0-9_]*$/;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MIB = 1024 * 1024;

const ObjectSchema = z.record(z.string(), z.unknown());

const ToolSchema = z.looseObject({
  name: z
    .string('has no name')
    .max(MAX_NAME, `has a name longer than ${MAX_NAME} characters`)
    .regex(TOOL_NAME, 'has a name with other characters than a-z, 0-9 and _, or without a letter in front'),
  title: z.string('has a title that is no text').max(200).nullish(),
  description: z
    .string('has no description')
    .trim()
    .min(1, 'has no description')
    .max(2000, 'has a description longer than 2,000 characters'),
  inputSchema: ObjectSchema.nullish(),
  outputSchema: ObjectSchema.nullish(),
  annotations: ObjectSchema.nullish(),
});

/** The words that a plugin uses about itself, the same in every language. */
export const DeclarationSchema = z.strictObject({
  env: z.array(z.string().regex(ENV_NAME, 'has to be names of variables')).max(100).optional(),
  overrides: z.string().min(1).max(255).optional(),
  companion: z.string().min(1).max(255).optional(),
  /** Seconds for a call. */
  timeout: z.number().positive().max(3600).optional(),
  /** MiB for its processes. */
  memory: z.number().min(64).max(65_536).optional(),
});

export function toDeclaration(raw: z.infer<typeof DeclarationSchema>): PluginDeclaration {
  return {
    env: [...new Set(raw.env ?? [])],
    overrides: raw.overrides,
    companion: raw.companion,
    callMs: raw.timeout === undefined ? undefined : Math.round(raw.timeout * 1000),
    memoryBytes: raw.memory === undefined ? undefined : Math.round(raw.memory * MIB),
  };
}

/** What a plugin said about itself, made sure of. Throws PLUGIN_LOAD_FAILED with every fault. */
export function parseLoaded(file: string, tools: readonly unknown[], plugin: unknown): LoadedPlugin {
  if (tools.length > MAX_TOOLS)
    throw loadFailed(file, `it has ${tools.length} tools, and may have ${MAX_TOOLS}`);
  const faults: string[] = [];
  const declared = DeclarationSchema.safeParse(plugin ?? {});
  if (!declared.success) {
    for (const { path, message } of declared.error.issues)
      faults.push(`what it says about itself${path.length > 0 ? ` (${path.join('.')})` : ''}: ${message}`);
  }
  const parsed: PluginTool[] = [];
  const names = new Set<string>();
  for (const [index, raw] of tools.entries()) {
    const tool = ToolSchema.safeParse(raw);
    const label = toolLabel(raw, index);
    if (!tool.success) {
      for (const { message, path } of tool.error.issues)
        faults.push(`${label} ${/^has /.test(message) ? message : `(${path.join('.')}) ${message}`}`);
      continue;
    }
    const { name, title, description, inputSchema, outputSchema, annotations } = tool.data;
    if (names.has(name)) faults.push(`two tools are called ${name}`);
    names.add(name);
    for (const [key, schema] of Object.entries({ inputSchema, outputSchema })) {
      if (schema && (schema.type ?? 'object') !== 'object')
        faults.push(`${label} has an ${key} that describes no object`);
    }
    parsed.push({
      name,
      ...(title && { title }),
      description,
      inputSchema: { ...inputSchema, type: 'object' },
      ...(outputSchema && { outputSchema: { ...outputSchema, type: 'object' } }),
      ...(annotations && { annotations }),
    });
  }
  if (faults.length > 0) throw loadFailed(file, faults.slice(0, 10).join('; '), { data: { faults } });
  return { tools: parsed, declared: toDeclaration(declared.success ? declared.data : {}) };
}

function toolLabel(raw: unknown, index: number): string {
  const name = typeof raw === 'object' && raw !== null && 'name' in raw ? raw.name : undefined;
  return typeof name === 'string' && name !== '' ? `the tool ${name.slice(0, 60)}` : `tool ${index + 1}`;
}
