import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { nodeFileSystem, readRegularFile } from '../../base/durable-file.ts';
import { NexoError } from '../../errors.ts';
import { PERSONA_LIMITS } from '../extract/limits.ts';
import { unpackArchive } from '../extract/unpack.ts';
import { parseDigest } from '../install/digest.ts';
import { wrapperOf } from '../install/layout.ts';
import { MANIFEST_FILE, MAX_MANIFEST_BYTES, parseManifest } from '../manifest.ts';
import { packKindOf } from '../pack-error.ts';
import { packFolderName } from '../paths.ts';
import { readPackText } from '../read-text.ts';
import { readBundle } from '../trust/signing-material.ts';
import {
  ok,
  type PackCheck,
  type VerifiedFolder,
  type VerifyFolderOptions,
  verifyFolder,
} from './verify-folder.ts';

export interface VerifyArchiveOptions extends Omit<VerifyFolderOptions, 'unpacked'> {
  readonly signal: AbortSignal;
}

/** Largest digest and largest bundle beside an archive, in bytes. */
const MAX_SIDE_FILE_BYTES = 1024 * 1024;

/**
 * Checks an archive as an install would: its digest, its name, how it unpacks, and what is in it. It is unpacked into
 * a folder of its own, which is gone afterwards.
 */
export async function verifyArchive(file: string, options: VerifyArchiveOptions): Promise<VerifiedFolder> {
  const checks: PackCheck[] = [];
  const bytes = readRegularFile(nodeFileSystem, file, PERSONA_LIMITS.maxCompressedBytes)?.bytes;
  if (bytes === undefined) throw new NexoError('IO_FAILED', `${file} is not there.`);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  checks.push(digestCheck(file, sha256), signatureCheck(file, sha256));
  const folder = mkdtempSync(join(tmpdir(), 'nexo-verify-'));
  try {
    const { signal } = options;
    const unpacked = await unpackArchive({
      archive: file,
      name: basename(file),
      into: folder,
      limits: PERSONA_LIMITS,
      isProgram: () => false,
      signal,
    });
    checks.push(
      ok('archive', `unpacks by the rules: ${unpacked.files.length} files, no links, nothing outside`),
    );
    const manifest = manifestPath(unpacked.files);
    const parsed = parseManifest(readText(join(folder, manifest)));
    const pack = parsed.ok ? packFolderName(parsed.manifest.id, parsed.manifest.version) : '';
    const wrapper = parsed.ok ? wrapperOf(unpacked, [MANIFEST_FILE], pack) : dirname(manifest);
    checks.push(ok('layout', wrapper === '' ? 'files at the top' : `everything in the folder ${wrapper}`));
    if (parsed.ok) checks.push(nameCheck(basename(file), pack), manifestAssetCheck(file, folder, manifest));
    const {
      id,
      version,
      checks: inside,
    } = verifyFolder(join(folder, wrapper), { ...options, unpacked: true });
    return { id, version, checks: [...checks, ...inside] };
  } catch (error) {
    signalled(options.signal);
    if (!(error instanceof NexoError)) throw error;
    const fix = error.hint ?? 'Pack it anew with nexo persona pack.';
    checks.push({ name: 'archive', status: 'fail', detail: `${packKindOf(error)}: ${error.message}`, fix });
    return { id: undefined, version: undefined, checks };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function signalled(signal: AbortSignal): void {
  signal.throwIfAborted();
}

function digestCheck(file: string, sha256: string): PackCheck {
  const name = `${basename(file)}.sha256`;
  const beside = readRegularFile(nodeFileSystem, `${file}.sha256`, MAX_SIDE_FILE_BYTES)?.bytes;
  if (beside === undefined)
    return {
      name: 'digest',
      status: 'warn',
      detail: `${name} is not beside it; it would be ${sha256}`,
      fix: 'A release needs it: nexo persona pack writes it.',
    };
  try {
    const expected = parseDigest(beside, basename(file));
    if (expected === sha256) return ok('digest', `sha256 ${sha256}, as ${name} says`);
    return {
      name: 'digest',
      status: 'fail',
      detail: `sha256 is ${sha256}, and ${name} says ${expected}`,
      fix: 'One of the two is not of this release: pack again, or download both again.',
    };
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    return { name: 'digest', status: 'fail', detail: error.message, fix: 'Write the digest anew.' };
  }
}

/** Whom a signature is trusted from depends on the repository; here only that it is over these bytes. */
function signatureCheck(file: string, sha256: string): PackCheck {
  const found = ['.sigstore.json', '.bundle'].flatMap((end) => {
    const bytes = readRegularFile(nodeFileSystem, file + end, MAX_SIDE_FILE_BYTES)?.bytes;
    return bytes === undefined ? [] : [{ name: basename(file) + end, bytes }];
  })[0];
  if (found === undefined)
    return {
      name: 'signature',
      status: 'skip',
      detail: 'no bundle is beside it',
      fix: 'nexo persona pack --sign makes one.',
    };
  try {
    const { content } = readBundle(found.bytes, Buffer.from(sha256, 'hex'));
    const digest =
      content.$case === 'messageSignature' ? content.messageSignature.messageDigest?.digest : undefined;
    if (digest !== undefined && Buffer.from(digest).toString('hex') === sha256)
      return ok('signature', `${found.name} is over these bytes; who signed is checked when it is installed`);
    return {
      name: 'signature',
      status: 'fail',
      detail: `${found.name} is over other bytes`,
      fix: 'Sign it again.',
    };
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    return {
      name: 'signature',
      status: 'fail',
      detail: `${found.name}: ${error.message}`,
      fix: 'Sign it again.',
    };
  }
}

function nameCheck(name: string, pack: string): PackCheck {
  if (
    name.startsWith(`${pack}-`) &&
    name.endsWith('.tar.gz') &&
    name.length > pack.length + '-.tar.gz'.length
  )
    return ok('name', name);
  return {
    name: 'name',
    status: 'warn',
    detail: `${name} is not ${pack}-<target>.tar.gz, so no install would find it`,
    fix: `Call it ${pack}-noarch.tar.gz.`,
  };
}

/** The manifest of a release is read before its archive, and both have to agree. */
function manifestAssetCheck(file: string, folder: string, manifest: string): PackCheck {
  const beside = readPackText(join(dirname(file), MANIFEST_FILE), MAX_MANIFEST_BYTES);
  if (!beside.ok)
    return {
      name: 'release manifest',
      status: 'skip',
      detail: `no ${MANIFEST_FILE} is beside it`,
      fix: null,
    };
  if (beside.text === readText(join(folder, manifest)))
    return ok('release manifest', `${MANIFEST_FILE} beside it is the one inside`);
  return {
    name: 'release manifest',
    status: 'warn',
    detail: `${MANIFEST_FILE} beside it is another one than inside`,
    fix: 'If both belong to one release, pack again.',
  };
}

function manifestPath(files: readonly { readonly path: string }[]): string {
  const paths = files.map(({ path }) => path);
  return (
    paths.find((path) => path === MANIFEST_FILE) ??
    paths.find((path) => /^[^/]+\/persona\.toml$/.test(path)) ??
    MANIFEST_FILE
  );
}

function readText(path: string): string {
  const read = readPackText(path, MAX_MANIFEST_BYTES);
  return read.ok ? read.text : '';
}
