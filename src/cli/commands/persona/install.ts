import { dirname } from 'node:path';

import { PERSONA_CONTRACT } from '../../../personas/contracts/persona-contract.ts';
import { enableRoot, type RootVisibility } from '../../../personas/enable-root.ts';
import { parseCoordinates } from '../../../personas/install/coordinates.ts';
import { installPack } from '../../../personas/install/install-pack.ts';
import { assertAbsoluteRoot } from '../../../personas/install/pack-place.ts';
import { defineCommand } from '../../command.ts';
import { text, toggle } from '../../flags.ts';
import { CONFIG_FLAG, homePathsFor, renderRemarks, TRUST_FLAGS, targetFor } from '../../pack-door.ts';
import { indexPersonas, personaReportJson, personaRoot, personaWorld } from '../../persona-door.ts';

export default defineCommand({
  description:
    'Installs a persona pack from a release: resolves it, downloads it, verifies its digest and signature, unpacks ' +
    'it by strict rules, checks it, shows what it brings, and only then puts it in place, in one step. Nothing in it ' +
    'is run. What is there already is not downloaded again.',
  example: 'nexo persona install acme/persona-cody@v0.2.0',
  flags: {
    dest: text('absolute folder to install below', { placeholder: 'dir', completes: 'folder' }),
    ...TRUST_FLAGS,
    force: toggle('replace what is there'),
    strict: toggle('refuse a pack whose requirements are missing'),
    writeConfig: toggle('make personas/discovery.yaml if there is none, so that the daemon loads the pack'),
    ...CONFIG_FLAG,
  },
  positionals: [{ name: 'coords', description: 'owner/repo, or owner/repo@tag', required: true }],
  stopsItself: true,
  run: async ({ words: [coords = ''], flags, context }) => {
    const coordinates = parseCoordinates(coords);
    const paths = homePathsFor(context, flags.config);
    const root = personaRoot(context, paths, flags.dest);
    assertAbsoluteRoot(root, 'persona');
    const { requireSignature, skipSignatureVerify, acceptSigner, force, strict, writeConfig } = flags;
    const report = await installPack(
      PERSONA_CONTRACT,
      {
        coordinates,
        root,
        target: targetFor(context, flags.target),
        trust: { requireSignature, skipSignatureVerify },
        acceptSigner,
        force,
        strict,
      },
      personaWorld(context, paths),
    );
    const { io } = context;
    const place = { paths, env: io.env, userHome: io.userHome() };
    const { file, seenBy, written } = enableRoot(dirname(report.folder), place, { write: writeConfig });
    await indexPersonas(context, paths);
    return {
      ...personaReportJson(report),
      discovery: { path: file, written, seen_by: seenBy },
    };
  },
  render: (report, view) => {
    const { id, version, install_root: folder, tarball_bytes: bytes, was_already_present: present } = report;
    const { ink, marks } = view;
    const verb = present ? 'already installed' : 'installed';
    return [
      `${ink.good(marks.done)} ${verb} ${ink.bold(id)} v${version} in ${folder} (${bytes} bytes)`,
      ...[...renderRemarks(report), ...visibility(report)].flatMap((line) => view.paragraph(line, '  ')),
    ].join('\n');
  },
});

/** Why the pack that has just been installed might not take part. */
function visibility({
  id,
  install_root: folder,
  discovery,
}: {
  id: string;
  install_root: string;
  discovery: { path: string; written: boolean; seen_by: RootVisibility['seenBy'] };
}): string[] {
  const { path, written, seen_by: seenBy } = discovery;
  if (written) return [`Wrote ${path}: the daemon loads the packs of ${dirname(folder)}.`];
  if (seenBy === 'everywhere') return [];
  return seenBy === 'commands'
    ? [`The daemon loads ${id} once ${path} says where packs are; --write-config makes that file.`]
    : [`Nothing looks there: add ${dirname(folder)} to discovery.search_paths in ${path}.`];
}
