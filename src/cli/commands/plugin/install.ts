import {
  entryProgram,
  PLUGIN_CONTRACT,
  type PluginReport,
  readPluginManifest,
} from '../../../personas/contracts/plugin-contract.ts';
import { parseCoordinates } from '../../../personas/install/coordinates.ts';
import { installPack } from '../../../personas/install/install-pack.ts';
import { assertAbsoluteRoot } from '../../../personas/install/pack-place.ts';
import { defineCommand } from '../../command.ts';
import { text, toggle } from '../../flags.ts';
import {
  CONFIG_FLAG,
  homePathsFor,
  installWorld,
  renderRemarks,
  reportJson,
  TRUST_FLAGS,
  targetFor,
} from '../../pack-door.ts';
import { pluginRoots } from '../../plugin-door.ts';

export default defineCommand({
  description:
    'Installs a plugin, which is code, from a release, by the same steps as a persona. Nothing in it is run yet; ' +
    'once it is started it has all your rights, so trust its author first.',
  example: 'nexo plugin install acme/plugin-clock --target noarch',
  flags: {
    dest: text('absolute folder to install below', { placeholder: 'dir', completes: 'folder' }),
    ...TRUST_FLAGS,
    force: toggle('replace what is there'),
    ...CONFIG_FLAG,
  },
  positionals: [{ name: 'coords', description: 'owner/repo, or owner/repo@tag', required: true }],
  stopsItself: true,
  run: async ({ words: [coords = ''], flags, context }) => {
    const coordinates = parseCoordinates(coords);
    const paths = homePathsFor(context, flags.config);
    const [root] = pluginRoots(context, paths, flags.dest);
    assertAbsoluteRoot(root, 'plugin');
    const { requireSignature, skipSignatureVerify, acceptSigner, force } = flags;
    const report = await installPack(
      PLUGIN_CONTRACT,
      {
        coordinates,
        root,
        target: targetFor(context, flags.target),
        trust: { requireSignature, skipSignatureVerify },
        acceptSigner,
        force,
        strict: false,
      },
      installWorld(context, paths, 'plugin', { plugins: [], features: [] }, describe),
    );
    return {
      ...reportJson(report),
      plugin_dir: report.folder,
      binary_path: entryProgram(report.folder, readPluginManifest(report.folder)) ?? null,
      size_bytes: report.archiveBytes,
    };
  },
  render: (report, view) => {
    const { id, version, plugin_dir: folder, size_bytes: bytes, was_already_present: present } = report;
    const { ink, marks } = view;
    const verb = present ? 'already installed' : 'installed';
    return [
      `${ink.good(marks.done)} ${verb} ${ink.bold(id)} v${version} in ${folder} (${bytes} bytes)`,
      ...renderRemarks(report).flatMap((line) => view.paragraph(line, '  ')),
    ].join('\n');
  },
});

function describe(report: unknown): string[] {
  // Made by the plugin contract, whose report this is.
  const { id, entrypoint, provides, tools, environment, programs, files } = report as PluginReport;
  return [
    `${id} brings code:`,
    `  starts: ${entrypoint === null ? 'nothing' : entrypoint.join(' ')}`,
    ...(provides.length === 0 ? [] : [`  provides: ${provides.join(', ')}`]),
    ...(tools.length === 0 ? [] : [`  tools: ${tools.join(', ')}`]),
    ...(environment.length === 0 ? [] : [`  environment: ${environment.join(', ')}`]),
    ...programs.map((path) => `  program: ${path}`),
    `  ${files} files in all`,
  ];
}
