import { basename, join } from 'node:path';
import * as z from 'zod';

import { nodeFileSystem, readRegularFile } from '../base/durable-file.ts';
import { checkSchema } from '../base/schema-faults.ts';
import { NexoError } from '../errors.ts';
import { SKILL_LEVELS, type SkillDefinition, type SkillIssue, skillId } from './definition.ts';
import { readFrontMatter } from './front-matter.ts';
import type { ReadSkill, SkillSource } from './read-skill.ts';
import { INITIAL_TRUST } from './trust.ts';

/** Largest SKILL.md that is read, in bytes. */
const MAX_BYTES = 1024 * 1024;

/** Bounds of the Agent Skills standard (agentskills.io). */
const MAX_NAME = 64;
const MAX_DESCRIPTION = 1024;
const MAX_COMPATIBILITY = 500;
const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Keys of ours in `metadata`, which the standard leaves to everybody. */
export const METADATA_KEYS = {
  id: 'nexo-id',
  name: 'nexo-name',
  level: 'nexo-level',
  tags: 'nexo-tags',
  triggers: 'nexo-triggers',
} as const;
/** Between several values in one string. */
export const METADATA_SEPARATOR = ' | ';

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const Head = z.looseObject({
  name: z.string().min(1).max(200).optional(),
  description: z.string().min(1),
  license: text.optional(),
  compatibility: text.optional(),
  'allowed-tools': z.union([z.string(), z.array(z.string())]).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});

/** Reads a skill of the open Agent Skills format: a folder with a `SKILL.md`. */
export function readAgentSkill(folder: string, source: SkillSource): ReadSkill {
  const file = join(folder, 'SKILL.md');
  const issues: SkillIssue[] = [];
  const warn = (message: string, fix: string): void => {
    issues.push({ level: 'warning', file, message, fix });
  };
  const refuse = (message: string, fix: string): ReadSkill => ({
    skill: undefined,
    issues: [...issues, { level: 'error', file, message, fix }],
  });
  let content: string;
  try {
    const read = readRegularFile(nodeFileSystem, file, MAX_BYTES);
    if (read === undefined) return refuse('is missing', 'Add skill.json with guide.md, or a SKILL.md.');
    if (read.bytes.includes(0)) return refuse('is no text', 'Write it as UTF-8 text.');
    content = read.bytes.toString();
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    return refuse(error.message, error.hint ?? 'Correct the file.');
  }
  const head = readFrontMatter(content);
  if (!head.ok) return refuse(head.message, head.fix);
  for (const repair of head.value.repaired) warn(repair, 'Quote the values that hold a colon.');
  const checked = checkSchema(head.value.fields, Head);
  if (!checked.ok) {
    const [first] = checked.faults;
    return refuse(first?.message ?? 'has a head that cannot be used', first?.fix ?? 'Correct the head.');
  }
  return toDefinition(checked.data, head.value.body, { folder, file, source, issues, warn, refuse });
}

interface Reading {
  readonly folder: string;
  readonly file: string;
  readonly source: SkillSource;
  readonly issues: SkillIssue[];
  warn(message: string, fix: string): void;
  refuse(message: string, fix: string): ReadSkill;
}

function toDefinition(head: z.infer<typeof Head>, body: string, reading: Reading): ReadSkill {
  const { folder, file, source, issues, warn, refuse } = reading;
  const metadata = toTexts(head.metadata ?? {});
  const portable = head.name ?? basename(folder);
  if (head.name === undefined) warn('has no name; its folder’s is taken', `Add name: ${basename(folder)}.`);
  else if (!NAME.test(portable) || portable.length > MAX_NAME || portable !== basename(folder)) {
    warn(
      `has the name "${portable.slice(0, 80)}", which some clients refuse`,
      `Use 1 to ${MAX_NAME} of a-z, 0-9 and single hyphens, and name the folder the same.`,
    );
  }
  const id = skillId(metadata[METADATA_KEYS.id] ?? portable);
  if (id === undefined)
    return refuse('has a name without a letter or digit', 'Give it a name of a-z, 0-9 and hyphens.');
  if (head.description.length > MAX_DESCRIPTION) {
    warn(
      `has a description of ${head.description.length} characters`,
      `Keep it to ${MAX_DESCRIPTION}; clients cut it.`,
    );
  }
  if (body === '') warn('says nothing below its head', 'Write what to do.');
  const level = SKILL_LEVELS.find((each) => each === metadata[METADATA_KEYS.level]) ?? 'published';
  const allowed = head['allowed-tools'];
  const skill: SkillDefinition = {
    id,
    name: metadata[METADATA_KEYS.name] ?? portable,
    description: head.description.trim(),
    level,
    mode: 'guide',
    sourceKind: source.kind,
    sourceName: source.name,
    executionLevel: 'none',
    approvalRequired: false,
    tags: toList(metadata[METADATA_KEYS.tags]),
    triggers: toList(metadata[METADATA_KEYS.triggers]),
    steps: [],
    gotchas: [],
    paramsSchema: {},
    argv: undefined,
    executable: undefined,
    content: body,
    trustScore: INITIAL_TRUST,
    stableAfterUses: 10,
    sourceSessions: [],
    linkedLearnings: [],
    folder,
    definitionFile: file,
    format: 'agent-skill',
    ...(head.license === undefined ? {} : { license: head.license }),
    ...(head.compatibility === undefined
      ? {}
      : { compatibility: head.compatibility.slice(0, MAX_COMPATIBILITY) }),
    ...(allowed === undefined ? {} : { allowedTools: Array.isArray(allowed) ? allowed.join(' ') : allowed }),
    metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !key.startsWith('nexo-'))),
  };
  return { skill, issues };
}

function toTexts(metadata: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : (JSON.stringify(value) ?? ''),
    ]),
  );
}

function toList(value: string | undefined): readonly string[] {
  return (value ?? '')
    .split('|')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
