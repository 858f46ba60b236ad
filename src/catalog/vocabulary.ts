import { join } from 'node:path';
import type * as z from 'zod';

import type { Finding } from './finding.ts';
import { checkValue, type ParsedFile, readYamlFile } from './parse-file.ts';
import {
  CapabilitySchema,
  CategorySchema,
  type HarnessDocs,
  HarnessDocsSchema,
  InvocationSchema,
  type MemoryPolicy,
  MemoryPolicySchema,
  ResumeTierSchema,
  TagSchema,
  TaskExceptionSchema,
} from './schemas.ts';

/** An entry and where it stands, so that a later check can point at it. */
export interface Placed<T> {
  readonly entry: T;
  readonly file: string;
  readonly line: number;
  /** Line of one of its fields. */
  lineOf(path: readonly PropertyKey[]): number;
}

export interface Vocabulary {
  readonly capabilities: readonly Placed<z.infer<typeof CapabilitySchema>>[];
  readonly categories: readonly Placed<z.infer<typeof CategorySchema>>[];
  readonly resumeTiers: readonly Placed<z.infer<typeof ResumeTierSchema>>[];
  readonly tags: readonly Placed<z.infer<typeof TagSchema>>[];
  readonly invocations: readonly Placed<z.infer<typeof InvocationSchema>>[];
  readonly taskExceptions: readonly Placed<z.infer<typeof TaskExceptionSchema>>[];
  readonly memoryPolicy: MemoryPolicy | undefined;
  readonly harnessDocs: HarnessDocs;
}

export const TAGS_FILE = 'tags.yml';

/** Loads `vocabulary/` of the built-in layer. An entry that does not fit is reported and left out. */
export function loadVocabulary(assets: string, report: (finding: Finding) => void): Vocabulary {
  const folder = join(assets, 'vocabulary');
  const list = <T extends z.ZodType<{ id: string }>>(name: string, schema: T, gate?: 'G5') =>
    loadList(join(folder, name), schema, report, gate);
  const whole = <T extends z.ZodType>(name: string, schema: T): z.infer<T> | undefined => {
    const parsed = readYamlFile(join(folder, name), report);
    return parsed === undefined ? undefined : checkValue(parsed, parsed.source.value, schema, report);
  };
  return {
    capabilities: list('capabilities.yml', CapabilitySchema, 'G5'),
    categories: list('categories.yml', CategorySchema),
    resumeTiers: list('resume-tiers.yml', ResumeTierSchema),
    tags: list(TAGS_FILE, TagSchema),
    invocations: list('invocations.yml', InvocationSchema),
    taskExceptions: list('task-exceptions.yml', TaskExceptionSchema),
    memoryPolicy: whole('memory-policy.yml', MemoryPolicySchema),
    harnessDocs: whole('harness-docs.yml', HarnessDocsSchema) ?? {},
  };
}

/** The entries of one list file; ids are unique in it. */
export function loadList<T extends z.ZodType<{ id: string }>>(
  file: string,
  schema: T,
  report: (finding: Finding) => void,
  gate: 'G1' | 'G5' = 'G1',
): Placed<z.infer<T>>[] {
  const parsed = readYamlFile(file, report);
  if (parsed === undefined) return [];
  const items = listOf(parsed, report);
  const seen = new Set<string>();
  return items.flatMap((item, at): Placed<z.infer<T>>[] => {
    const entry = checkValue(parsed, item, schema, report, { path: [at], gate, label: nameOf(item, at) });
    if (entry === undefined) return [];
    const line = parsed.source.lineOf([at, 'id']);
    if (seen.has(entry.id)) {
      report({
        gate,
        level: 'error',
        file,
        line,
        message: `the id ${entry.id} is there twice`,
        fix: 'Give one of them another id.',
      });
      return [];
    }
    seen.add(entry.id);
    return [{ entry, file, line, lineOf: (path) => parsed.source.lineOf([at, ...path]) }];
  });
}

/** The id of an entry that may be anything yet. */
function nameOf(item: unknown, at: number): string {
  const id: unknown = typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined;
  return typeof id === 'string' ? id : `entry ${at + 1}`;
}

function listOf({ file, source }: ParsedFile, report: (finding: Finding) => void): readonly unknown[] {
  if (Array.isArray(source.value)) return source.value;
  report({
    gate: 'G1',
    level: 'error',
    file,
    line: 1,
    message: 'is no list',
    fix: 'Begin each entry with "- id: …".',
  });
  return [];
}
