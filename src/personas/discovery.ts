import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';

import { systemErrorCode } from '../errors.ts';
import {
  type ConfigPlace,
  type Diagnostic,
  type DiscoveryConfig,
  loadDiscoveryConfig,
  type SearchPath,
} from './discovery-config.ts';
import { isKilled, KILL_SWITCH } from './kill-switch.ts';
import { isLeftOut } from './left-out.ts';
import { MANIFEST_FILE, MAX_MANIFEST_BYTES, type PersonaManifest, parseManifest } from './manifest.ts';
import { readPackText } from './read-text.ts';
import { parseRequirement } from './requirement.ts';
import { validatePack } from './validate-pack.ts';
import { type Candidate, chooseWinners, isNamedWell } from './winners.ts';

export type PackState = 'active' | 'shadowed' | 'disabled' | 'not-allowlisted' | 'invalid' | 'kill-switch';

/** A pack on disk. */
export interface FoundPack {
  readonly dir: string;
  readonly searchPath: string;
  readonly state: PackState;
  /** Why it is not active; undefined when it is. */
  readonly reason: string | undefined;
  /** The folder of the pack that is used in its place, when it is `shadowed`. */
  readonly shadowedBy?: string;
  /**
   * Whether it is the one of its id that counts, filters aside: what `get`, `remove` and `upgrade` speak of. Never
   * true for an invalid one.
   */
  readonly chosen: boolean;
  /** Undefined when the manifest cannot be read. */
  readonly manifest: PersonaManifest | undefined;
  /** Where the manifest was found; the text that it was read from. */
  readonly manifestFile: string;
}

/** A pack whose contributions count. */
export interface ActivePack extends FoundPack {
  readonly state: 'active';
  readonly manifest: PersonaManifest;
}

export interface Discovery {
  readonly killSwitch: boolean;
  readonly config: DiscoveryConfig;
  readonly searchPaths: readonly (SearchPath & { readonly exists: boolean })[];
  /** Everything that looks like a pack, in the order of the search. */
  readonly packs: readonly FoundPack[];
  /** One for each id, in the order of the search. */
  readonly winners: readonly ActivePack[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface DiscoverOptions extends ConfigPlace {
  /** The version that `min_nexo_version` is compared with. */
  readonly nexoVersion: string;
  /** The folder of a pack under development: its parent is searched first, and it wins over all others of its id. */
  readonly pinned?: string;
  /** Also reads what each pack contributes, as `validatePack` does; without it only manifests are read. */
  readonly thorough?: boolean;
  /** Says why an installed pack is not what was verified; undefined when it is, or was not installed by Nexo. */
  readonly tamperedWith?: (dir: string) => string | undefined;
}

/** How many folders of one search path are looked at. */
const MAX_FOLDERS = 2048;

/**
 * Finds the packs of this installation. Nothing that lies on disk makes it throw: what cannot be used is told, and
 * the rest still counts.
 */
export function discoverPersonas(options: DiscoverOptions): Discovery {
  const config = loadDiscoveryConfig(options);
  const diagnostics: Diagnostic[] = [...config.diagnostics];
  const killSwitch = isKilled(options.env);
  if (killSwitch)
    diagnostics.push({
      kind: 'KillSwitch',
      level: 'info',
      path: KILL_SWITCH,
      message: 'is on: no pack is used',
      fix: `Unset ${KILL_SWITCH} to use them again.`,
    });
  const searchPaths = uniqueSearchPaths(config.searchPaths, options.pinned).map((each) => ({
    ...each,
    exists: isFolder(each.path),
  }));
  const scanned = searchPaths.flatMap((each, index) => scan(each, index, options, diagnostics));
  const packs = judge(scanned, config, killSwitch);
  for (const { pack, scan: found } of packs) tell(pack, found, diagnostics);
  return {
    killSwitch,
    config,
    searchPaths,
    packs: packs.map(({ pack }) => pack),
    winners: packs.map(({ pack }) => pack).filter(isActive),
    diagnostics,
  };
}

export function isActive(pack: FoundPack): pack is ActivePack {
  return pack.state === 'active' && pack.manifest !== undefined;
}

interface Scanned {
  readonly dir: string;
  readonly searchPath: SearchPath;
  readonly searchPathIndex: number;
  readonly pinned: boolean;
  readonly manifest: PersonaManifest | undefined;
  /** Why it cannot be used. */
  readonly fault:
    | {
        readonly kind: Diagnostic['kind'];
        readonly message: string;
        readonly line?: number;
        readonly fix?: string;
      }
    | undefined;
}

/** The same folder twice, also by another name, is searched once: at its first place. */
function uniqueSearchPaths(configured: readonly SearchPath[], pinned: string | undefined): SearchPath[] {
  const all: SearchPath[] =
    pinned === undefined ? [...configured] : [{ path: dirname(pinned), from: 'run' }, ...configured];
  const seen = new Set<string>();
  return all.filter(({ path }) => {
    const real = realPath(path) ?? path;
    if (seen.has(real)) return false;
    seen.add(real);
    return true;
  });
}

function scan(
  searchPath: SearchPath,
  searchPathIndex: number,
  options: DiscoverOptions,
  diagnostics: Diagnostic[],
): Scanned[] {
  const root = realPath(searchPath.path);
  if (root === undefined) {
    const level = searchPath.from === 'config' ? 'info' : 'debug';
    diagnostics.push({ kind: 'SearchPathMissing', level, path: searchPath.path, message: 'does not exist' });
    return [];
  }
  const names = folderNames(searchPath.path, diagnostics);
  const seen = new Set<string>();
  return names.flatMap((name): Scanned[] => {
    const path = join(searchPath.path, name);
    if (lstatSync(join(path, MANIFEST_FILE), { throwIfNoEntry: false }) === undefined) return [];
    const dir = realPath(path);
    const outside = dir === undefined || !dir.startsWith(root.endsWith(sep) ? root : root + sep);
    const found = { dir: path, searchPath, searchPathIndex, pinned: isPinned(path, options.pinned) };
    if (outside) {
      const fault = {
        kind: 'SymlinkEscape',
        message: 'is a link that leads out of its search path',
      } as const;
      return [{ ...found, manifest: undefined, fault }];
    }
    // A second name for a folder that was looked at already.
    if (seen.has(dir)) return [];
    seen.add(dir);
    return [{ ...found, ...inspect(path, options) }];
  });
}

function inspect(dir: string, options: DiscoverOptions): Pick<Scanned, 'manifest' | 'fault'> {
  const { nexoVersion, thorough = false, tamperedWith } = options;
  try {
    const read = readPackText(join(dir, MANIFEST_FILE), MAX_MANIFEST_BYTES);
    if (!read.ok)
      return invalid('ManifestParseError', `has a ${MANIFEST_FILE} that ${read.message}`, read.fix);
    const parsed = parseManifest(read.text);
    if (!parsed.ok) {
      const [{ line, message, fix }] = parsed.problems;
      return { manifest: undefined, fault: { kind: 'ManifestParseError', line, message, fix } };
    }
    const { manifest } = parsed;
    if ((statSync(dir).mode & 0o002) !== 0) {
      const message = 'may be changed by every user of this machine';
      return { manifest, fault: { kind: 'ValidationFailed', message, fix: 'chmod o-w it.' } };
    }
    const requirement = parseRequirement(manifest.minNexoVersion);
    if (requirement.ok && !requirement.requirement.allows(nexoVersion)) {
      const message = `needs Nexo ${manifest.minNexoVersion}, and this is ${nexoVersion}`;
      return {
        manifest,
        fault: { kind: 'ValidationFailed', message, fix: 'Upgrade Nexo, or install another release.' },
      };
    }
    const changed = tamperedWith?.(dir);
    if (changed !== undefined)
      return {
        manifest,
        fault: { kind: 'ValidationFailed', message: changed, fix: 'Install it again with --force.' },
      };
    // A folder under development holds more than what is packed of it.
    const skip = isPinned(dir, options.pinned) ? { skip: isLeftOut } : {};
    const problem = thorough
      ? validatePack(dir, skip).problems.find(({ level }) => level === 'error')
      : undefined;
    if (problem === undefined) return { manifest, fault: undefined };
    const { path, line, message, fix } = problem;
    return { manifest, fault: { kind: 'ValidationFailed', line, message: `${path} ${message}`, fix } };
  } catch (error) {
    // Whatever it is: one pack never keeps the others from being used.
    const message = error instanceof Error ? error.message : String(error);
    return invalid('PermissionDenied', `cannot be looked into: ${message}`, 'Check its permissions.');
  }
}

function invalid(
  kind: Diagnostic['kind'],
  message: string,
  fix: string,
): Pick<Scanned, 'manifest' | 'fault'> {
  return { manifest: undefined, fault: { kind, message, fix } };
}

function judge(
  scanned: readonly Scanned[],
  config: DiscoveryConfig,
  killSwitch: boolean,
): { pack: FoundPack; scan: Scanned }[] {
  const usable = scanned.flatMap((each): (Candidate & { scan: Scanned })[] => {
    const { manifest, fault, dir, searchPathIndex, pinned } = each;
    if (manifest === undefined || fault !== undefined) return [];
    const { id, version } = manifest;
    return [{ id, version, dir, folder: basename(dir), searchPathIndex, pinned, scan: each }];
  });
  const winners = chooseWinners(usable);
  return scanned.map((each) => {
    const { dir, searchPath, manifest, fault, pinned } = each;
    const base = { dir, searchPath: searchPath.path, manifest, manifestFile: join(dir, MANIFEST_FILE) };
    const pack = (state: PackState, reason: string | undefined, more: Partial<FoundPack> = {}) => ({
      pack: { ...base, state, reason, chosen: false, ...more },
      scan: each,
    });
    if (manifest === undefined || fault !== undefined)
      return pack('invalid', fault?.message ?? 'cannot be read');
    const winner = winners.get(manifest.id)?.scan;
    const chosen = winner === each;
    if (config.disabled.has(manifest.id))
      return pack('disabled', `${manifest.id} is in disabled`, { chosen });
    if (!pinned && config.allowlist.size > 0 && !config.allowlist.has(manifest.id))
      return pack('not-allowlisted', `${manifest.id} is not in allowlist`, { chosen });
    if (!chosen && winner !== undefined) {
      const reason = `${manifest.id} ${winner.manifest?.version ?? ''} in ${winner.searchPath.path} is used`;
      return pack('shadowed', reason, { shadowedBy: winner.dir });
    }
    return killSwitch
      ? pack('kill-switch', `${KILL_SWITCH} is on`, { chosen })
      : pack('active', undefined, { chosen });
  });
}

function tell(pack: FoundPack, { fault, searchPath }: Scanned, diagnostics: Diagnostic[]): void {
  const { dir: path, state, reason, manifest } = pack;
  if (fault !== undefined) {
    const { kind, message, line, fix } = fault;
    const file = line === undefined ? path : kind === 'ManifestParseError' ? pack.manifestFile : path;
    diagnostics.push({
      kind,
      level: 'warning',
      path: file,
      message,
      ...(line === undefined ? {} : { line }),
      ...(fix === undefined ? {} : { fix }),
    });
  } else if (state === 'shadowed') {
    diagnostics.push({ kind: 'DuplicateId', level: 'warning', path, message: `is not used: ${reason}` });
  } else if (state === 'disabled' || state === 'not-allowlisted') {
    const kind = state === 'disabled' ? 'Disabled' : 'AllowlistRejected';
    diagnostics.push({ kind, level: 'info', path, message: `is not used: ${reason}` });
  }
  if (fault !== undefined || manifest === undefined) return;
  const candidate = { ...manifest, dir: path, folder: basename(path), searchPathIndex: 0 };
  // A folder under development may be called anything.
  if (isNamedWell(candidate) || searchPath.from === 'run') return;
  const message = `is not named ${manifest.id}-${manifest.version}, as its manifest says`;
  diagnostics.push({ kind: 'NameMismatch', level: 'warning', path, message });
}

/** Names of folders and of links, sorted by their bytes; hidden ones and those of a removal under way are none. */
function folderNames(path: string, diagnostics: Diagnostic[]): string[] {
  try {
    const names = readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('.') && !name.includes('.removing-'))
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    if (names.length > MAX_FOLDERS) {
      const message = `has ${names.length} folders, and only the first ${MAX_FOLDERS} are looked at`;
      diagnostics.push({ kind: 'TooManyEntries', level: 'warning', path, message });
    }
    return names.slice(0, MAX_FOLDERS);
  } catch (error) {
    const message = `cannot be read: ${systemErrorCode(error) ?? String(error)}`;
    diagnostics.push({ kind: 'PermissionDenied', level: 'warning', path, message });
    return [];
  }
}

function isPinned(dir: string, pinned: string | undefined): boolean {
  return pinned !== undefined && realPath(dir) === realPath(pinned);
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined; // not there, a dangling link, or a folder that may not be entered: nothing to use
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
