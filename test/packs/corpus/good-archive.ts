import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { listPackTree } from '../../../src/personas/pack-files.ts';
import { samplePackFolder } from '../../support/sample-pack.ts';
import type { TarEntry } from '../../support/tar-bytes.ts';

const folder = samplePackFolder();

/** The files of the good pack that every hostile one is a small change of. */
export const GOOD_ENTRIES: readonly TarEntry[] = listPackTree(folder)
  .entries.filter(({ kind }) => kind === 'file')
  .map(({ path }) => ({ path, body: readFileSync(join(folder, path)) }));

export const MANIFEST = readFileSync(join(folder, 'persona.toml'), 'utf8');
