import type * as z from 'zod';

import { readTextFile } from './files.ts';
import type { Finding, Gate } from './finding.ts';
import { parseYaml, type YamlSource } from './yaml-source.ts';

export interface ParsedFile {
  readonly file: string;
  readonly source: YamlSource;
}

/** Reads a YAML file; what is wrong with it goes to `report`. */
export function readYamlFile(file: string, report: (finding: Finding) => void): ParsedFile | undefined {
  const read = readTextFile(file);
  if (read.kind !== 'text') {
    report({
      gate: 'G9',
      level: 'error',
      file,
      line: 1,
      message: read.kind === 'missing' ? 'is missing' : read.message,
      fix: read.kind === 'missing' ? 'Add it; an existing one of the kind shows the fields.' : read.fix,
    });
    return undefined;
  }
  const parsed = parseYaml(read.text);
  if (!parsed.ok) {
    report({ gate: 'G1', level: 'error', file, line: parsed.line, message: parsed.message, fix: parsed.fix });
    return undefined;
  }
  return { file, source: parsed.source };
}

interface CheckOptions {
  /** Where in the file the value stands; empty for the whole file. */
  readonly path?: readonly PropertyKey[];
  readonly gate?: Gate;
  /** What to call the value; its place in the file unless said. */
  readonly label?: string;
}

/** The value when it fits the schema; else each fault goes to `report` with its line, and the answer is undefined. */
export function checkValue<T extends z.ZodType>(
  { file, source }: ParsedFile,
  value: unknown,
  schema: T,
  report: (finding: Finding) => void,
  { path = [], gate = 'G1', label }: CheckOptions = {},
): z.infer<T> | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
    const inside = [...issue.path, ...(unknownKey === undefined ? [] : [unknownKey])];
    const where = [...path, ...inside];
    const name = [...(label === undefined ? path : [label]), ...inside];
    const isMissing = valueAt(value, issue.path) === undefined;
    report({ gate, level: 'error', file, line: source.lineOf(where), ...describe(issue, name, isMissing) });
  }
  return undefined;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

function describe(
  issue: z.core.$ZodIssue,
  path: readonly PropertyKey[],
  isMissing: boolean,
): { message: string; fix: string } {
  const field = path.map(String).join('.') || 'the file';
  switch (issue.code) {
    case 'unrecognized_keys':
      return { message: `${field} is no field of this file`, fix: 'Remove it, or correct its spelling.' };
    case 'invalid_type':
      return isMissing
        ? { message: `${field} is missing`, fix: `Add ${field}, ${article(issue.expected)}.` }
        : {
            message: `${field} must be ${article(issue.expected)}`,
            fix: `Write ${article(issue.expected)}.`,
          };
    case 'invalid_value':
      if (isMissing)
        return {
          message: `${field} is missing`,
          fix: `Add ${field}: ${issue.values.map(String).join(', ')}.`,
        };
      return {
        message: `${field} has a value that is not allowed`,
        fix: `Use one of ${issue.values.map(String).join(', ')}.`,
      };
    case 'too_small':
      return { message: `${field} is too short`, fix: `Give it at least ${String(issue.minimum)}.` };
    case 'too_big':
      return { message: `${field} is too long`, fix: `Keep it to ${String(issue.maximum)}.` };
    default:
      return { message: `${field} ${issue.message}`, fix: 'Correct the value.' };
  }
}

function article(type: string): string {
  return type === 'array' ? 'a list' : `a ${type}`;
}
