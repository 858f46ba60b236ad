import * as z from 'zod';

import { advise } from '../../advise/advise.ts';
import { existingThings } from '../../advise/existing.ts';
import { defineHomeTool } from './define-home-tool.ts';

const Flag = z.boolean().optional();

export const adviseTool = defineHomeTool({
  name: 'nexo_advise',
  title: 'Choose an artifact',
  description:
    'Which kind of artifact a need calls for: script, skill, plugin, schedule or core change. Ask before you make one.',
  hints: 'read',
  input: z.strictObject({
    need: z.string().min(1).max(2000),
    for_all_users: Flag,
    needs_mcp_tool: Flag,
    procedure: Flag,
    autonomous: Flag,
    scheduled: Flag,
    script: z.string().min(1).max(200).optional(),
  }),
  output: {
    artifact: z.string().nullable(),
    companions: z.array(z.string()),
    rule: z.number().nullable(),
    confidence: z.number(),
    reasons: z.array(z.string()),
    path: z.string().nullable(),
    header: z.array(z.string()),
    next_commands: z.array(z.string()),
    checklist: z.array(z.string()),
    questions: z.array(z.string()),
  },
  run: async ({ home }, input) => {
    const answer = advise(
      {
        text: input.need,
        forAllUsers: input.for_all_users === true,
        needsMcpTool: input.needs_mcp_tool === true,
        procedure: input.procedure === true,
        autonomous: input.autonomous === true,
        scheduled: input.scheduled === true,
        ...(input.script === undefined ? {} : { script: input.script }),
      },
      existingThings(home),
      home,
    );
    const { nextCommands, antiPatterns, existingMatches, selfGate, mode, ...rest } = answer;
    return {
      ...rest,
      mode: mode ?? null,
      self_gate: selfGate,
      next_commands: nextCommands,
      anti_patterns: antiPatterns,
      existing_matches: existingMatches,
    };
  },
});
