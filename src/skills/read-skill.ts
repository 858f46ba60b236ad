import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as z from 'zod';

import { nodeFileSystem, readRegularFile } from '../base/durable-file.ts';
import { decodeUtf8, JsonFault, parseJson } from '../base/json-document.ts';
import { assertInside, toCleanSegments } from '../base/safe-path.ts';
import { checkSchema } from '../base/schema-faults.ts';
import { NexoError } from '../errors.ts';
import { readAgentSkill } from './agent-skill.ts';
import {
  EXECUTION_LEVELS,
  type ExecutionLevel,
  SKILL_LEVELS,
  SKILL_MODES,
  type SkillDefinition,
  type SkillIssue,
  type SkillMode,
  type SourceKind,
} from './definition.ts';
import { INITIAL_TRUST } from './trust.ts';

/** Largest definition and guide that are read, in bytes. */
const MAX_JSON_BYTES = 1024 * 1024;
const MAX_GUIDE_BYTES = 1024 * 1024;
/** Programs that a skill has without naming them, in this order. */
const USUAL_PROGRAMS = ['script.py', 'script.sh', 'script.mjs', 'script.js', 'script.ts'];
const DEFAULT_STABLE_AFTER = 10;

/** Loose, for people and older versions write it: keys that are not ours are left alone. */
const RawSkill = z.looseObject({
  id: z
    .string()
    .regex(/^SK-[A-Z0-9]+(-[A-Z0-9]+)*$/i, 'must be SK- and then letters, digits and single hyphens')
    .max(100),
  name: z.string().min(1).max(200),
  description: z.string().max(4000).optional(),
  level: z.string().optional(),
  mode: z.enum(SKILL_MODES).optional(),
  execution_level: z.string().optional(),
  approval_required: z.boolean().optional(),
  tags: z.array(z.string().max(100)).max(100).optional(),
  trigger_patterns: z.array(z.string().max(500)).max(200).optional(),
  source_sessions: z.array(z.string()).optional(),
  linked_learnings: z.array(z.union([z.string(), z.number()])).optional(),
  trust_score: z.int().min(0).max(100).optional(),
  steps: z.array(z.string()).max(500).optional(),
  gotchas: z.array(z.string()).max(500).optional(),
  params_schema: z
    .record(
      z.string(),
      z.looseObject({
        type: z.string().optional(),
        required: z.boolean().optional(),
        enum: z.array(z.unknown()).optional(),
        description: z.string().optional(),
      }),
    )
    .optional(),
  command_template: z.looseObject({ argv: z.array(z.unknown()).optional() }).optional(),
  executable_entry: z.string().max(500).optional(),
  content: z.string().optional(),
  stable_after_uses: z.int().min(1).max(10_000).optional(),
});

/** Where a folder of skills belongs. */
export interface SkillSource {
  readonly kind: SourceKind;
  readonly name: string;
  readonly folder: string;
}

export interface ReadSkill {
  readonly skill: SkillDefinition | undefined;
  readonly issues: readonly SkillIssue[];
}

/** Files of which a folder has one when it is a skill. */
export const DEFINITION_FILES = ['skill.json', 'SKILL.md'] as const;

/** Reads one skill's folder, of our own format or of the open one. Never throws for what is in it. */
export function readSkillFolder(folder: string, source: SkillSource): ReadSkill {
  if (existsSync(join(folder, 'skill.json'))) return readOwnSkill(folder, source);
  return readAgentSkill(folder, source);
}

function readOwnSkill(folder: string, source: SkillSource): ReadSkill {
  const file = join(folder, 'skill.json');
  const error = (message: string, fix: string): ReadSkill => ({
    skill: undefined,
    issues: [{ level: 'error', file, message, fix }],
  });
  let raw: unknown;
  try {
    const read = readRegularFile(nodeFileSystem, file, MAX_JSON_BYTES);
    raw = parseJson(decodeUtf8(read?.bytes ?? Buffer.alloc(0)));
  } catch (fault) {
    if (fault instanceof NexoError) return error(fault.message, fault.hint ?? 'Correct the file.');
    if (fault instanceof JsonFault) return error(fault.message, 'Correct the file.');
    throw fault;
  }
  const checked = checkSchema(raw, RawSkill);
  if (!checked.ok) {
    return {
      skill: undefined,
      issues: checked.faults.map(({ message, fix }) => ({ level: 'error', file, message, fix })),
    };
  }
  return toDefinition(checked.data, folder, source);
}

function toDefinition(raw: z.infer<typeof RawSkill>, folder: string, source: SkillSource): ReadSkill {
  const file = join(folder, 'skill.json');
  const issues: SkillIssue[] = [];
  const report = (level: SkillIssue['level'], message: string, fix: string): void => {
    issues.push({ level, file, message, fix });
  };
  const guide = readGuide(folder, report);
  const content = guide ?? raw.content ?? '';
  const executable = findProgram(folder, raw.executable_entry, report);
  const declared = raw.mode ?? (executable === undefined ? 'guide' : content === '' ? 'execute' : 'hybrid');
  if (declared !== 'guide' && executable === undefined) {
    report(
      'error',
      `declares mode ${declared} and has no program`,
      'Add script.py or script.sh, or set mode to guide.',
    );
  }
  const mode: SkillMode = executable === undefined ? 'guide' : declared;
  const executionLevel = mode === 'guide' ? 'none' : toExecutionLevel(raw.execution_level, report);
  const tokens = raw.command_template?.argv;
  const skill: SkillDefinition = {
    id: raw.id.toUpperCase(),
    name: raw.name,
    description: raw.description ?? '',
    level: toLevel(raw.level, report),
    mode,
    sourceKind: source.kind,
    sourceName: source.name,
    executionLevel,
    approvalRequired: raw.approval_required === true,
    tags: raw.tags ?? [],
    triggers: (raw.trigger_patterns ?? []).filter((trigger) => trigger.trim() !== ''),
    steps: raw.steps ?? [],
    gotchas: raw.gotchas ?? [],
    paramsSchema: raw.params_schema ?? {},
    argv: tokens?.filter((token) => typeof token === 'string'),
    executable,
    content,
    trustScore: raw.trust_score ?? INITIAL_TRUST,
    stableAfterUses: raw.stable_after_uses ?? DEFAULT_STABLE_AFTER,
    sourceSessions: raw.source_sessions ?? [],
    linkedLearnings: (raw.linked_learnings ?? []).map(String),
    folder,
    definitionFile: file,
    format: 'nexo',
    metadata: {},
  };
  return { skill, issues };
}

type ReportIssue = (level: SkillIssue['level'], message: string, fix: string) => void;

function readGuide(folder: string, report: ReportIssue): string | undefined {
  try {
    const read = readRegularFile(nodeFileSystem, join(folder, 'guide.md'), MAX_GUIDE_BYTES);
    if (read !== undefined) return read.bytes.toString().replace(/^\uFEFF/, '');
    report(
      'warning',
      'has no guide.md beside it',
      'Write guide.md: what to do, in which order, and when to stop.',
    );
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    report('error', error.message, error.hint ?? 'Correct the file.');
  }
  return undefined;
}

/** The program that the definition names, else the first of the usual ones that is there. Never outside the folder. */
function findProgram(folder: string, entry: string | undefined, report: ReportIssue): string | undefined {
  if (entry === undefined || entry === '') {
    const name = USUAL_PROGRAMS.find((candidate) => existsSync(join(folder, candidate)));
    return name === undefined ? undefined : join(folder, name);
  }
  try {
    const path = join(folder, ...toCleanSegments(entry));
    assertInside(folder, path);
    if (existsSync(path)) return path;
    report('error', `names the program ${entry}, which is not there`, 'Add it, or correct executable_entry.');
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    report(
      'error',
      `names the program ${entry}, which is not inside ${basename(folder)}`,
      'Put it into the folder.',
    );
  }
  return undefined;
}

function toLevel(text: string | undefined, report: ReportIssue): SkillDefinition['level'] {
  if (text === undefined) return 'published';
  const level = SKILL_LEVELS.find((each) => each === text.toLowerCase());
  if (level !== undefined) return level;
  report(
    'warning',
    `has the level "${text}", which there is not; trace is assumed`,
    `Use ${SKILL_LEVELS.join(', ')}.`,
  );
  return 'trace';
}

function toExecutionLevel(text: string | undefined, report: ReportIssue): ExecutionLevel {
  if (text === undefined) {
    report(
      'warning',
      'has a program and no execution_level, so that it never runs',
      `Set execution_level to ${EXECUTION_LEVELS.join(', ')}.`,
    );
    return 'none';
  }
  const level = EXECUTION_LEVELS.find((each) => each === text.toLowerCase());
  if (level !== undefined) return level;
  report(
    'warning',
    `has the execution level "${text}", which there is not; none is assumed`,
    `Use ${EXECUTION_LEVELS.join(', ')}.`,
  );
  return 'none';
}
