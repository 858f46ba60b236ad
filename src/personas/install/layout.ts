import type { Unpacked } from '../extract/unpack.ts';
import { packError } from '../pack-error.ts';

/**
 * Where in an unpacked archive the pack lies: at the top (empty), or in one folder that is named after it and has nothing
 * beside it. Throws PACK_ARCHIVE_DAMAGED.
 */
export function wrapperOf(
  { files, folders }: Pick<Unpacked, 'files' | 'folders'>,
  manifests: readonly string[],
  packFolder: string,
): string {
  const paths = new Set(files.map(({ path }) => path));
  if (manifests.some((name) => paths.has(name))) return '';
  const tops = new Set([...paths, ...folders].map((path) => path.split('/')[0]));
  const isWrapped = tops.size === 1 && tops.has(packFolder) && !paths.has(packFolder);
  if (isWrapped && manifests.some((name) => paths.has(`${packFolder}/${name}`))) return packFolder;
  throw packError(
    'BadLayout',
    `the archive has no ${manifests[0]} at its top or in one folder named ${packFolder}.`,
    {
      hint: 'Tell the author of the pack.',
    },
  );
}
