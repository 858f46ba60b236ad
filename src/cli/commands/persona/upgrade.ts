import { dirname } from 'node:path';

import { systemClock } from '../../../base/clock.ts';
import { PERSONA_CONTRACT } from '../../../personas/contracts/persona-contract.ts';
import { installPack } from '../../../personas/install/install-pack.ts';
import { readMetadata } from '../../../personas/installed/metadata.ts';
import { packPlaces } from '../../../personas/paths.ts';
import { removePacks } from '../../../personas/remove-pack.ts';
import { compareWithInstalled, upgradeSource } from '../../../personas/upgrade-source.ts';
import { defineCommand } from '../../command.ts';
import { text, toggle } from '../../flags.ts';
import {
  CONFIG_FLAG,
  homePathsFor,
  packEvents,
  renderRemarks,
  TRUST_FLAGS,
  targetFor,
} from '../../pack-door.ts';
import {
  findPersonas,
  indexPersonas,
  isReadable,
  personaReportJson,
  personaWorld,
  requirePersona,
} from '../../persona-door.ts';
import { printableText } from '../../render/printable.ts';

export default defineCommand({
  description:
    'Installs the latest release of a persona beside the version that is there, by the same steps as install. When ' +
    'the new version brings more than the one before (an agent, a tool, a variable, …) it says what, and waits for ' +
    '--yes.',
  example: 'nexo persona upgrade cody',
  flags: {
    yes: toggle('accept what the new version adds'),
    from: text('take it from this repository, not from the homepage', { placeholder: 'owner/repo' }),
    ...TRUST_FLAGS,
    prune: toggle('remove the older versions afterwards'),
    ...CONFIG_FLAG,
  },
  positionals: [{ name: 'id', description: 'id of the persona', required: true }],
  stopsItself: true,
  run: async ({ words: [id = ''], flags, context }) => {
    const paths = homePathsFor(context, flags.config);
    const { manifest, dir } = requirePersona(findPersonas(context, paths).packs, id);
    const installed = {
      id,
      version: manifest.version,
      homepage: manifest.homepage,
      metadata: readMetadata(dir),
    };
    const source = upgradeSource(installed, flags.from);
    const { requireSignature, skipSignatureVerify, acceptSigner } = flags;
    const report = await installPack(
      PERSONA_CONTRACT,
      {
        coordinates: source,
        root: dirname(dir),
        target: targetFor(context, flags.target),
        trust: { requireSignature, skipSignatureVerify },
        acceptSigner,
        force: false,
        strict: false,
        upgradeOf: {
          id,
          folder: dir,
          assertNewer: (latest) => compareWithInstalled(installed, source, latest),
          acceptAdditions: flags.yes,
        },
      },
      personaWorld(context, paths),
    );
    const pruned = flags.prune && !report.noOp ? await prune() : [];
    if (!report.noOp) await indexPersonas(context, paths);
    return {
      ...personaReportJson(report),
      from_version: installed.version,
      to_version: report.identity.version,
      no_op: report.noOp,
      difference: report.change ?? null,
      pruned,
    };

    async function prune(): Promise<string[]> {
      const older = findPersonas(context, paths)
        .packs.filter(isReadable)
        .filter(
          (pack) =>
            pack.manifest.id === id && dirname(pack.dir) === dirname(dir) && pack.dir !== report.folder,
        );
      await removePacks(
        older.map((pack) => ({ id, version: pack.manifest.version, folder: pack.dir })),
        {
          family: 'persona',
          places: packPlaces(paths, 'persona'),
          events: packEvents(packPlaces(paths, 'persona')),
          clock: systemClock,
          signal: context.io.signal,
          note: (line) => context.note(printableText(line)),
          idOf: (folder) => older.find((pack) => pack.dir === folder)?.manifest.id,
        },
      );
      return older.map((pack) => pack.dir);
    }
  },
  render: (report, view) => {
    const { id, from_version: from, to_version: to, install_root: folder, no_op: nothing, pruned } = report;
    const { ink, marks } = view;
    if (nothing) return `${ink.bold(id)} v${from} is already latest.`;
    return [
      `${ink.good(marks.done)} upgraded ${ink.bold(id)} v${from} ${marks.arrow} v${to} in ${folder}`,
      ...pruned.map((path) => `  removed ${path}`),
      ...renderRemarks(report).flatMap((line) => view.paragraph(line, '  ')),
    ].join('\n');
  },
});
