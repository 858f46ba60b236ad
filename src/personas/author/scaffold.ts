import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { ioError } from '../../base/file-errors.ts';
import { lookAt, nodeFileSystem } from '../../base/file-system.ts';
import { NexoError } from '../../errors.ts';
import { parseManifest } from '../manifest.ts';
import { packError } from '../pack-error.ts';

export interface ScaffoldOptions {
  /** Becomes the pack's id. */
  readonly name: string;
  /** The folder to make; it may exist as long as it is empty. */
  readonly dir: string;
  /** `templates/persona` of the installed package. */
  readonly templates: string;
  readonly nexoVersion: string;
}

/** Template → where it goes. */
const FILES: Readonly<Record<string, (id: string) => string>> = {
  'persona.toml': () => 'persona.toml',
  'agent.yaml': (id) => `agents.d/${id}.yaml`,
  'workspace.md': (id) => `data/workspace/${id}/README.md`,
  'README.md': () => 'README.md',
  'release.yml': () => '.github/workflows/release.yml',
};

/**
 * Makes the folder of a new pack, which passes every check as it stands. The folder appears whole or not at all.
 * Throws PACK_MANIFEST_INVALID for a name that is no id, PATH_NOT_A_FILE when something is in the way, IO_FAILED.
 * Answers with the files, relative to the folder.
 */
export function scaffoldPack({ name, dir, templates, nexoVersion }: ScaffoldOptions): string[] {
  const texts = Object.entries(FILES).map(([template, target]) => ({
    path: target(name),
    text: readFileSync(join(templates, template), 'utf8')
      .replaceAll('@ID@', name)
      .replaceAll('@NAME@', titleOf(name))
      .replaceAll('@NEXO_VERSION@', nexoVersion),
  }));
  const parsed = parseManifest(texts[0]?.text ?? '');
  if (!parsed.ok) {
    const [{ message, fix }] = parsed.problems;
    throw packError('InvalidId', `${message}.`, { hint: fix, data: { name } });
  }
  assertFree(dir);
  mkdirSync(dirname(dir), { recursive: true });
  const staging = mkdtempSync(join(dirname(dir), `.${basename(dir)}-`));
  try {
    for (const { path, text } of texts) {
      mkdirSync(dirname(join(staging, path)), { recursive: true });
      writeFileSync(join(staging, path), text, { flag: 'wx' });
    }
    if (lookAt(nodeFileSystem, dir) !== undefined) rmdirSync(dir);
    renameSync(staging, dir);
  } catch (error) {
    rmSync(staging, { recursive: true, force: true });
    throw ioError(dir, 'create', error);
  }
  return texts.map(({ path }) => path).sort();
}

function assertFree(dir: string): void {
  const stat = lookAt(nodeFileSystem, dir);
  if (stat === undefined || (stat.isDirectory() && readdirSync(dir).length === 0)) return;
  throw new NexoError('PATH_NOT_A_FILE', `${dir} is there already.`, {
    hint: 'Choose another name, or another folder with --dir.',
    data: { path: dir },
  });
}

function titleOf(id: string): string {
  return id
    .split('-')
    .filter((part) => part !== '')
    .map((part) => `${part[0]?.toUpperCase() ?? ''}${part.slice(1)}`)
    .join(' ');
}
