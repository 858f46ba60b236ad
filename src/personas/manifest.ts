import { parse, TomlError } from 'smol-toml';

import { ManifestReader } from './manifest-reader.ts';
import { checkManifest } from './manifest-rules.ts';
import { keyName, locateTomlValues } from './toml-lines.ts';

/** The manifest's name, in a pack and among the files of a release. */
export const MANIFEST_FILE = 'persona.toml';
/** Largest manifest that is read, in bytes. */
export const MAX_MANIFEST_BYTES = 256 * 1024;

export interface EnvRequirement {
  /** Name of an environment variable. */
  readonly name: string;
  readonly required: boolean;
  readonly description: string;
}

/** A manifest that keeps every rule. Paths are relative to the pack, with `/`. */
export interface PersonaManifest {
  readonly id: string;
  readonly version: string;
  readonly description: string;
  /** A version requirement, see `parseRequirement`. */
  readonly minNexoVersion: string;
  readonly homepage?: string;
  /** Undefined when the manifest has no such section. */
  readonly requires?: {
    readonly plugins: readonly string[];
    readonly features: readonly string[];
    readonly envVars: readonly EnvRequirement[];
  };
  readonly contributes: {
    readonly agentConfigs: readonly string[];
    readonly pluginConfigsPartial: readonly string[];
    readonly secretsTemplates: readonly string[];
    /** One folder, without a trailing slash. */
    readonly workspaceSeed?: string;
  };
  /** Undefined when the manifest has no such section. */
  readonly meta?: { readonly author?: string; readonly license?: string; readonly repository?: string };
}

/** Names of what can be wrong with a manifest. They are API: programs match on them. */
export type ManifestProblemKind =
  | 'ParseToml'
  | 'MissingManifestVersion'
  | 'UnsupportedManifestVersion'
  | 'InvalidId'
  | 'InvalidVersion'
  | 'InvalidMinNexoVersion'
  | 'EmptyRequiredField'
  | 'AbsolutePath'
  | 'ParentTraversal'
  | 'UnsafePath'
  | 'InvalidEnvVarName'
  | 'EmptyEnvVarDescription'
  | 'ManifestInvalid';

export interface ManifestProblem {
  readonly kind: ManifestProblemKind;
  /** `persona.contributes.agent_configs[0]`; empty for a fault of the whole file. */
  readonly key: string;
  /** From 1. */
  readonly line: number;
  /** One sentence, without a full stop, that names the key. */
  readonly message: string;
  /** What to do, one sentence. */
  readonly fix: string;
  /** The file as the caller named it. */
  readonly file: string;
}

export type ManifestResult =
  | { readonly ok: true; readonly manifest: PersonaManifest }
  | { readonly ok: false; readonly problems: readonly [ManifestProblem, ...ManifestProblem[]] };

/**
 * Reads the text of a `persona.toml`, version 2, strictly: unknown keys and wrong types are refused at every level,
 * then every rule of the format is checked. All problems are told at once; the first one is the one to report where
 * there is room for one.
 */
export function parseManifest(
  text: string,
  { file = MANIFEST_FILE }: { file?: string } = {},
): ManifestResult {
  const fail = (problem: Omit<ManifestProblem, 'file'>): ManifestResult => ({
    ok: false,
    problems: [{ ...problem, file }],
  });
  let value: unknown;
  try {
    value = parse(text.replace(/^\ufeff/, ''), { integersAsBigInt: true });
  } catch (error) {
    return fail({ kind: 'ParseToml', key: '', ...syntaxProblem(error) });
  }
  const lineOf = locateTomlValues(text);
  // The parser answers with a table.
  const root = value as Readonly<Record<string, unknown>>;
  const version = versionProblem(root);
  if (version !== undefined)
    return fail({ ...version, key: 'manifest_version', line: lineOf(['manifest_version']) });
  const reader = new ManifestReader(lineOf, file);
  const manifest = reader.manifest(root);
  if (manifest === undefined) return { ok: false, problems: reader.problems };
  const [first, ...rest] = checkManifest(manifest, (problem, path) => ({
    ...problem,
    key: keyName(path),
    line: lineOf(path),
    file,
  }));
  return first === undefined ? { ok: true, manifest } : { ok: false, problems: [first, ...rest] };
}

/** One line for a person: `persona.toml:12: persona.id …`. */
export function describeProblem({ file, line, message, fix }: ManifestProblem): string {
  return `${file}:${line}: ${message}. ${fix}`;
}

function syntaxProblem(error: unknown): Pick<ManifestProblem, 'line' | 'message' | 'fix'> {
  if (!(error instanceof TomlError)) {
    return { line: 1, message: 'the manifest is not valid TOML', fix: 'Correct the file.' };
  }
  const [first = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
  return {
    line: error.line,
    message: `the manifest is not valid TOML: ${first}`,
    fix: `Correct line ${error.line}, column ${error.column}.`,
  };
}

/** What the first look says: everything else about a manifest depends on its version. */
function versionProblem(
  root: Readonly<Record<string, unknown>>,
): Pick<ManifestProblem, 'kind' | 'message' | 'fix'> | undefined {
  const version = Object.hasOwn(root, 'manifest_version') ? root.manifest_version : undefined;
  if (version === 2n) return undefined;
  if (version === undefined) {
    return {
      kind: 'MissingManifestVersion',
      message: 'manifest_version is missing',
      fix: 'Write manifest_version = 2 above all tables.',
    };
  }
  if (typeof version !== 'bigint' || version < 0n) {
    return {
      kind: 'ParseToml',
      message: 'manifest_version is not a whole number',
      fix: 'Write manifest_version = 2.',
    };
  }
  if (version === 1n) {
    return {
      kind: 'UnsupportedManifestVersion',
      message: "manifest_version is 1: v1 packs install via the persona's install.sh",
      fix: 'Run that script, or write manifest_version = 2: every other field keeps its shape.',
    };
  }
  return {
    kind: 'UnsupportedManifestVersion',
    message: `manifest_version is ${version}, and this Nexo knows version 2`,
    fix: 'Upgrade Nexo, or install an older release of the pack.',
  };
}
