import * as z from 'zod';

/** Kebab case as the Agent Skills standard has it, so that every id can name a skill folder. */
const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

const Id = z
  .string()
  .max(64)
  .regex(KEBAB, 'must be kebab case: small letters and digits, single hyphens, a letter first');
const SnakeId = z.string().regex(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, 'must be snake case');
const Line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => !/[\r\n]/.test(text.trim()), 'must be one line');

/** Longest description that the Agent Skills standard takes. */
const MAX_DESCRIPTION = 1024;

/** `agents/<id>/meta.yml`. References to the vocabulary are text here; gates of their own check them. */
export const AgentMetaSchema = z.strictObject({
  id: Id,
  name: Line(80),
  description: Line(MAX_DESCRIPTION),
  category: z.string(),
  capabilities: z.array(z.string()),
  resume_tier: z.string(),
  model_tier: z.enum(['high', 'standard', 'low']),
  task: Line(120).optional(),
  alias_ko: Line(80).optional(),
  mode: z.enum(['primary', 'subagent', 'all']).optional(),
});
export type AgentMeta = z.infer<typeof AgentMetaSchema>;

/** `agents/<id>/extend.yml`: what a later layer adds to an agent of an earlier one. */
export const AgentExtensionSchema = z.strictObject({
  capabilities: z.array(z.string()).min(1),
});

/** `skills/<id>/meta.yml`. */
export const SkillMetaSchema = z
  .strictObject({
    id: Id,
    name: Line(80),
    description: Line(MAX_DESCRIPTION),
    summary: z.string().min(10).max(120).optional(),
    triggers: z.array(Id).min(1).optional(),
    manual_only: z.boolean().optional(),
    harness_docs_refs: z.array(SnakeId).min(1).optional(),
    alias_ko: Line(80).optional(),
  })
  .refine(({ triggers, manual_only }) => triggers !== undefined || manual_only === true, {
    path: ['triggers'],
    message: 'are missing; only a skill with manual_only: true has none',
  });
export type SkillMeta = z.infer<typeof SkillMetaSchema>;

export const CapabilitySchema = z.strictObject({
  id: SnakeId,
  description: Line(MAX_DESCRIPTION),
  intent: SnakeId,
  blocks_semantic_classes: z.array(SnakeId).min(1),
  prose_guidance: z.string().min(40),
});

export const CategorySchema = z.strictObject({ id: Id, description: Line(MAX_DESCRIPTION) });
export const ResumeTierSchema = z.strictObject({
  id: Id,
  description: Line(MAX_DESCRIPTION),
  default: z.string().min(1),
});

const TagBase = {
  id: Id,
  trigger: z.string(),
  description: Line(MAX_DESCRIPTION),
  variants: z
    .array(
      z.strictObject({
        id: z.union([Id, z.literal('*')]),
        trigger: z.string(),
        description: Line(MAX_DESCRIPTION),
      }),
    )
    .min(1)
    .optional(),
  prose_guidance: z.string().min(1).optional(),
};

/** What a user types in brackets: activates a skill, or is handled on the spot. */
export const TagSchema = z.discriminatedUnion('type', [
  z.strictObject({ ...TagBase, type: z.literal('skill'), skill: Id }),
  z.strictObject({ ...TagBase, type: z.literal('inline_action'), handler: SnakeId }),
]);
export type Tag = z.infer<typeof TagSchema>;

const ParameterBase = { name: SnakeId, required: z.boolean(), description: Line(MAX_DESCRIPTION) };
export const InvocationSchema = z.strictObject({
  id: SnakeId,
  description: Line(MAX_DESCRIPTION),
  semantic_params: z.array(
    z.discriminatedUnion('type', [
      z.strictObject({ ...ParameterBase, type: z.enum(['text', 'role', 'skill', 'options']) }),
      z.strictObject({ ...ParameterBase, type: z.literal('enum'), values: z.array(z.string()).min(1) }),
    ]),
  ),
  fallback: z.string().min(1),
  prose_guidance: z.string().min(1),
});
export type Invocation = z.infer<typeof InvocationSchema>;
export type InvocationParameter = Invocation['semantic_params'][number];

export const TaskExceptionSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z_]*(\.[a-z][a-z_]*)?$/, 'must be snake case, with at most one dot'),
  condition: z.string().min(1),
  treatment: z.string().min(1),
});

export const MemoryPolicySchema = z.strictObject({
  categories: z
    .array(z.strictObject({ id: Id, prefix: z.string().regex(/^[a-z]+-$/), description: z.string().min(1) }))
    .min(1),
  naming: z.strictObject({
    pattern: z.string().min(1),
    description: z.string().min(1),
    optional_prefix: z.literal(true),
  }),
  access_tracking: z.strictObject({
    observation_primitive: z.literal('file_read'),
    scope: z.literal('.nexus/memory/'),
    information_accumulated: z
      .array(z.enum(['last_access_timestamp', 'access_count', 'last_reader_identity']))
      .length(3),
  }),
  forgetting: z.strictObject({
    manual_gate_default: z.literal(true),
    automatic_deletion_structure: z.strictObject({
      principle: z.literal('minimum_three_signal_intersection'),
      description: z.string().min(1),
    }),
    recoverable_deletion_requirement: z.literal('git_commit'),
  }),
  merge: z.strictObject({ principle: z.literal('merge_before_create'), description: z.string().min(1) }),
});
export type MemoryPolicy = z.infer<typeof MemoryPolicySchema>;

const HelpText = z.strictObject({ en: z.string().min(1), ko: z.string().min(1) });
export const HarnessDocsSchema = z.record(Id, z.record(SnakeId, HelpText));
/** Harness, then key, then language. */
export type HarnessDocs = z.infer<typeof HarnessDocsSchema>;
