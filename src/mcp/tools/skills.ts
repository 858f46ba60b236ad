import * as z from 'zod';

import { applySkill } from '../../skills/apply.ts';
import { createSkill } from '../../skills/create.ts';
import { EXECUTION_LEVELS, SKILL_LEVELS, SKILL_MODES, SOURCE_KINDS } from '../../skills/definition.ts';
import { recordUse } from '../../skills/store.ts';
import { listSkills, toMatchRow, toSkillDetail } from '../../skills/views.ts';
import type { ServerTool, ToolWorld } from '../server-tool.ts';
import { openLibrary } from '../skill-library.ts';
import { defineHomeTool } from './define-home-tool.ts';

const Id = z.string().min(1).max(200);
const Text = z.string().max(4000);
const Params = z.record(z.string(), z.unknown()).optional();

/**
 * The operator's skills. Approving is not among them: it is the operator's word, and an agent that could give it would
 * approve its own work.
 */
export const SKILL_TOOLS: readonly ServerTool[] = [
  defineHomeTool({
    name: 'nexo_skill_match',
    title: 'Find a skill',
    description: 'Skills that a task calls for, best first. Ask before you work out a procedure yourself.',
    hints: 'read',
    input: z.strictObject({ task: Text.min(1), top: z.int().min(1).max(20).optional() }),
    output: { matches: z.array(z.looseObject({ id: z.string(), score: z.number() })) },
    run: async (world, { task, top = 3 }) => {
      const library = await openLibrary(world);
      return { matches: library.match(task, { limit: top }).map(toMatchRow) };
    },
  }),
  defineHomeTool({
    name: 'nexo_skill_get',
    title: 'Read a skill',
    description: 'One skill whole: guide, parameters, record.',
    hints: 'read',
    input: z.strictObject({ id: Id }),
    output: { id: z.string(), name: z.string(), mode: z.string(), content: z.string() },
    run: async (world, { id }) => toSkillDetail((await openLibrary(world)).get(id)),
  }),
  defineHomeTool({
    name: 'nexo_skill_list',
    title: 'List skills',
    description: "The operator's skills with level, trust and uses.",
    hints: 'read',
    input: z.strictObject({
      level: z.enum(SKILL_LEVELS).optional(),
      tag: z.string().max(100).optional(),
      source_kind: z.enum(SOURCE_KINDS).optional(),
    }),
    output: { skills: z.array(z.looseObject({ id: z.string() })) },
    run: async (world, { level, tag, source_kind: sourceKind }) => ({
      skills: listSkills(await openLibrary(world), { level, tag, sourceKind }),
    }),
  }),
  defineHomeTool({
    name: 'nexo_skill_apply',
    title: 'Apply a skill',
    description:
      'Returns the guide to follow and runs the program, as the mode says. dry_run shows what would run. A program may wait for the operator to approve it.',
    hints: 'run',
    input: z.strictObject({
      id: Id,
      params: Params,
      mode: z.enum(['auto', ...SKILL_MODES]).optional(),
      dry_run: z.boolean().optional(),
      context: Text.optional(),
      session_id: z.string().max(200).optional(),
    }),
    output: { ok: z.boolean(), skill_id: z.string(), resolved_mode: z.string() },
    run: async (
      world,
      { id, params = {}, mode = 'auto', dry_run: dryRun = false, context, session_id: sessionId },
    ) =>
      applySkill(await openLibrary(world), id, {
        params,
        mode,
        dryRun,
        env: world.env,
        cwd: await workingFolder(world),
        ...(context === undefined ? {} : { context }),
        ...(sessionId === undefined ? {} : { sessionId }),
      }),
  }),
  defineHomeTool({
    name: 'nexo_skill_result',
    title: 'Report how a skill went',
    description:
      'After following a guide: did it lead to the result? Skills earn trust by it. Programs report by themselves.',
    hints: 'add',
    input: z.strictObject({
      id: Id,
      success: z.boolean(),
      context: Text.optional(),
      notes: Text.optional(),
      session_id: z.string().max(200).optional(),
    }),
    output: { id: z.string(), trust_score: z.number(), level: z.string(), promotion: z.string() },
    run: async (world, { id, success, context = '', notes = '', session_id: sessionId = '' }) => {
      const library = await openLibrary(world);
      const { skill } = library.get(id);
      const judged = recordUse(
        library.database,
        skill,
        { success, context, notes, sessionId },
        library.clock,
      );
      library.refresh();
      return {
        id: skill.id,
        trust_score: judged?.trustScore,
        level: judged?.level,
        promotion: judged?.promotion,
      };
    },
  }),
  defineHomeTool({
    name: 'nexo_skill_create',
    title: 'Write a skill',
    description:
      'A new personal skill: a guide, or a guide with a program to fill in. Match first; extend what is there.',
    hints: 'add',
    input: z.strictObject({
      name: z.string().min(1).max(100),
      id: z.string().regex(/^SK-/i).max(100).optional(),
      description: Text.optional(),
      mode: z.enum(SKILL_MODES).optional(),
      execution_level: z.enum(EXECUTION_LEVELS).optional(),
      tags: z.array(z.string().max(100)).max(50).optional(),
      trigger_patterns: z.array(z.string().max(500)).max(50).optional(),
      steps: z.array(Text).max(100).optional(),
      gotchas: z.array(Text).max(100).optional(),
      content: z.string().max(200_000).optional(),
    }),
    output: { id: z.string(), folder: z.string(), files: z.array(z.string()) },
    run: async (world, input) => {
      const { execution_level: executionLevel, trigger_patterns: triggers, ...rest } = input;
      const given = Object.fromEntries(
        Object.entries({ ...rest, executionLevel, triggers }).filter(([, value]) => value !== undefined),
      );
      const library = await openLibrary(world);
      const created = createSkill(library, { ...given, name: input.name });
      library.sync();
      return created;
    },
  }),
  defineHomeTool({
    name: 'nexo_skill_sync',
    title: 'Read skills again',
    description: 'Reads all skill folders and names every fault.',
    hints: 'replace',
    input: z.strictObject({}),
    output: { synced: z.number(), ids: z.array(z.string()) },
    run: async (world) => (await openLibrary(world)).sync(),
  }),
];

/** The project, where there is one: skills look at what the agent works on. */
async function workingFolder(world: ToolWorld): Promise<string> {
  try {
    return (await world.workspace()).root;
  } catch {
    // Without a project the folder that the server was started in is as good as any.
    return world.cwd;
  }
}
