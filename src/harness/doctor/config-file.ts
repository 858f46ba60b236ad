import { type ParseError, parse as parseJsonc } from 'jsonc-parser';
import { parse as parseToml } from 'smol-toml';

import { readText } from '../install/install.ts';
import { asRecord } from '../payload.ts';

export type ConfigFile =
  | { readonly kind: 'missing' }
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'read'; readonly text: string; readonly value: Readonly<Record<string, unknown>> };

/** A JSON file of a harness, comments and trailing commas allowed, as the harnesses read them. */
export function readJsonConfig(file: string): ConfigFile {
  return readConfig(file, (text) => {
    if (text.trim() === '') return {};
    const errors: ParseError[] = [];
    const value: unknown = parseJsonc(text, errors, { allowTrailingComma: true });
    if (errors.length > 0) throw new TypeError('it is not valid JSON');
    return value;
  });
}

export function readTomlConfig(file: string): ConfigFile {
  return readConfig(file, (text) => {
    try {
      return parseToml(text);
    } catch {
      throw new TypeError('it is not valid TOML');
    }
  });
}

/** What a configuration holds; nothing where it is missing or cannot be read, which another finding says. */
export function valuesOf(config: ConfigFile): Readonly<Record<string, unknown>> {
  return config.kind === 'read' ? config.value : {};
}

function readConfig(file: string, parse: (text: string) => unknown): ConfigFile {
  let text: string | undefined;
  try {
    text = readText(file);
  } catch (error) {
    return { kind: 'broken', reason: error instanceof Error ? error.message : 'it cannot be read' };
  }
  if (text === undefined) return { kind: 'missing' };
  try {
    const value = parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { kind: 'broken', reason: 'it is not an object' };
    return { kind: 'read', text, value: asRecord(value) };
  } catch (error) {
    return { kind: 'broken', reason: error instanceof Error ? error.message : 'it cannot be read' };
  }
}
