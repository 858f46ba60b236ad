import { isAbsolute, resolve } from 'node:path';
import * as z from 'zod';

import { checkSchema } from '../base/schema-faults.ts';
import { parseYaml } from '../base/yaml-source.ts';
import type { HomePaths } from '../home/paths.ts';
import { type PackFamily, packPlaces } from './paths.ts';
import { readPackText } from './read-text.ts';

/** Largest settings file and longest lists in it; more is a mistake or an attack. */
const MAX_CONFIG_BYTES = 256 * 1024;
const MAX_SEARCH_PATHS = 64;
const MAX_IDS = 4096;

const DiscoverySchema = z.strictObject({
  schema_version: z.int().optional(),
  activation: z.enum(['auto', 'template']).optional(),
  discovery: z
    .strictObject({
      search_paths: z.array(z.string().min(1)).max(MAX_SEARCH_PATHS).nullable().optional(),
      disabled: z.array(z.string()).max(MAX_IDS).nullable().optional(),
      allowlist: z.array(z.string()).max(MAX_IDS).nullable().optional(),
      /** Written by an older `init`; links out of a search path are never followed. */
      follow_symlinks: z.boolean().optional(),
    })
    .nullable()
    .optional(),
});

/** Something about the settings or a search path that an operator should know. */
export interface Diagnostic {
  readonly kind:
    | 'SearchPathMissing'
    | 'PermissionDenied'
    | 'ManifestParseError'
    | 'SymlinkEscape'
    | 'ValidationFailed'
    | 'Disabled'
    | 'AllowlistRejected'
    | 'DuplicateId'
    | 'UnresolvedEnvVar'
    | 'ConfigInvalid'
    | 'NameMismatch'
    | 'TooManyEntries'
    | 'KillSwitch';
  readonly level: 'debug' | 'info' | 'warning' | 'error';
  readonly path: string;
  /** From 1; absent where a whole file or folder is meant. */
  readonly line?: number;
  /** A sentence without a full stop that goes on after the path. */
  readonly message: string;
  readonly fix?: string;
}

export interface SearchPath {
  readonly path: string;
  /** `run` is the folder of a pack under development, `default` the place that `install` uses. */
  readonly from: 'config' | 'default' | 'run';
}

export interface DiscoveryConfig {
  readonly file: string;
  readonly exists: boolean;
  readonly activation: 'auto' | 'template';
  readonly searchPaths: readonly SearchPath[];
  readonly disabled: ReadonlySet<string>;
  /** Empty: every id is accepted. */
  readonly allowlist: ReadonlySet<string>;
  readonly diagnostics: readonly Diagnostic[];
}

/** What to search while there is no `discovery.yaml`. */
export type WhenUnconfigured = 'default-root' | 'nothing';

export interface ConfigPlace {
  readonly paths: HomePaths;
  readonly env: NodeJS.ProcessEnv;
  readonly userHome: string;
  readonly whenUnconfigured?: WhenUnconfigured;
  /** Packs of code have settings of the same shape in a folder of their own. */
  readonly family?: PackFamily;
}

/**
 * Reads `<config>/personas/discovery.yaml`, or that of plugins. Never throws: a file that cannot be understood searches nothing, because
 * nobody knows then which packs it was to keep out.
 */
export function loadDiscoveryConfig(place: ConfigPlace): DiscoveryConfig {
  const { paths, whenUnconfigured = 'default-root', family = 'persona' } = place;
  const { discoveryFile: file, defaultRoot } = packPlaces(paths, family);
  const none: DiscoveryConfig = {
    file,
    exists: true,
    activation: 'auto',
    searchPaths: [],
    disabled: new Set(),
    allowlist: new Set(),
    diagnostics: [],
  };
  const invalid = (message: string, fix: string, line = 1): DiscoveryConfig => ({
    ...none,
    diagnostics: [{ kind: 'ConfigInvalid', level: 'error', path: file, line, message, fix }],
  });
  const read = readPackText(file, MAX_CONFIG_BYTES);
  if (!read.ok && read.missing) {
    const searchPaths: SearchPath[] =
      whenUnconfigured === 'nothing' ? [] : [{ path: defaultRoot, from: 'default' }];
    return { ...none, exists: false, searchPaths };
  }
  if (!read.ok) return invalid(read.message, read.fix);
  if (isBlankYaml(read.text)) return none;
  const parsed = parseYaml(read.text);
  if (!parsed.ok) return invalid(parsed.message, parsed.fix, parsed.line);
  const { value, lineOf } = parsed.source;
  const checked = checkSchema(value, DiscoverySchema);
  if (!checked.ok) {
    const diagnostics = checked.faults.map(
      ({ path, message, fix }): Diagnostic => ({
        kind: 'ConfigInvalid',
        level: 'error',
        path: file,
        line: lineOf(path),
        message,
        fix,
      }),
    );
    return { ...none, diagnostics };
  }
  const { activation = 'auto', discovery } = checked.data;
  const diagnostics: Diagnostic[] = [];
  const searchPaths = (discovery?.search_paths ?? []).flatMap((written, at): SearchPath[] => {
    const expanded = expandPath(written, place);
    if (expanded !== undefined) return [{ path: expanded, from: 'config' }];
    diagnostics.push({
      kind: 'UnresolvedEnvVar',
      level: 'warning',
      path: file,
      line: lineOf(['discovery', 'search_paths', at]),
      message: `names ${written}, with a variable that is not $HOME or $NEXO_HOME, or is not set`,
      fix: 'Write the folder out.',
    });
    return [];
  });
  return {
    ...none,
    activation,
    searchPaths,
    disabled: new Set(discovery?.disabled ?? []),
    allowlist: new Set(discovery?.allowlist ?? []),
    diagnostics,
  };
}

/** `$NEXO_HOME`, `$HOME`, their forms in braces and a leading `~`; relative paths count from the configuration. */
function expandPath(written: string, { paths, env, userHome }: ConfigPlace): string | undefined {
  const known: Readonly<Record<string, string | undefined>> = {
    NEXO_HOME: paths.home,
    HOME: userHome === '' ? env.HOME : userHome,
  };
  let unresolved = false;
  const expanded = written
    .replace(/^~(?=\/|$)/, () => known.HOME ?? '')
    .replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced: string | undefined, bare: string | undefined) => {
      const value = known[braced ?? bare ?? ''];
      unresolved ||= value === undefined || value === '';
      return value ?? whole;
    });
  if (unresolved || expanded.includes('\u0000')) return undefined;
  return isAbsolute(expanded) ? resolve(expanded) : resolve(paths.config, expanded);
}

function isBlankYaml(text: string): boolean {
  return text.split(/\r?\n/).every((line) => /^\s*(#.*)?$/.test(line));
}
