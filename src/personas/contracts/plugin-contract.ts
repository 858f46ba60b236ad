import { chmodSync, lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { systemErrorCode } from '../../errors.ts';
import { PLUGIN_LIMITS } from '../extract/limits.ts';
import type { PackContract } from '../install/contract.ts';
import { packError } from '../pack-error.ts';
import { listPackTree } from '../pack-files.ts';
import { packPathFault } from '../pack-path.ts';
import { type PluginManifest, parsePluginManifest } from './plugin-manifest.ts';

/** Manifest names, the current one first. */
export const PLUGIN_MANIFESTS = ['plugin.toml', 'nexo-plugin.toml'] as const;

/** What a plugin brings: programs that will run with the operator's rights. */
export interface PluginReport {
  readonly id: string;
  readonly entrypoint: readonly string[] | null;
  readonly provides: readonly string[];
  readonly tools: readonly string[];
  readonly admin: readonly string[];
  readonly environment: readonly string[];
  readonly programs: readonly string[];
  readonly files: number;
}

/** Packs of code. */
export const PLUGIN_CONTRACT: PackContract<PluginManifest, PluginReport> = {
  family: 'plugin',
  manifestAssets: PLUGIN_MANIFESTS,
  limits: PLUGIN_LIMITS,
  parse: parsePluginManifest,
  identify: ({ id, version, description, min_nexo_version: minNexoVersion, homepage }) => ({
    id,
    version,
    description,
    minNexoVersion,
    homepage,
  }),
  requirements: ({ requires }) => ({
    plugins: [],
    features: requires?.features ?? [],
    variables: requires?.env ?? [],
  }),
  isProgram: (path) => /(^|\/)bin\/[^/]+$/.test(path),
  validate: (folder, { id, version }) => {
    const manifest = readPluginManifest(folder);
    if (manifest.id !== id || manifest.version !== version) {
      const found = `${manifest.id} ${manifest.version}`;
      throw packError(
        'ManifestMismatch',
        `the archive holds ${found}, and the release is of ${id} ${version}.`,
      );
    }
    const program = entryProgram(folder, manifest);
    if (program !== undefined) chmodSync(program, 0o755);
    return [];
  },
  report: reportPlugin,
  compare: (before, after) => {
    const old = new Set(grantsOf(before));
    const now = new Set(grantsOf(after));
    return {
      added: [...now].filter((line) => !old.has(line)),
      removed: [...old].filter((line) => !now.has(line)),
      changed: [],
    };
  },
};

/** Throws PACK_MANIFEST_INVALID. */
export function readPluginManifest(folder: string): PluginManifest {
  for (const file of PLUGIN_MANIFESTS) {
    try {
      return parsePluginManifest(readFileSync(join(folder, file), 'utf8'), file);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    }
  }
  throw packError('ManifestInvalid', `${folder} has no ${PLUGIN_MANIFESTS[0]}.`);
}

/**
 * The program of the plugin that is started, when it is one of its own files; undefined when the system's is meant, such
 * as `node`. Throws PACK_CONTENT_MISMATCH when it is named and missing.
 */
export function entryProgram(folder: string, { id, entrypoint }: PluginManifest): string | undefined {
  if (entrypoint === undefined) return undefined;
  const command = entrypoint.command.replace(/^\.\//, '');
  // A bare word is looked up in PATH, as a shell would.
  if (!command.includes('/')) return undefined;
  const path = join(folder, command);
  if (packPathFault(command) === undefined && lstatSync(path, { throwIfNoEntry: false })?.isFile())
    return path;
  throw packError(
    'BinaryMissing',
    `the plugin ${id} starts ${JSON.stringify(entrypoint.command)}, which is not in it.`,
  );
}

function reportPlugin(folder: string, manifest: PluginManifest): PluginReport {
  const files = listPackTree(folder, { maxEntries: PLUGIN_LIMITS.maxEntries }).entries.filter(
    ({ kind }) => kind === 'file',
  );
  const { entrypoint, capabilities, tools, requires } = manifest;
  return {
    id: manifest.id,
    entrypoint: entrypoint === undefined ? null : [entrypoint.command, ...entrypoint.args],
    provides: capabilities?.provides ?? [],
    tools: [...(tools?.expose ?? []), ...(tools?.deferred ?? [])],
    admin: [...(capabilities?.admin?.required ?? []), ...(capabilities?.admin?.optional ?? [])],
    environment: requires?.env ?? [],
    programs: files.map(({ path }) => path).filter((path) => PLUGIN_CONTRACT.isProgram(path)),
    files: files.length,
  };
}

function grantsOf({ entrypoint, provides, tools, admin, environment, programs }: PluginReport): string[] {
  return [
    ...(entrypoint === null ? [] : [`starts: ${entrypoint.join(' ')}`]),
    ...provides.map((each) => `provides: ${each}`),
    ...tools.map((each) => `tool: ${each}`),
    ...admin.map((each) => `right: ${each}`),
    ...environment.map((each) => `environment: ${each}`),
    ...programs.map((each) => `program: ${each}`),
  ];
}
