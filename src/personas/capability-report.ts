import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';

import { MAX_YAML_BYTES, parseAgentFile } from './agent-config.ts';
import type { AgentConfig } from './agent-schema.ts';
import { findHiddenText, type TextFinding } from './hidden-text.ts';
import type { PersonaManifest } from './manifest.ts';
import { pluginOfPartial } from './manifest-rules.ts';
import { listPackTree } from './pack-files.ts';
import { findPlaceholders } from './placeholder.ts';
import { isMapping, parsePluginPartial } from './plugin-partial.ts';
import { type Privilege, privilegesOf } from './privileges.ts';
import { readPackText } from './read-text.ts';

export interface ReportedAgent {
  readonly id: string;
  readonly file: string;
  readonly description: string;
  readonly model: string;
  /** Tools that it may use; `*` when it names none and may use all. */
  readonly tools: readonly string[];
  readonly plugins: readonly string[];
  readonly skills: readonly string[];
  readonly privileges: readonly Privilege[];
  /** Of the system prompt. */
  readonly promptSha256: string;
}

export interface ReportedFinding extends TextFinding {
  /** Relative to the pack. */
  readonly file: string;
}

/** What a pack brings and asks for, in the order in which an operator wants to read it. */
export interface CapabilityReport {
  readonly id: string;
  readonly version: string;
  readonly agents: readonly ReportedAgent[];
  /** Plugins that the pack needs, that its agents use, and that it configures. */
  readonly plugins: readonly {
    readonly id: string;
    readonly from: string;
    readonly instances: readonly string[];
  }[];
  /** What starts an agent without a person: messages, events, times. */
  readonly hooks: readonly { readonly agent: string; readonly kind: string; readonly what: string }[];
  readonly environment: readonly {
    readonly name: string;
    readonly required: boolean;
    /** `requires`, or the file that asks for it. */
    readonly from: string;
  }[];
  /** Files that placeholders read, as they are written. */
  readonly secrets: readonly { readonly path: string; readonly from: string }[];
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** Where the pack writes once, below the configuration: secrets and the workspace seed. */
  readonly writes: readonly string[];
  readonly findings: readonly ReportedFinding[];
  /** Files that could not be looked into, and why. */
  readonly unread: readonly { readonly file: string; readonly reason: string }[];
}

/** Largest text that is searched for hidden characters and secrets, in bytes. */
const MAX_SEARCHED_BYTES = 1024 * 1024;
const TEXT_FILE = /\.(ya?ml|toml|md|markdown|txt|template|json|csv|html?)$|(^|\/)[A-Z]+$/;

/** Reads a pack's folder and says what it brings. Never runs anything, never follows a link out of the pack. */
export function reportCapabilities(
  dir: string,
  manifest: PersonaManifest,
  { skip }: { readonly skip?: (path: string) => boolean } = {},
): CapabilityReport {
  const files = listPackTree(dir, skip === undefined ? {} : { skip }).entries.filter(
    ({ kind }) => kind === 'file',
  );
  const agents: ReportedAgent[] = [];
  const hooks: CapabilityReport['hooks'][number][] = [];
  const plugins = new Map<string, { id: string; from: string; instances: string[] }>();
  const environment = new Map<string, CapabilityReport['environment'][number]>();
  const secrets: CapabilityReport['secrets'][number][] = [];
  const unread: CapabilityReport['unread'][number][] = [];
  const plugin = (id: string, from: string, instances: readonly string[] = []): void => {
    const known = plugins.get(id);
    if (known === undefined) plugins.set(id, { id, from, instances: [...instances] });
    else known.instances.push(...instances.filter((each) => !known.instances.includes(each)));
  };
  const placeholders = (value: unknown, from: string): void => {
    for (const { kind, name } of findPlaceholders(value)) {
      if (kind === 'file') secrets.push({ path: name, from });
      else if (!environment.has(name)) environment.set(name, { name, required: false, from });
    }
  };
  for (const { name, required } of manifest.requires?.envVars ?? [])
    environment.set(name, { name, required, from: 'requires' });
  for (const id of manifest.requires?.plugins ?? []) plugin(id, 'requires');
  for (const file of manifest.contributes.agentConfigs) {
    const read = readPackText(join(dir, file), MAX_YAML_BYTES);
    const parsed = read.ok ? parseAgentFile(read.text) : undefined;
    if (parsed?.ok !== true) {
      const reason = read.ok
        ? parsed?.ok === false
          ? (parsed.problems[0]?.message ?? '')
          : ''
        : read.message;
      unread.push({ file, reason });
      continue;
    }
    for (const { agent } of parsed.agents) {
      agents.push(reportAgent(agent, file));
      hooks.push(...hooksOf(agent));
      for (const id of [
        ...(agent.plugins ?? []),
        ...(agent.inbound_bindings ?? []).map((each) => each.plugin),
      ])
        plugin(id, file);
      placeholders(agent, file);
    }
  }
  for (const file of manifest.contributes.pluginConfigsPartial) {
    const id = pluginOfPartial(file) ?? '';
    const read = readPackText(join(dir, file), MAX_YAML_BYTES);
    const parsed = read.ok ? parsePluginPartial(read.text, id) : undefined;
    if (parsed?.ok !== true) {
      const reason = read.ok
        ? parsed?.ok === false
          ? (parsed.problems[0]?.message ?? '')
          : ''
        : read.message;
      unread.push({ file, reason });
      continue;
    }
    plugin(id, file, instancesOf(parsed.value));
    placeholders(parsed.value, file);
  }
  return {
    id: manifest.id,
    version: manifest.version,
    agents,
    plugins: [...plugins.values()],
    hooks,
    environment: [...environment.values()],
    secrets,
    files: files.map(({ path }) => ({ path, bytes: lstatSync(join(dir, path)).size })),
    writes: writesOf(
      manifest,
      files.map(({ path }) => path),
    ),
    findings: files.flatMap(({ path }) => findingsOf(dir, path)),
    unread,
  };
}

function reportAgent(agent: AgentConfig, file: string): ReportedAgent {
  return {
    id: agent.id,
    file,
    description: agent.description ?? '',
    model: `${agent.model.provider}/${agent.model.model}`,
    tools:
      agent.allowed_tools === undefined || agent.allowed_tools.length === 0 ? ['*'] : agent.allowed_tools,
    plugins: agent.plugins ?? [],
    skills: agent.skills ?? [],
    privileges: privilegesOf(agent),
    promptSha256: createHash('sha256')
      .update(agent.system_prompt ?? '')
      .digest('hex'),
  };
}

function hooksOf(agent: AgentConfig): CapabilityReport['hooks'][number][] {
  const hook = (kind: string, what: string) => ({ agent: agent.id, kind, what });
  return [
    ...(agent.inbound_bindings ?? []).map(({ plugin, instance }) =>
      hook('inbound', instance === undefined ? plugin : `${plugin}/${instance}`),
    ),
    ...(agent.event_subscribers ?? []).map(({ subject_pattern }) => hook('event', subject_pattern)),
    ...(agent.remote_triggers ?? []).map((_, at) => hook('remote', `trigger ${at + 1}`)),
    ...(agent.heartbeat?.enabled === true ? [hook('heartbeat', agent.heartbeat.interval ?? '5m')] : []),
    ...(agent.proactive?.enabled === true ? [hook('proactive', 'on its own')] : []),
  ];
}

function instancesOf(value: readonly unknown[] | Readonly<Record<string, unknown>>): string[] {
  const items = Array.isArray(value) ? value : [value];
  return items.flatMap((item) =>
    isMapping(item) && typeof item.instance === 'string' ? [item.instance] : [],
  );
}

function writesOf({ contributes }: PersonaManifest, files: readonly string[]): string[] {
  const seed = contributes.workspaceSeed;
  return [
    ...contributes.secretsTemplates.map(
      (path) => `secrets/${path.slice(path.lastIndexOf('/') + 1).replace(/\.template$/, '')}`,
    ),
    ...(seed === undefined ? [] : files.filter((path) => path.startsWith(`${seed}/`))),
  ];
}

function findingsOf(dir: string, file: string): ReportedFinding[] {
  if (!TEXT_FILE.test(file)) return [];
  const read = readPackText(join(dir, file), MAX_SEARCHED_BYTES);
  const found = read.ok ? findHiddenText(read.text) : [];
  return found.map((finding) => ({ file, ...finding }));
}
