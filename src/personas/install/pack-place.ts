import fs from 'node:fs';
import { isAbsolute, join } from 'node:path';

import { verifyInstalled } from '../installed/listing.ts';
import { type InstallMetadata, readMetadata } from '../installed/metadata.ts';
import { packError } from '../pack-error.ts';
import { packFolderName } from '../paths.ts';
import type { PackContract, PackIdentity } from './contract.ts';

/** Throws PACK_ROOT_INVALID: a relative path would mean another folder tomorrow. */
export function assertAbsoluteRoot(root: string, family: string): void {
  if (isAbsolute(root)) return;
  throw packError(
    'InstallRootNotAbsolute',
    `${family} install root must be an absolute path: ${JSON.stringify(root)}.`,
    {
      hint: `Write it out, for example "$PWD/${root}".`,
      data: { path: root },
    },
  );
}

/** A pack that is in place already. */
export interface PresentPack {
  readonly folder: string;
  /** Undefined when somebody put it there by hand. */
  readonly metadata: InstallMetadata | undefined;
  readonly warnings: readonly string[];
}

/**
 * The pack of that id and version in a root, checked as it would be when it is installed; undefined when there is none.
 * Throws PACK_BROKEN when something stands there that is not that pack, or not any more.
 */
export function findPresent<M>(
  contract: PackContract<M>,
  root: string,
  identity: PackIdentity,
): PresentPack | undefined {
  const folder = join(root, packFolderName(identity.id, identity.version));
  const stat = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (!stat.isDirectory()) throw broken(folder, 'is not a folder');
  const metadata = readMetadata(folder);
  if (metadata !== undefined) {
    const [first, ...more] = verifyInstalled(folder, metadata);
    if (first !== undefined) {
      const others = more.length === 0 ? '' : ` and ${more.length} more`;
      throw broken(folder, `is not what was installed: ${first.path} is ${first.what}${others}`);
    }
  }
  let warnings: readonly string[];
  try {
    warnings = contract.validate(folder, identity);
  } catch (error) {
    throw broken(
      folder,
      error instanceof Error ? `is no usable pack: ${error.message}` : 'is no usable pack',
    );
  }
  return {
    folder,
    metadata,
    warnings:
      metadata === undefined
        ? [...warnings, `${folder} was put there by hand; nothing says that it is what was released.`]
        : warnings,
  };
}

function broken(folder: string, what: string): Error {
  return packError('BrokenInstall', `${folder} ${what}.`, {
    hint: 'Repeat the command with --force to replace it.',
    data: { path: folder },
  });
}
