import type * as z from 'zod';

import { checkSchema } from '../base/schema-faults.ts';
import { parseYaml, type YamlSource } from '../base/yaml-source.ts';
import { readTextFile } from './files.ts';
import type { Finding, Gate } from './finding.ts';

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
  const checked = checkSchema(value, schema, { label: label === undefined ? path : [label] });
  if (checked.ok) return checked.data;
  for (const { path: inside, message, fix } of checked.faults) {
    report({ gate, level: 'error', file, line: source.lineOf([...path, ...inside]), message, fix });
  }
  return undefined;
}
