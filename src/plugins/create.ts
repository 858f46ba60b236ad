import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

import { createScript } from '../automation/scripts/create-script.ts';
import { discoverScripts } from '../automation/scripts/discover.ts';
import { linkHelpers } from '../automation/scripts/helper-links.ts';
import { syncScripts } from '../automation/scripts/registry.ts';
import type { Language } from '../automation/scripts/templates.ts';
import { moveToTrash, type Trashed } from '../automation/scripts/trash.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { nodeFileSystem, removeFileDurable, writeFileDurable } from '../base/durable-file.ts';
import { NexoError } from '../errors.ts';
import { initialiseHome } from '../home/layout.ts';
import type { HomePaths } from '../home/paths.ts';
import { CORE_TOOL_NAMES } from './core-tools.ts';
import { discoverPlugins, pluginFolders } from './discover.ts';
import { MANIFEST_SUFFIX } from './manifest.ts';
import { defaultToolName, stemOf } from './names.ts';
import { TOOL_NAME } from './parse-loaded.ts';

/** What a new plugin can be written in. */
export const PLUGIN_RUNTIMES = ['ts', 'js', 'python', 'mcp'] as const;
export type PluginRuntime = (typeof PLUGIN_RUNTIMES)[number];

const EXTENSIONS: Readonly<Record<PluginRuntime, string>> = {
  ts: '.ts',
  js: '.mjs',
  python: '.py',
  mcp: MANIFEST_SUFFIX,
};

/** The language of the companion where nobody says one: that of the plugin. */
const COMPANIONS: Readonly<Record<PluginRuntime, Language>> = {
  ts: 'typescript',
  js: 'node',
  python: 'python',
  mcp: 'python',
};

export interface NewPlugin {
  readonly name: string;
  readonly runtime?: PluginRuntime;
  readonly description?: string;
  readonly toolName?: string;
  /** Also writes a personal script for the part of the work that is local automation. */
  readonly companion?: boolean;
  readonly scriptRuntime?: Language;
  /** Replaces a plugin of that file name; the old one goes to the trash. */
  readonly force?: boolean;
  /** More beginnings that names of tools may have. */
  readonly prefixes?: readonly string[];
}

export interface CreatedPlugin {
  readonly ok: true;
  readonly name: string;
  readonly tool_name: string;
  readonly plugin_path: string;
  /** Null without one. */
  readonly companion_script: string | null;
  readonly replaced: Trashed | null;
  readonly next_step: string;
}

/** Longest name, in characters: tool names are made of it. */
const MAX_NAME = 40;

/**
 * Writes a new plugin from its template, and its companion script with it: both or neither.
 * Throws USAGE, PLUGIN_NAME_INVALID, PLUGIN_NAME_TAKEN, PLUGIN_EXISTS, and for the companion what `createScript` does.
 */
export async function createPlugin(
  database: DatabaseSync,
  paths: HomePaths,
  code: string,
  wanted: NewPlugin,
  clock: Clock = systemClock,
): Promise<CreatedPlugin> {
  const runtime = wanted.runtime ?? 'ts';
  const stem = slugOf(wanted.name);
  const file = `${stem}${EXTENSIONS[runtime]}`;
  const path = join(paths.plugins, file);
  const toolName = wanted.toolName ?? defaultToolName(file);
  assertToolName(toolName, wanted.prefixes ?? []);
  assertFree(paths, code, { file, stem, path, toolName, force: wanted.force === true });
  const description = oneLine(wanted.description ?? '') || 'What it does, in one line';

  initialiseHome(paths);
  linkHelpers(paths, code);
  const companion =
    wanted.companion === true
      ? await createScript(
          database,
          paths,
          {
            name: stem,
            description: `Companion of the plugin ${file}: ${description}`,
            language: wanted.scriptRuntime ?? COMPANIONS[runtime],
            wanted: {},
            createdBy: 'plugins:create',
          },
          clock,
        )
      : undefined;
  try {
    const replaced = existsSync(path) ? moveToTrash(paths, path, clock) : null;
    const text = fillTemplate(code, { runtime, stem, toolName, description, companion: companion?.filename });
    writeFileDurable(nodeFileSystem, path, text);
    return {
      ok: true,
      name: stem,
      tool_name: toolName,
      plugin_path: path,
      companion_script: companion?.path ?? null,
      replaced,
      next_step: `Edit ${path}, then load it: nexo plugins load ${file} (or nexo_plugin_load).`,
    };
  } catch (error) {
    if (companion !== undefined) {
      removeFileDurable(nodeFileSystem, companion.path);
      syncScripts(database, discoverScripts(paths), paths, { clock });
    }
    throw error;
  }
}

function slugOf(name: string): string {
  const stem = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{ASCII}]/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  if (stem === '' || stem.length > MAX_NAME) {
    const why = stem === '' ? 'has no letter or digit of a-z, 0-9' : `is longer than ${MAX_NAME} characters`;
    throw new NexoError('PLUGIN_NAME_INVALID', `The name "${name.slice(0, 60)}" ${why}.`, {
      hint: 'Give it a name such as crm-bridge.',
    });
  }
  return stem;
}

function assertToolName(name: string, prefixes: readonly string[]): void {
  const allowed = ['nexo_', ...prefixes];
  if (TOOL_NAME.test(name) && name.length <= 54 && allowed.some((prefix) => name.startsWith(prefix))) return;
  throw new NexoError('PLUGIN_NAME_INVALID', `"${name.slice(0, 80)}" is no name for a tool of a plugin.`, {
    hint: `Use a-z, 0-9 and _, at most 54 characters, beginning with ${allowed.join(' or ')}.`,
  });
}

interface Wish {
  readonly file: string;
  readonly stem: string;
  readonly path: string;
  readonly toolName: string;
  readonly force: boolean;
}

function assertFree(paths: HomePaths, code: string, { file, stem, path, toolName, force }: Wish): void {
  if (CORE_TOOL_NAMES.has(toolName)) {
    throw new NexoError('PLUGIN_NAME_TAKEN', `${toolName} is a tool of Nexo itself.`, {
      hint: 'Choose another name, or another tool name with --tool-name.',
    });
  }
  const { found } = discoverPlugins(pluginFolders(paths, code));
  const core = found.find((each) => each.origin === 'core' && stemOf(each.file) === stem);
  if (core !== undefined && !force) {
    throw new NexoError('PLUGIN_NAME_TAKEN', `${core.file} is a plugin of Nexo itself.`, {
      hint: `Choose another name. To stand in its place on purpose: --force, and overrides: "${core.file}" in the file.`,
    });
  }
  const there = existsSync(path)
    ? file
    : found.find((each) => each.origin === 'personal' && stemOf(each.file) === stem)?.file;
  if (there === undefined || (force && there === file)) return;
  throw new NexoError('PLUGIN_EXISTS', `There is a plugin ${there} already.`, {
    hint:
      there === file
        ? `Choose another name, or replace it with --force; ${file} then goes to the trash.`
        : 'Choose another name: two plugins of one name, in different languages, would have the same tools.',
    data: { path: join(paths.plugins, there) },
  });
}

interface Filling {
  readonly runtime: PluginRuntime;
  readonly stem: string;
  readonly toolName: string;
  readonly description: string;
  readonly companion: string | undefined;
}

function fillTemplate(code: string, { runtime, stem, toolName, description, companion }: Filling): string {
  const name = `plugin-template${EXTENSIONS[runtime]}`;
  const text = readFileSync(join(code, 'assets', 'templates', 'plugin', name), 'utf8');
  const words = stem.split('-');
  const upper = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
  // As the inside of a string in quotes, which is the same in all these languages.
  const quoted = JSON.stringify(description).slice(1, -1).replaceAll("'", '\u2019');
  const filled = text
    .replaceAll('nexo_my_plugin_', `${toolName}_`)
    .replaceAll('nexo_my_plugin', toolName)
    .replaceAll('handleMyPlugin', `handle${upper}`)
    .replaceAll('handle_my_plugin', `handle_${words.join('_')}`)
    .replaceAll('What it does, in one line', () => quoted);
  if (companion === undefined) return filled;
  switch (runtime) {
    case 'ts':
    case 'js':
      return filled.replace(
        'export const plugin = {};',
        `export const plugin = { companion: '${companion}' };`,
      );
    case 'python':
      return filled.replace('PLUGIN = {}', `PLUGIN = {"companion": "${companion}"}`);
    case 'mcp':
      return filled.replace('  "env": []', `  "companion": "${companion}",\n  "env": []`);
  }
}

function oneLine(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 500);
}
