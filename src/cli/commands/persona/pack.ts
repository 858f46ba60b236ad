import { resolve } from 'node:path';

import { NexoError } from '../../../errors.ts';
import { NOARCH, resolveTarget, thisMachine } from '../../../personas/install/target.ts';
import { defineCommand } from '../../command.ts';
import { choice, text, toggle } from '../../flags.ts';
import { count } from '../../render/words.ts';

/** The public services that most signers use. */
const PUBLIC_FULCIO = 'https://fulcio.sigstore.dev';
const PUBLIC_REKOR = 'https://rekor.sigstore.dev';

export default defineCommand({
  description:
    'Makes exactly the files of a release from the folder of a pack: the manifest, the archive, its digest and, ' +
    'with --sign, the bundle of its signature. The same folder gives the same bytes on every machine. Everything ' +
    'is checked first, as by nexo persona verify.',
  example: 'nexo persona pack my-persona --out release',
  flags: {
    out: text('where the files go, instead of here', { placeholder: 'dir', completes: 'folder' }),
    layout: choice(
      ['flat', 'wrapped'],
      'files at the top of the archive, or in one folder; flat unless said',
    ),
    target: text('the system it is for; noarch unless said', { placeholder: 'triple' }),
    sign: toggle('sign the archive as whoever the identity token names'),
    identityTokenFile: text('the file with that token', { placeholder: 'file', completes: 'file' }),
    fulcioUrl: text('the authority that certifies signers, instead of the public one', {
      placeholder: 'url',
    }),
    rekorUrl: text('the log of signatures, instead of the public one', { placeholder: 'url' }),
    tsaUrl: text('an authority that vouches for the time as well', { placeholder: 'url' }),
  },
  positionals: [{ name: 'dir', description: 'the folder of the pack', required: true, completes: 'folder' }],
  run: async ({ words: [dir = ''], flags, context }) => {
    const { packRelease } = await import('../../../personas/author/release-assets.ts');
    const cwd = context.io.cwd();
    const { sign, identityTokenFile, fulcioUrl, rekorUrl, tsaUrl } = flags;
    if (sign !== (identityTokenFile !== undefined)) {
      throw new NexoError('USAGE', '--sign and --identity-token-file go together.', {
        hint: 'nexo persona pack DIR --sign --identity-token-file FILE',
      });
    }
    const packed = await packRelease({
      dir: resolve(cwd, dir),
      out: resolve(cwd, flags.out ?? '.'),
      layout: flags.layout ?? 'flat',
      target: resolveTarget(flags.target ?? NOARCH, undefined, thisMachine),
      ...(identityTokenFile === undefined
        ? {}
        : {
            sign: async (archive: Buffer) => {
              const { signArchive } = await import('../../../personas/author/sign-archive.ts');
              return signArchive(archive, {
                identityTokenFile: resolve(cwd, identityTokenFile),
                fulcioUrl: fulcioUrl ?? PUBLIC_FULCIO,
                rekorUrl: rekorUrl ?? PUBLIC_REKOR,
                ...(tsaUrl === undefined ? {} : { tsaUrl }),
              });
            },
          }),
    });
    return { ok: true as const, ...packed };
  },
  render: ({ id, version, assets, sha256, bytes, files, signed, warnings }, view) => {
    const { ink, marks } = view;
    return [
      ...warnings.flatMap((line) => view.paragraph(`${ink.warn(marks.warning)} ${line}`, '')),
      `${ink.good(marks.done)} ${ink.bold(id)} ${version}: ${count(files, 'file')}, ${bytes} bytes, ${signed ? 'signed' : 'not signed'}`,
      `  sha256 ${sha256}`,
      ...assets.map((path) => `  ${path}`),
      `${ink.accent(marks.arrow)} Attach these files to a release with the tag v${version}.`,
    ].join('\n');
  },
});
