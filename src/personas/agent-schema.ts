import * as z from 'zod';

/** `5m`, `1h30m`, `250ms`. */
const Duration = z.string().regex(/^(\d+(ms|s|m|h|d))+$/, 'must be a time such as 5m or 1h30m');
const Globs = z.array(z.string().min(1).max(256)).max(1024);
const Rate = z.strictObject({ rps: z.number().positive(), burst: z.int().min(1).optional() });
const Model = z.strictObject({ provider: z.string().min(1).max(64), model: z.string().min(1).max(128) });
/** Sections of subsystems that this program does not have: kept, and not looked into. */
const Opaque = z.unknown();
const OutboundAllowlist = z.strictObject({
  whatsapp: z.array(z.string()).optional(),
  telegram: z.array(z.int()).optional(),
});
const DispatchPolicy = z.strictObject({
  mode: z.enum(['none', 'read_only', 'full']).optional(),
  max_concurrent_per_dispatcher: z.int().min(1).optional(),
  allowed_phase_ids: z.array(z.string()).optional(),
  forbidden_phase_ids: z.array(z.string()).optional(),
});
const ToolRateLimits = z.strictObject({
  patterns: z.record(
    z.string(),
    z.strictObject({
      rps: z.number().positive(),
      burst: z.int().min(0).optional(),
      essential_deny_on_miss: z.boolean().optional(),
    }),
  ),
});
const ConfigTool = z.looseObject({ self_edit: z.boolean().optional() });

/** What both an agent and one of its bindings may say. */
const SHARED = {
  allowed_tools: Globs.optional(),
  allowed_delegates: Globs.optional(),
  skills: z.array(z.string().min(1).max(128)).optional(),
  outbound_allowlist: OutboundAllowlist.optional(),
  remote_triggers: z.array(z.looseObject({})).optional(),
  language: z.string().min(1).max(64).nullable().optional(),
  link_understanding: Opaque.optional(),
  web_search: Opaque.optional(),
  pairing_policy: Opaque.optional(),
  dispatch_policy: DispatchPolicy.optional(),
  plan_mode: Opaque.optional(),
  proactive: z.looseObject({ enabled: z.boolean().optional() }).optional(),
  repl: Opaque.optional(),
  auto_approve: z.boolean().optional(),
  lsp: Opaque.optional(),
  team: Opaque.optional(),
  config_tool: ConfigTool.optional(),
  tool_rate_limits: ToolRateLimits.optional(),
} as const;

const InboundBinding = z.strictObject({
  ...SHARED,
  plugin: z.string().min(1).max(64),
  instance: z.string().min(1).max(128).optional(),
  model: Model.optional(),
  system_prompt_extra: z.string().optional(),
  sender_rate_limit: z.union([z.enum(['inherit', 'disable']), Rate]).optional(),
  role: Opaque.optional(),
  allowed_channel_servers: z.array(z.string()).optional(),
});

/** Patterns that an agent would answer itself with. */
const LOOPS = /^(>|plugin\.>|plugin\.\*\.>|plugin\.inbound(\..*)?)$/;
const EventSubscriber = z.strictObject({
  id: z.string().min(1).max(64),
  subject_pattern: z
    .string()
    .min(1)
    .max(256)
    .refine((pattern) => !LOOPS.test(pattern), 'would bring the agent its own messages'),
  synthesize_inbound: z.enum(['synthesize', 'tick', 'off']).optional(),
  inbound_template: z.string().optional(),
  max_concurrency: z.int().min(1).optional(),
  max_buffer: z.int().min(1).optional(),
  overflow_policy: z.enum(['drop-oldest', 'drop-newest']).optional(),
});

/** What an agent says to Nexo itself, below `extensions_config.nexo`: its place in the shared catalog. */
const CatalogPlace = z.strictObject({
  name: z.string().min(1).max(80).optional(),
  task: z.string().min(1).max(120).optional(),
  category: z.enum(['how', 'do', 'check']).optional(),
  capabilities: z
    .array(z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be snake case'))
    .max(32)
    .optional(),
  resume_tier: z.string().max(64).optional(),
  model_tier: z.enum(['high', 'standard', 'low']).optional(),
});

const AgentSchema = z.strictObject({
  ...SHARED,
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be letters, digits, _ and -, at most 64, no sign first'),
  model: Model,
  tenant_id: z.string().nullable().optional(),
  description: z.string().max(4096).optional(),
  plugins: z.array(z.string().min(1).max(64)).optional(),
  heartbeat: z.strictObject({ enabled: z.boolean().optional(), interval: Duration.optional() }).optional(),
  config: z
    .strictObject({ debounce_ms: z.int().min(0).optional(), queue_cap: z.int().min(1).optional() })
    .optional(),
  system_prompt: z.string().optional(),
  workspace: z.string().optional(),
  workspace_git: z
    .strictObject({
      enabled: z.boolean().optional(),
      author_name: z.string().optional(),
      author_email: z.string().optional(),
    })
    .optional(),
  skills_dir: z.string().optional(),
  skill_overrides: z.record(z.string(), z.enum(['strict', 'warn', 'disable'])).optional(),
  transcripts_dir: z.string().optional(),
  extra_docs: z.array(z.string().min(1)).optional(),
  inbound_bindings: z
    .array(InboundBinding)
    .refine(
      (all) =>
        new Set(all.map(({ plugin, instance }) => JSON.stringify([plugin, instance]))).size === all.length,
      'name one plugin and instance twice',
    )
    .optional(),
  tool_args_validation: z.strictObject({ enabled: z.boolean().optional() }).optional(),
  sender_rate_limit: Rate.optional(),
  accept_delegates_from: Globs.optional(),
  credentials: z.record(z.string(), z.union([z.string(), z.boolean()])).optional(),
  google_auth: Opaque.optional(),
  context_optimization: z.record(z.string(), z.boolean()).optional(),
  dreaming: z.looseObject({ enabled: z.boolean().optional() }).optional(),
  brief: Opaque.optional(),
  channels: Opaque.optional(),
  assistant_mode: Opaque.optional(),
  away_summary: Opaque.optional(),
  auto_dream: Opaque.optional(),
  extract_memories: z.looseObject({ enabled: z.boolean().optional() }).optional(),
  event_subscribers: z.array(EventSubscriber).optional(),
  extensions_config: z.looseObject({ nexo: CatalogPlace.optional() }).optional(),
});

/** The one shape of `agents.yaml`, of `agents.d/*.yaml` and of the agent files of a pack. */
export const AgentsFileSchema = z.strictObject({
  schema_version: z.int().optional(),
  agents: z.array(AgentSchema).max(256),
});

export type AgentConfig = z.infer<typeof AgentSchema>;
