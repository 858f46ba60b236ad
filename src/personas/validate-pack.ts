import { lstatSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';

import { systemErrorCode } from '../errors.ts';
import { MAX_YAML_BYTES, parseAgentFile } from './agent-config.ts';
import {
  MANIFEST_FILE,
  MAX_MANIFEST_BYTES,
  type ManifestProblemKind,
  type PersonaManifest,
  parseManifest,
} from './manifest.ts';
import { pluginOfPartial } from './manifest-rules.ts';
import { listPackTree, PACK_LIMITS, type PackEntry } from './pack-files.ts';
import { collisionKey, packPathFault } from './pack-path.ts';
import { parsePluginPartial } from './plugin-partial.ts';
import { readPackText } from './read-text.ts';
import { locateTomlValues } from './toml-lines.ts';
import { isSeedable } from './workspace-seed.ts';

export interface PackProblem {
  readonly kind:
    | ManifestProblemKind
    | 'ManifestMismatch'
    | 'ManifestVersionMismatch'
    | 'ContributedPathMissing'
    | 'ContributedFileInvalid'
    | 'DisallowedEntryType'
    | 'NameCollision'
    | 'TooManyEntries'
    | 'EntryTooLarge'
    | 'ExtractedTooLarge';
  /** An error keeps a pack from being installed and loaded; a warning is for its author. */
  readonly level: 'error' | 'warning';
  /** Relative to the pack. */
  readonly path: string;
  readonly line: number;
  /** Goes on after the path: `is missing`. */
  readonly message: string;
  readonly fix: string;
}

export interface PackValidation {
  /** Undefined when it cannot be read. */
  readonly manifest: PersonaManifest | undefined;
  /** The text that `manifest` was read from. */
  readonly manifestText: string | undefined;
  /** What lies in the pack; empty when it could not be listed. */
  readonly entries: readonly PackEntry[];
  /** Errors first, each group in the order in which it was found. */
  readonly problems: readonly PackProblem[];
}

export interface ValidateOptions {
  /** What the release said; the pack has to say the same. */
  readonly expect?: { readonly id?: string; readonly version?: string };
  /** Paths that are no part of the pack, with everything below them. */
  readonly skip?: (path: string) => boolean;
}

/** Largest template of a secret, in bytes. */
const MAX_TEMPLATE_BYTES = 64 * 1024;

/** Names that mean something to tools: a pack must not smuggle their settings in. */
const TOOL_NAMES = new Set([
  '.git',
  '.nexus',
  '.nexo',
  '.claude',
  '.codex',
  '.opencode',
  '.mcp.json',
  'node_modules',
]);
/** What our installer adds to a pack. */
const INSTALLER_FILE = /^\.nexo-(install\.json|files\.sha256|seed\.json)$/;

/**
 * Checks everything in a pack's folder: the manifest, that it says what the release said, every file that it
 * contributes, and that nothing else is in the folder than plain files within the ceilings. Never throws for what is
 * in the folder; throws IO_FAILED when it cannot be read at all.
 */
export function validatePack(dir: string, { expect = {}, skip }: ValidateOptions = {}): PackValidation {
  const problems: PackProblem[] = [];
  const report = (problem: Omit<PackProblem, 'level'>, level: PackProblem['level'] = 'error'): void => {
    problems.push({ ...problem, level });
  };
  const tree = listPackTree(dir, skip === undefined ? {} : { skip });
  checkTree(dir, tree.entries, tree.truncated, report);
  const { manifest, text } = readManifest(dir, report);
  if (manifest !== undefined) {
    checkExpected(manifest, expect, text, report);
    checkContributions(dir, manifest, text, report);
    checkSecrets(manifest, tree.entries, report);
  }
  const errors = problems.filter(({ level }) => level === 'error');
  return {
    manifest,
    manifestText: manifest === undefined ? undefined : text,
    entries: tree.entries,
    problems: [...errors, ...problems.filter(({ level }) => level === 'warning')],
  };
}

type Report = (problem: Omit<PackProblem, 'level'>, level?: PackProblem['level']) => void;

function readManifest(dir: string, report: Report): { manifest?: PersonaManifest; text: string } {
  const read = readPackText(join(dir, MANIFEST_FILE), MAX_MANIFEST_BYTES);
  if (!read.ok) {
    const { message, fix } = read;
    report({ kind: 'ManifestInvalid', path: MANIFEST_FILE, line: 1, message, fix });
    return { text: '' };
  }
  const result = parseManifest(read.text);
  if (result.ok) return { manifest: result.manifest, text: read.text };
  for (const { kind, line, message, fix } of result.problems)
    report({ kind, path: MANIFEST_FILE, line, message, fix });
  return { text: read.text };
}

function checkExpected(
  { id, version }: PersonaManifest,
  expect: NonNullable<ValidateOptions['expect']>,
  text: string,
  report: Report,
): void {
  const lineOf = locateTomlValues(text);
  if (expect.id !== undefined && expect.id !== id) {
    report({
      kind: 'ManifestMismatch',
      path: MANIFEST_FILE,
      line: lineOf(['persona', 'id']),
      message: `is of the pack ${id}, and ${expect.id} was expected`,
      fix: 'Pack again from the folder that the release was made of.',
    });
  }
  if (expect.version !== undefined && expect.version !== version) {
    report({
      kind: 'ManifestVersionMismatch',
      path: MANIFEST_FILE,
      line: lineOf(['persona', 'version']),
      message: `states version ${version}, and ${expect.version} was expected`,
      fix: 'Tag the release with the version of the manifest, v and all three numbers.',
    });
  }
}

function checkTree(dir: string, entries: readonly PackEntry[], truncated: boolean, report: Report): void {
  const fault = (kind: PackProblem['kind'], path: string, message: string, fix: string): void =>
    report({ kind, path, line: 1, message, fix });
  if (truncated)
    fault(
      'TooManyEntries',
      '.',
      `holds more than ${PACK_LIMITS.entries} files and folders`,
      'Leave most of them out.',
    );
  const seen = new Map<string, string>();
  let total = 0;
  for (const { path, kind } of entries) {
    const pathFault = packPathFault(path);
    if (pathFault !== undefined) fault('UnsafePath', path, pathFault.reason, 'Rename it.');
    if (TOOL_NAMES.has(path.slice(path.lastIndexOf('/') + 1)))
      fault('UnsafePath', path, 'has a name that belongs to a tool', 'Leave it out of the pack.');
    if (kind === 'link' || kind === 'special')
      fault(
        'DisallowedEntryType',
        path,
        kind === 'link' ? 'is a symbolic link' : 'is no regular file',
        'A pack holds files and folders only: put the file itself there.',
      );
    const key = collisionKey(path);
    const twin = seen.get(key);
    if (twin !== undefined)
      fault('NameCollision', path, `is the same name as ${twin} on other systems`, 'Rename one.');
    seen.set(key, path);
    if (kind !== 'file') continue;
    const size = lstatSync(join(dir, path), { throwIfNoEntry: false })?.size ?? 0;
    total += size;
    if (size > PACK_LIMITS.entryBytes)
      fault('EntryTooLarge', path, `has more than ${PACK_LIMITS.entryBytes} bytes`, 'Leave it out.');
  }
  if (total > PACK_LIMITS.totalBytes)
    fault(
      'ExtractedTooLarge',
      '.',
      `holds more than ${PACK_LIMITS.totalBytes} bytes`,
      'Leave the large files out.',
    );
}

function checkContributions(dir: string, manifest: PersonaManifest, text: string, report: Report): void {
  const { agentConfigs, pluginConfigsPartial, secretsTemplates, workspaceSeed } = manifest.contributes;
  const lineOf = locateTomlValues(text);
  const isThere = (path: string, kind: 'file' | 'folder', key: readonly (string | number)[]): boolean => {
    const reason = placeFault(dir, path, kind);
    if (reason === undefined) return true;
    report({
      kind: 'ContributedPathMissing',
      path: MANIFEST_FILE,
      line: lineOf(['persona', 'contributes', ...key]),
      message: `contributes ${path}, which ${reason}`,
      fix: 'Add it to the pack, or take its name out of the manifest.',
    });
    return false;
  };
  const invalid = (path: string, line: number, message: string, fix: string, level?: 'warning'): void =>
    report({ kind: 'ContributedFileInvalid', path, line, message, fix }, level);
  const readText = (path: string, maxBytes: number): string | undefined => {
    const read = readPackText(join(dir, path), maxBytes);
    if (read.ok) return read.text;
    invalid(path, 1, read.message, read.fix);
    return undefined;
  };
  for (const [at, path] of agentConfigs.entries()) {
    if (!isThere(path, 'file', ['agent_configs', at])) continue;
    const content = readText(path, MAX_YAML_BYTES);
    const file = content === undefined ? undefined : parseAgentFile(content);
    if (file === undefined || file.ok) continue;
    // A file that a newer Nexo understands must not keep the rest of the pack out.
    for (const { line, message, fix } of file.problems)
      invalid(path, line, message, fix, file.readable ? 'warning' : undefined);
  }
  for (const [at, path] of pluginConfigsPartial.entries()) {
    if (!isThere(path, 'file', ['plugin_configs_partial', at])) continue;
    const content = readText(path, MAX_YAML_BYTES);
    const file = content === undefined ? undefined : parsePluginPartial(content, pluginOfPartial(path) ?? '');
    if (file === undefined || file.ok) continue;
    for (const { line, message, fix } of file.problems) invalid(path, line, message, fix);
  }
  for (const [at, path] of secretsTemplates.entries()) {
    if (isThere(path, 'file', ['secrets_templates', at])) readText(path, MAX_TEMPLATE_BYTES);
  }
  if (workspaceSeed !== undefined && isThere(workspaceSeed, 'folder', ['workspace_seed'])) {
    if (!isSeedable(workspaceSeed))
      invalid(
        MANIFEST_FILE,
        lineOf(['persona', 'contributes', 'workspace_seed']),
        `contributes the seed ${workspaceSeed}, which is never copied: it does not lie below data/`,
        'Move it to data/workspace/.',
        'warning',
      );
  }
}

/** Why a contributed path cannot be used; no part of it may be a link, and it has to lie in the pack. */
function placeFault(dir: string, path: string, kind: 'file' | 'folder'): string | undefined {
  const full = join(dir, path);
  try {
    const stat = lstatSync(full);
    if (stat.isSymbolicLink()) return 'is a symbolic link';
    if (kind === 'file' && !stat.isFile()) return 'is no regular file';
    if (kind === 'folder' && !stat.isDirectory()) return 'is no folder';
    const real = realpathSync(full);
    return real === join(realpathSync(dir), ...path.split('/').filter((part) => part !== ''))
      ? undefined
      : real.startsWith(realpathSync(dir) + sep)
        ? 'is spelled differently on disk, or lies behind a link'
        : 'leads out of the pack';
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'is not in the pack';
    if (code === 'EACCES' || code === 'EPERM') return 'cannot be read';
    throw error;
  }
}

/** A real secret in a pack is published with it. */
function checkSecrets(manifest: PersonaManifest, entries: readonly PackEntry[], report: Report): void {
  for (const { path, kind } of entries) {
    if (kind !== 'file' || INSTALLER_FILE.test(path)) continue;
    if (!/(^|\/)secrets\//.test(path) || path.endsWith('.template')) continue;
    if (/(^|\/)(README|\.gitkeep|\.gitignore)(\.md)?$/.test(path)) continue;
    report(
      {
        kind: 'ContributedFileInvalid',
        path,
        line: 1,
        message: 'lies with the secrets and is no template: it may be a real secret',
        fix: `Take it out of the pack${manifest.contributes.secretsTemplates.length > 0 ? '' : ', or name it .template'}.`,
      },
      'warning',
    );
  }
}
