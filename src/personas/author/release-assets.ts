import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

import {
  nodeFileSystem,
  readRegularFile,
  removeFileDurable,
  writeFileDurable,
} from '../../base/durable-file.ts';
import { ioError } from '../../base/file-errors.ts';
import { NexoError } from '../../errors.ts';
import { type CapabilityReport, reportCapabilities } from '../capability-report.ts';
import { isLeftOut } from '../left-out.ts';
import { MANIFEST_FILE, MAX_MANIFEST_BYTES } from '../manifest.ts';
import { packArchive } from '../pack-archive.ts';
import { packFolderName } from '../paths.ts';
import { type PackProblem, validatePack } from '../validate-pack.ts';

export interface PackOptions {
  readonly dir: string;
  /** Where the files of the release go; made when it is missing. */
  readonly out: string;
  readonly layout: 'flat' | 'wrapped';
  /** The system that the pack is for; packs of configuration are for all. */
  readonly target: string;
  /** Signs the archive; answers with a Sigstore bundle as text. */
  readonly sign?: (archive: Buffer) => Promise<string>;
}

export interface PackedRelease {
  readonly id: string;
  readonly version: string;
  /** Paths of the release's files. */
  readonly assets: readonly string[];
  readonly archive: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Files in the archive. */
  readonly files: number;
  readonly signed: boolean;
  readonly capabilities: CapabilityReport;
  /** What the author should look at, a line each. */
  readonly warnings: readonly string[];
}

/**
 * Makes exactly the files that a release of this pack has: the manifest, the archive, its digest, and the bundle of
 * its signature. Nothing is written before everything is checked and signed. Throws PACK_CONTENT_INVALID with every
 * problem, IO_FAILED, or what `sign` throws.
 */
export async function packRelease(options: PackOptions): Promise<PackedRelease> {
  const { dir, out, layout, target, sign } = options;
  const { manifest, problems } = validatePack(dir, { skip: isLeftOut });
  // What is published cannot be taken back: a real secret in the pack is an error here.
  const errors = problems.filter(({ level, path }) => level === 'error' || /(^|\/)secrets\//.test(path));
  if (manifest === undefined || errors.length > 0) throw notPackable(dir, errors);
  const capabilities = reportCapabilities(dir, manifest, { skip: isLeftOut });
  const folder = packFolderName(manifest.id, manifest.version);
  const { bytes, sha256, entries } = packArchive(dir, layout === 'wrapped' ? { wrapper: folder } : {});
  const name = `${folder}-${target}.tar.gz`;
  const bundle = await sign?.(bytes);
  const toml = readRegularFile(nodeFileSystem, join(dir, MANIFEST_FILE), MAX_MANIFEST_BYTES)?.bytes;
  if (toml === undefined) throw notPackable(dir, []);
  makeFolder(out);
  const archive = join(out, name);
  const unchanged = readRegularFile(nodeFileSystem, archive)?.bytes.equals(bytes) === true;
  // A signature over other bytes would be worse than none.
  if (bundle === undefined && !unchanged) removeFileDurable(nodeFileSystem, `${archive}.sigstore.json`);
  const files: [string, Buffer | string][] = [
    [archive, bytes],
    [`${archive}.sha256`, `${sha256}\n`],
    ...(bundle === undefined ? [] : [[`${archive}.sigstore.json`, bundle] satisfies [string, string]]),
  ];
  for (const [path, content] of files) writeFileDurable(nodeFileSystem, path, content);
  const manifestAsset = join(out, MANIFEST_FILE);
  // Packed into its own folder, the manifest lies there already.
  if (realpathSync(out) !== realpathSync(dir)) writeManifest(manifestAsset, toml, manifest.id);
  return {
    id: manifest.id,
    version: manifest.version,
    assets: [manifestAsset, ...files.map(([path]) => path)],
    archive,
    sha256,
    bytes: bytes.length,
    files: entries.filter(({ kind }) => kind === 'file').length,
    signed: bundle !== undefined,
    capabilities,
    warnings: [
      ...problems.map(({ path, line, message, fix }) => `${path}:${line} ${message}. ${fix}`),
      ...capabilities.findings.map(({ file, line, message }) => `${file}:${line} ${message}.`),
    ],
  };
}

/** The manifest of another pack is not ours to replace. */
function writeManifest(path: string, toml: Buffer, id: string): void {
  const there = readRegularFile(nodeFileSystem, path, MAX_MANIFEST_BYTES)?.bytes.toString('utf8');
  if (there !== undefined && !new RegExp(`^\\s*id\\s*=\\s*["']${id}["']`, 'm').test(there)) {
    throw new NexoError('PATH_NOT_A_FILE', `${path} is the manifest of another pack.`, {
      hint: 'Name another folder with --out.',
      data: { path },
    });
  }
  writeFileDurable(nodeFileSystem, path, toml);
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw ioError(path, 'create', error);
  }
}

function notPackable(dir: string, problems: readonly PackProblem[]): NexoError {
  const told = problems
    .slice(0, 10)
    .map(({ path, line, message, fix }) => `${path}:${line} ${message}. ${fix}`);
  const more = problems.length > told.length ? [`And ${problems.length - told.length} more.`] : [];
  return new NexoError('PACK_CONTENT_INVALID', [`${dir} cannot be packed.`, ...told, ...more].join('\n'), {
    hint: `nexo persona verify ${dir} explains every check.`,
    data: { problems },
  });
}
