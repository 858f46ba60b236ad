import * as z from 'zod';

import { nodeFileSystem, readRegularFile } from '../base/durable-file.ts';
import { decodeUtf8, JsonFault, parseJson } from '../base/json-document.ts';
import type { PluginDeclaration } from './contract.ts';
import { DeclarationSchema, toDeclaration } from './parse-loaded.ts';
import { loadFailed } from './plugin-error.ts';

/** Largest manifest that is read, in bytes. */
const MAX_MANIFEST_BYTES = 256 * 1024;

const ManifestSchema = DeclarationSchema.extend({
  $schema: z.string().optional(),
  description: z.string().max(2000).optional(),
  /** A program in PATH, an absolute path, or one that begins with ./ and counts from the plugins folder. */
  command: z.string().min(1).max(1000),
  args: z.array(z.string().max(10_000)).max(200).optional(),
  /** Put before the name of each of its tools. */
  prefix: z
    .string()
    .max(40)
    .regex(/^[a-z][a-z0-9_]*$/)
    .optional(),
  /** Only these of its tools, by the names that it gives them. */
  tools: z.array(z.string().min(1).max(200)).max(200).optional(),
  /** Seconds from its start until its tools are known. */
  startup: z.number().positive().max(120).optional(),
});

/** An MCP server that is there already, as `NAME.plugin.json` describes it. */
export interface ServerManifest {
  readonly command: string;
  readonly args: readonly string[];
  readonly prefix: string;
  readonly only: readonly string[] | undefined;
  readonly startupMs: number | undefined;
  readonly declared: PluginDeclaration;
}

export const MANIFEST_SUFFIX = '.plugin.json';

/** Throws PLUGIN_LOAD_FAILED. */
export function readManifest(file: string, path: string, defaultPrefix: string): ServerManifest {
  const read = readRegularFile(nodeFileSystem, path, MAX_MANIFEST_BYTES);
  if (read === undefined) throw loadFailed(file, 'it is gone');
  let value: unknown;
  try {
    value = parseJson(decodeUtf8(read.bytes));
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw loadFailed(file, `the manifest ${error.message}`);
  }
  const parsed = ManifestSchema.safeParse(value);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path: at, message }) => `${at.join('.') || 'it'}: ${message}`);
    throw loadFailed(file, `the manifest is not right: ${faults.slice(0, 5).join('; ')}`);
  }
  const {
    $schema: _schema,
    description: _about,
    command,
    args,
    prefix,
    tools,
    startup,
    ...own
  } = parsed.data;
  return {
    command,
    args: args ?? [],
    prefix: prefix ?? defaultPrefix,
    only: tools,
    startupMs: startup === undefined ? undefined : Math.round(startup * 1000),
    declared: toDeclaration(own),
  };
}
