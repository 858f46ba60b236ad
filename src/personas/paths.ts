import { join } from 'node:path';

import { randomHex } from '../base/ids.ts';
import type { HomePaths } from '../home/paths.ts';

/** What packs of code and packs of configuration have in common, and where they differ. */
export type PackFamily = 'persona' | 'plugin';

/** Where the installer keeps what belongs to no single pack. Nothing here touches the disk. */
export interface PackPlaces {
  /** Where packs go when nothing else is said: `<state>/personas` or `<state>/plugins`. */
  readonly defaultRoot: string;
  /** Search paths, disabled and allowed ids. */
  readonly discoveryFile: string;
  /** Whom the operator trusts to sign what. One file for personas and plugins. */
  readonly trustedKeysFile: string;
  /** Who signed which pack when it was first installed. */
  readonly signersFile: string;
  /** Every install and removal with its proof, one JSON object a line. */
  readonly auditFile: string;
  /** Events that wait for the daemon to publish them. */
  readonly outboxFile: string;
  /** Copies of the public root of trust. */
  readonly trustCache: string;
}

export function packPlaces({ state, config }: HomePaths, family: PackFamily): PackPlaces {
  const plural = `${family}s`;
  return {
    defaultRoot: join(state, plural),
    discoveryFile: join(config, plural, 'discovery.yaml'),
    trustedKeysFile: join(config, 'extensions', 'trusted_keys.toml'),
    signersFile: join(state, 'pack-signers.json'),
    auditFile: join(state, 'pack-audit.jsonl'),
    outboxFile: join(state, 'pack-events.jsonl'),
    trustCache: join(state, 'sigstore'),
  };
}

/** What the installer wrote into each pack: where it came from and what was verified. */
export const INSTALL_FILE = '.nexo-install.json';
/** One line a file of the pack as it was verified, in the form of `sha256sum`. */
export const LISTING_FILE = '.nexo-files.sha256';
/** Held by whoever changes an install root. */
export const LOCK_FILE = '.nexo-persona.lock';

const STAGING = /^\.staging-[0-9a-f]{16}$/;
const REMOVED = /^\.removing-[0-9a-f]{16}$/;
const REPLACED = /^\.replaced-([0-9a-f]{16})-(.+)$/;

/** A folder for one install that is under way. */
export function stagingName(): string {
  return `.staging-${randomHex()}`;
}

/** What a pack is called from the moment it is removed until it is gone. */
export function removedName(): string {
  return `.removing-${randomHex()}`;
}

/** What a pack is called while another takes its place; the name says where it goes back to. */
export function replacedName(folder: string): string {
  return `.replaced-${randomHex()}-${folder}`;
}

export type Leftover =
  | { readonly kind: 'garbage' }
  /** The pack that stood at `folder` until a replacement that may not have come. */
  | { readonly kind: 'replaced'; readonly folder: string };

/** What a name in an install root stands for that an installer left when it was ended; undefined for anything else. */
export function leftoverOf(name: string): Leftover | undefined {
  if (STAGING.test(name) || REMOVED.test(name)) return { kind: 'garbage' };
  const folder = REPLACED.exec(name)?.[2];
  return folder === undefined ? undefined : { kind: 'replaced', folder };
}

/** The folder of a pack below its install root. */
export function packFolderName(id: string, version: string): string {
  return `${id}-${version}`;
}
