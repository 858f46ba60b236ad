import { chmodSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { nodeFileSystem, readRegularFile, writeFileDurable } from '../base/durable-file.ts';
import { lookAt } from '../base/file-system.ts';
import { ensureFolder } from '../base/folder.ts';
import { assertInside } from '../base/safe-path.ts';
import { NexoError } from '../errors.ts';
import { createFileOnce } from './create-once.ts';
import type { ActivePack } from './discovery.ts';
import type { PersonaManifest } from './manifest.ts';
import { packSource } from './pack-agents.ts';
import type { Placeholder } from './placeholder.ts';

/** Largest secret and largest template, in bytes. */
const MAX_SECRET_BYTES = 64 * 1024;

export type SecretState =
  /** Made from the template just now, for the operator to fill in. */
  | 'created'
  /** Still the text of the template, or empty: counts as missing. */
  | 'unfilled'
  /** Holds something else: left alone for ever. */
  | 'filled'
  /** Nothing stands there, and nothing was to be written. */
  | 'missing'
  /** Cannot be made or read; `reason` says why. */
  | 'refused';

export interface SecretStatus {
  /** `persona:<id>@<version>`. */
  readonly source: string;
  /** Relative to the pack. */
  readonly template: string;
  /** Where the operator puts the secret. */
  readonly path: string;
  readonly state: SecretState;
  readonly reason: string | undefined;
}

export interface SecretOptions {
  readonly secretsDir: string;
  /** False to only look. */
  readonly write: boolean;
}

type Pack = Pick<ActivePack, 'dir' | 'manifest'>;

/**
 * Makes a file for the operator to fill in from each template, of mode 0600, where none stands. What holds anything is
 * never touched, and nothing is written through a link. A fault of one is its state, and never keeps the others back.
 */
export function materialiseSecrets(packs: readonly Pack[], options: SecretOptions): SecretStatus[] {
  const owners = new Map<string, string>();
  return packs.flatMap(({ dir, manifest }) =>
    manifest.contributes.secretsTemplates.map((template): SecretStatus => {
      const source = packSource(manifest);
      const path = join(options.secretsDir, secretName(template));
      const status = { source, template, path };
      const owner = owners.get(path);
      if (owner !== undefined)
        return { ...status, state: 'refused', reason: `${owner} has a secret of that name` };
      owners.set(path, source);
      try {
        return { ...status, state: materialise(join(dir, template), path, options), reason: undefined };
      } catch (error) {
        if (!(error instanceof NexoError)) throw error;
        return { ...status, state: 'refused', reason: error.message };
      }
    }),
  );
}

/** `secrets/token.txt.template` is filled in as `token.txt`. */
export function secretName(template: string): string {
  return basename(template).replace(/\.template$/, '');
}

function materialise(template: string, path: string, { secretsDir, write }: SecretOptions): SecretState {
  const content = readRegularFile(nodeFileSystem, template, MAX_SECRET_BYTES)?.bytes;
  if (content === undefined) throw new NexoError('PACK_CONTENT_INVALID', `${template} is missing.`);
  const stat = lookAt(nodeFileSystem, path);
  if (stat !== undefined && !stat.isFile())
    throw new NexoError('PATH_NOT_A_FILE', `${path} is not a regular file.`, { hint: 'Move it away.' });
  if (stat !== undefined && stat.size > 0) return holds(path, content) ? 'unfilled' : 'filled';
  if (!write) return stat === undefined ? 'missing' : 'unfilled';
  prepareFolder(secretsDir);
  if (stat === undefined) {
    if (createFileOnce(nodeFileSystem, path, content, 0o600)) return 'created';
    return holds(path, content) ? 'unfilled' : 'filled';
  }
  // An empty file: the operator has made the place, and nothing is lost by filling it.
  chmodSync(path, 0o600);
  writeFileDurable(nodeFileSystem, path, content, { beforeRename: () => assertStillEmpty(path) });
  return 'created';
}

function assertStillEmpty(path: string): void {
  if (lookAt(nodeFileSystem, path)?.size === 0) return;
  throw new NexoError('FILE_CHANGED', `${path} was filled in at this moment; it stays as it is.`);
}

/** The folder of all secrets: for its owner alone, and no link in its place. */
function prepareFolder(secretsDir: string): void {
  assertInside(dirname(secretsDir), secretsDir);
  const existed = lookAt(nodeFileSystem, secretsDir) !== undefined;
  ensureFolder(nodeFileSystem, secretsDir);
  if (!existed) chmodSync(secretsDir, 0o700);
}

/** Whether others than the owner may look into the folder of secrets; false when there is none. */
export function isSecretsFolderOpen(secretsDir: string): boolean {
  const stat = statSync(secretsDir, { throwIfNoEntry: false });
  return stat !== undefined && (stat.mode & 0o077) !== 0;
}

function holds(path: string, content: Buffer): boolean {
  return readRegularFile(nodeFileSystem, path, MAX_SECRET_BYTES)?.bytes.equals(content) === true;
}

/** Where containers have their secrets; a pack may name its own ones there. */
const SYSTEM_FOLDERS = ['/run/secrets', '/var/run/secrets'];

/**
 * What the placeholders of one pack stand for: variables that its manifest declares, and the files that its own
 * templates were made for. Everything else is not there: a pack cannot read another's secrets, nor any other file.
 */
export function packLookup(
  { dir, manifest }: Pack,
  { env, configDir, secretsDir }: { env: NodeJS.ProcessEnv; configDir: string; secretsDir: string },
): (placeholder: Placeholder) => string | undefined {
  const declared = new Set(manifest.requires?.envVars.map(({ name }) => name));
  return ({ kind, name }) => {
    if (kind === 'variable') return declared.has(name) ? env[name] : undefined;
    const template = ownTemplate(manifest, name);
    if (template === undefined) return undefined;
    const folder = dirname(resolve(configDir, name));
    // `./secrets/x` is where secrets are, wherever the operator keeps them.
    const path = SYSTEM_FOLDERS.includes(folder)
      ? join(folder, basename(name))
      : join(secretsDir, basename(name));
    if (folder !== join(configDir, 'secrets') && folder !== secretsDir && !SYSTEM_FOLDERS.includes(folder))
      return undefined;
    return readSecret(path, join(dir, template));
  };
}

/** The template of the pack that a file of this name is made from. */
function ownTemplate(manifest: PersonaManifest, name: string): string | undefined {
  if (name.split('/').includes('..')) return undefined;
  return manifest.contributes.secretsTemplates.find((template) => secretName(template) === basename(name));
}

/** Undefined for a secret that is not there, empty, or still the text of its template. */
function readSecret(path: string, template: string): string | undefined {
  try {
    const secret = readRegularFile(nodeFileSystem, path, MAX_SECRET_BYTES)?.bytes;
    if (secret === undefined || holds(template, secret)) return undefined;
    const text = secret.toString('utf8').trim();
    return text === '' ? undefined : text;
  } catch (error) {
    if (error instanceof NexoError) return undefined; // a link or a folder: not a secret of ours
    throw error;
  }
}
