import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

import { systemErrorCode } from '../../errors.ts';
import { type DiscoverOptions, discoverPersonas } from '../discovery.ts';
import { isLeftOut } from '../left-out.ts';
import { MANIFEST_FILE, type PersonaManifest } from '../manifest.ts';
import { packError } from '../pack-error.ts';
import { validatePack } from '../validate-pack.ts';

/** A pack under development that can be booted with. */
export interface RunnablePack {
  readonly id: string;
  readonly version: string;
  readonly manifest_path: string;
  readonly persona_root: string;
  /** The folder that is searched before all others. */
  readonly search_path_inject: string;
}

/**
 * Checks that the pack at `path`, a folder or its manifest, can be booted with and will be in use. Throws
 * PACK_NOT_INSTALLED, PACK_MANIFEST_INVALID or PACK_CONFIG_INVALID, each with what to do.
 */
export function prepareRun(path: string, options: Omit<DiscoverOptions, 'pinned'>): RunnablePack {
  const root = packRoot(path);
  const manifest = checkPack(root);
  const { packs } = discoverPersonas({ ...options, pinned: root, thorough: true });
  const pack = packs.find(({ dir }) => realpathSync(dir) === root);
  if (pack?.state !== 'active') {
    const reason = pack?.reason ?? 'no search finds it';
    throw packError('ConfigLoad', `${manifest.id} would not be used: ${reason}.`, {
      hint:
        pack?.state === 'disabled'
          ? 'Take it out of disabled in personas/discovery.yaml.'
          : 'Change that, and run it again.',
      data: { path: root },
    });
  }
  return {
    id: manifest.id,
    version: manifest.version,
    manifest_path: resolve(root, MANIFEST_FILE),
    persona_root: root,
    search_path_inject: dirname(root),
  };
}

function packRoot(path: string): string {
  let real: string;
  try {
    real = realpathSync(path);
  } catch (error) {
    throw packError('PathNotFound', `${path} is not there: ${systemErrorCode(error) ?? String(error)}.`, {
      hint: 'Name the folder of a pack, or its persona.toml.',
      data: { path },
    });
  }
  const stat = statSync(real);
  const root = stat.isDirectory() ? real : dirname(real);
  const isManifest = stat.isDirectory() || basename(real) === MANIFEST_FILE;
  if (
    isManifest &&
    statSync(resolve(root, MANIFEST_FILE), { throwIfNoEntry: false })?.isFile() &&
    dirname(root) !== root
  )
    return root;
  throw packError('NotAPersonaPath', `${path} is no pack: there is no ${MANIFEST_FILE} in it.`, {
    hint: 'nexo persona init NAME makes one.',
    data: { path },
  });
}

function checkPack(root: string): PersonaManifest {
  const { manifest, problems } = validatePack(root, { skip: isLeftOut });
  const errors = problems.filter(({ level }) => level === 'error');
  if (manifest !== undefined && errors.length === 0) return manifest;
  const told = errors.map(({ path, line, message, fix }) => `${path}:${line} ${message}. ${fix}`);
  throw packError('ManifestInvalid', `${root} cannot be used. ${told.slice(0, 10).join(' ')}`, {
    hint: `nexo persona verify ${root} explains every check.`,
    data: { path: root, problems: errors },
  });
}
