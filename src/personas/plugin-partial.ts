import { parseYaml } from '../base/yaml-source.ts';
import type { FileProblem } from './agent-config.ts';

export type PartialShape = readonly unknown[] | Readonly<Record<string, unknown>>;

export type PartialFile =
  | { readonly ok: true; readonly value: PartialShape }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

/**
 * Reads the configuration fragment for one plugin: a list of instances or a mapping, with or without the plugin's
 * name above it. A file with nothing but comments adds nothing.
 */
export function parsePluginPartial(text: string, plugin: string): PartialFile {
  if (text.split(/\r?\n/).every((line) => /^\s*(#.*)?$|^---\s*$/.test(line))) return { ok: true, value: [] };
  const parsed = parseYaml(text);
  if (!parsed.ok) {
    const { line, message, fix } = parsed;
    return { ok: false, problems: [{ line, message, fix }] };
  }
  const value = unwrapPlugin(parsed.source.value, plugin);
  if (Array.isArray(value) || isMapping(value)) return { ok: true, value };
  if (value === null) return { ok: true, value: [] };
  const message = 'is neither a list nor a mapping';
  return { ok: false, problems: [{ line: 1, message, fix: 'Write a list of instances, or key: value.' }] };
}

/** A document whose only key is the plugin's id stands for what is below it. */
export function unwrapPlugin(value: unknown, plugin: string): unknown {
  if (!isMapping(value)) return value;
  const keys = Object.keys(value);
  return keys.length === 1 && keys[0] === plugin ? value[plugin] : value;
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
