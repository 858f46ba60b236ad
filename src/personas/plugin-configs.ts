import { join } from 'node:path';

import { parseYaml } from '../base/yaml-source.ts';
import { MAX_YAML_BYTES } from './agent-config.ts';
import type { ActivePack } from './discovery.ts';
import { pluginOfPartial } from './manifest-rules.ts';
import { type MergeOptions, mergePluginConfig } from './merge-plugin-config.ts';
import { packSource } from './pack-agents.ts';
import { type Lookup, type Placeholder, resolvePlaceholders } from './placeholder.ts';
import { isMapping, type PartialShape, parsePluginPartial, unwrapPlugin } from './plugin-partial.ts';
import { readPackText } from './read-text.ts';

export interface PluginConfig {
  readonly plugin: string;
  /** The operator's configuration with what packs add. In memory only: it may hold secrets. */
  readonly value: unknown;
  /** `operator` and the packs that have added to it. */
  readonly sources: readonly string[];
}

export interface ContributionNote {
  readonly level: 'info' | 'warning';
  readonly source: string;
  readonly file: string;
  readonly line?: number;
  /** Goes on after the file. */
  readonly message: string;
  readonly fix?: string;
}

export interface PluginConfigOptions {
  readonly configDir: string;
  /** What the placeholders of a pack stand for. */
  readonly lookupFor: (pack: Pack) => Lookup;
  /** What plugins say about the shape of their configuration. */
  readonly shapes?: ReadonlyMap<string, NonNullable<MergeOptions['shape']>>;
}

type Pack = Pick<ActivePack, 'dir' | 'manifest'>;

/**
 * The configuration of every plugin that a pack adds to: the operator's file, then the packs in their order, none of
 * which changes what is there before it. Nothing is written.
 */
export function mergePluginConfigs(
  packs: readonly Pack[],
  { configDir, lookupFor, shapes }: PluginConfigOptions,
): { readonly configs: readonly PluginConfig[]; readonly notes: readonly ContributionNote[] } {
  const configs = new Map<string, PluginConfig>();
  const broken = new Set<string>();
  const notes: ContributionNote[] = [];
  for (const pack of packs) {
    const source = packSource(pack.manifest);
    for (const path of pack.manifest.contributes.pluginConfigsPartial) {
      const plugin = pluginOfPartial(path);
      const file = join(pack.dir, path);
      if (plugin === undefined || broken.has(plugin)) continue;
      const note = (
        level: ContributionNote['level'],
        message: string,
        more: Partial<ContributionNote> = {},
      ): void => {
        notes.push({ level, source, file, message, ...more });
      };
      const addition = readAddition(file, plugin, lookupFor(pack), pack, note);
      if (addition === undefined) continue;
      let base = configs.get(plugin);
      if (base === undefined) {
        const operator = readOperatorConfig(configDir, plugin);
        if (operator.fault !== undefined) {
          broken.add(plugin);
          notes.push({ level: 'warning', source: 'operator', ...operator.fault });
          continue;
        }
        base = { plugin, value: operator.value, sources: operator.value === undefined ? [] : ['operator'] };
      }
      const shape = shapes?.get(plugin);
      const merged = mergePluginConfig(base.value, addition, shape === undefined ? {} : { shape });
      if (!merged.ok) {
        note('warning', `is not used: it ${merged.reason}`, {
          fix: `Change plugins/${plugin}.yaml, or disable the pack.`,
        });
        continue;
      }
      for (const text of merged.notes) note('info', text);
      configs.set(plugin, { plugin, value: merged.value, sources: [...base.sources, source] });
    }
  }
  return { configs: [...configs.values()], notes };
}

type Note = (level: ContributionNote['level'], message: string, more?: Partial<ContributionNote>) => void;

function readAddition(
  file: string,
  plugin: string,
  lookup: Lookup,
  { manifest }: Pack,
  note: Note,
): PartialShape | undefined {
  const read = readPackText(file, MAX_YAML_BYTES);
  if (!read.ok) {
    note('warning', `is not used: it ${read.message}`, { fix: read.fix });
    return undefined;
  }
  const parsed = parsePluginPartial(read.text, plugin);
  if (!parsed.ok) {
    const [problem] = parsed.problems;
    note('warning', `is not used: it ${problem?.message ?? 'cannot be understood'}`, {
      ...(problem === undefined ? {} : { line: problem.line, fix: problem.fix }),
    });
    return undefined;
  }
  const unresolved = (what: string, missing: readonly Placeholder[]): void => {
    const names = missing.map(({ kind, name }) => (kind === 'file' ? `the secret ${name}` : name)).join(', ');
    note('warning', `${what} is not used: ${names} is missing or not declared by the pack`, {
      fix: fixFor(missing, manifest.contributes.secretsTemplates),
    });
  };
  if (!Array.isArray(parsed.value)) {
    const resolved = resolvePlaceholders(parsed.value, lookup);
    if (resolved.ok && isMapping(resolved.value)) return resolved.value;
    unresolved('the fragment', resolved.ok ? [] : resolved.missing);
    return undefined;
  }
  return parsed.value.flatMap((item, at) => {
    const resolved = resolvePlaceholders(item, lookup);
    if (resolved.ok) return [resolved.value];
    unresolved(`item ${at + 1}`, resolved.missing);
    return [];
  });
}

function fixFor(missing: readonly Placeholder[], templates: readonly string[]): string {
  const file = missing.find(({ kind }) => kind === 'file');
  if (file === undefined) return `Set ${missing.map(({ name }) => name).join(', ')}.`;
  const name = file.name.slice(file.name.lastIndexOf('/') + 1);
  return templates.some(
    (template) => template.endsWith(`/${name}.template`) || template === `${name}.template`,
  )
    ? `Fill in secrets/${name}.`
    : 'Ask the author of the pack for a template of that secret.';
}

export interface OperatorConfig {
  readonly value?: unknown;
  readonly fault?: Pick<ContributionNote, 'file' | 'line' | 'message' | 'fix'>;
}

/** What the operator has written for a plugin, without its wrapper; nothing when there is no file. */
export function readOperatorConfig(configDir: string, plugin: string): OperatorConfig {
  const file = join(configDir, 'plugins', `${plugin}.yaml`);
  const read = readPackText(file, MAX_YAML_BYTES);
  if (!read.ok) return read.missing ? {} : { fault: { file, message: read.message, fix: read.fix } };
  if (read.text.split(/\r?\n/).every((line) => /^\s*(#.*)?$/.test(line))) return {};
  const parsed = parseYaml(read.text);
  if (!parsed.ok) {
    const { line, message, fix } = parsed;
    return { fault: { file, line, message, fix } };
  }
  const value = unwrapPlugin(parsed.source.value, plugin);
  return value === null ? {} : { value };
}
