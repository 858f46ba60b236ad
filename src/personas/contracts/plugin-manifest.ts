import { parse, TomlError } from 'smol-toml';
import { z } from 'zod';

import { packError } from '../pack-error.ts';
import { parseRequirement } from '../requirement.ts';
import { isVersion } from '../version.ts';

/** Ids of plugins that come with Nexo or may one day. */
const RESERVED_IDS = ['agent', 'browser', 'core', 'email', 'heartbeat', 'memory', 'telegram', 'whatsapp'];

const PROVIDES = [
  'tools',
  'advisors',
  'agents',
  'skills',
  'channels',
  'hooks',
  'mcp_servers',
  'webhooks',
  'poller_drivers',
  'llm_providers',
] as const;

const names = z.array(z.string().min(1).max(200)).max(500).default([]);
/** Sections that other parts of the program read; here only their place is checked. */
const section = z.record(z.string(), z.unknown()).optional();

const PluginSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'violates id regex ^[a-z][a-z0-9_-]{0,63}$')
    .refine((id) => !RESERVED_IDS.includes(id), 'is reserved'),
  version: z.string().refine(isVersion, 'is no semantic version MAJOR.MINOR.PATCH'),
  name: z.string().min(1).max(200),
  description: z.string().max(1000).default(''),
  homepage: z.string().max(1000).optional(),
  min_nexo_version: z.string().refine((text) => parseRequirement(text).ok, 'is no version requirement'),
  enabled_by_default: z.boolean().default(false),
  entrypoint: z
    .strictObject({
      command: z.string().min(1).max(1000),
      args: z.array(z.string().max(4000)).max(200).default([]),
      env: z
        .record(
          z.string().regex(/^(?!NEXO_)[A-Za-z_][A-Za-z0-9_]*$/, 'is no variable that a plugin may set'),
          z.string().max(4000),
        )
        .default({}),
    })
    .optional(),
  supervisor: z
    .strictObject({
      respawn: z.boolean().default(false),
      max_attempts: z.int().min(0).max(1000).default(3),
      backoff_ms: z.int().min(0).max(600_000).default(1000),
      stderr_tail_lines: z.int().min(0).max(512).default(32),
    })
    .optional(),
  capabilities: z
    .strictObject({
      provides: z.array(z.enum(PROVIDES)).default([]),
      admin: z.strictObject({ required: names, optional: names }).optional(),
      http_server: section,
    })
    .optional(),
  tools: z.strictObject({ expose: names, deferred: names }).optional(),
  requires: z.strictObject({ bins: names, env: names, features: names, nexo_capabilities: names }).optional(),
  advisors: section,
  agents: section,
  channels: section,
  skills: section,
  config: section,
  config_schema: section,
  capability_gates: section,
  ui: section,
  contracts: section,
  meta: section,
  pairing: section,
  http: section,
  metrics: section,
  poller: section,
  public_tunnel: section,
  sandbox: section,
});

const FileSchema = z.strictObject({
  manifest_version: z.union([z.literal(1), z.literal(2)]).optional(),
  plugin: PluginSchema,
});

/** A plugin's manifest that keeps every rule. */
export type PluginManifest = z.infer<typeof PluginSchema>;

/** Reads `plugin.toml`, or `nexo-plugin.toml`, strictly. Throws PACK_MANIFEST_INVALID with every problem. */
export function parsePluginManifest(text: string, file: string): PluginManifest {
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw packError('ParseToml', `${file}:${error.line}: the manifest is not valid TOML.`);
  }
  const parsed = FileSchema.safeParse(raw);
  if (parsed.success) return parsed.data.plugin;
  const problems = parsed.error.issues
    .slice(0, 20)
    .map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  const isId = parsed.error.issues[0]?.path.join('.') === 'plugin.id';
  throw packError(
    isId ? 'InvalidId' : 'ManifestInvalid',
    `${file} breaks the rules of a manifest: ${problems.join('; ')}.`,
    {
      hint: 'Its author has to correct the manifest.',
      data: { problems },
    },
  );
}
