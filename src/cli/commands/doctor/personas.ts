import type { PersonaCheckup, PersonasCheckup } from '../../../personas/doctor-report.ts';
import { nexoVersion } from '../../../version.ts';
import { defineCommand } from '../../command.ts';
import { CONFIG_FLAG, homePathsFor } from '../../pack-door.ts';
import { KNOWN_FEATURES } from '../../persona-door.ts';
import { findPluginsIn, pluginRoots } from '../../plugin-door.ts';
import type { View } from '../../render/view.ts';
import { count } from '../../render/words.ts';

export default defineCommand({
  description:
    'Every persona pack that is found, in use or not, and why not: its agents, what it needs and does not have, ' +
    'secrets that wait to be filled in. Changes nothing. Ends with 1 when a pack is invalid or the settings are.',
  example: 'nexo doctor personas --json',
  flags: CONFIG_FLAG,
  run: async ({ flags, context }): Promise<PersonasCheckup> => {
    const { io } = context;
    const paths = homePathsFor(context, flags.config);
    const [{ checkPersonas }, { tamperedWith }] = await Promise.all([
      import('../../../personas/doctor-report.ts'),
      import('../../../personas/installed/tampering.ts'),
    ]);
    return checkPersonas({
      paths,
      env: io.env,
      userHome: io.userHome(),
      nexoVersion: nexoVersion(),
      now: () => new Date(),
      tamperedWith,
      plugins: new Set(findPluginsIn(pluginRoots(context, paths)).map(({ id }) => id)),
      features: new Set(KNOWN_FEATURES),
    });
  },
  failed: ({ ok }) => !ok,
  render: (checkup, view) => renderCheckup(checkup, view),
});

function renderCheckup(checkup: PersonasCheckup, view: View): string {
  const { ink, marks } = view;
  const {
    personas,
    problems,
    search_paths: searched,
    config,
    kill_switch,
    activation,
    plugin_configs,
  } = checkup;
  const active = personas.filter(({ state }) => state === 'active').length;
  return [
    ink.bold(`${count(personas.length, 'pack')}, ${active} in use`),
    ...(kill_switch
      ? [`  ${ink.warn(marks.warning)} NEXO_DISABLE_BUNDLED_PERSONAS is on: none is used.`]
      : []),
    ...(activation === 'template'
      ? [
          `  ${ink.warn(marks.warning)} activation is template: packs are listed, and nothing of them is applied.`,
        ]
      : []),
    `  ${ink.dim('settings')}  ${config.path}${config.exists ? '' : ' (not there; the daemon loads no pack without it)'}`,
    ...searched.map(({ path, exists }) => `  ${ink.dim('searched')}  ${path}${exists ? '' : ' (not there)'}`),
    ...problems.flatMap(({ path, line, message, fix }) => [
      `${ink.bad(marks.failure)} ${path}${line === undefined ? '' : `:${line}`} ${message}`,
      ...(fix === undefined ? [] : [`  ${ink.accent(marks.arrow)} ${fix}`]),
    ]),
    ...personas.flatMap((pack) => renderPack(pack, view)),
    ...plugin_configs.flatMap(({ plugin, sources, value }) => [
      ink.bold(`${plugin} is configured by ${sources.join(', then ')}`),
      ...(Array.isArray(value) ? value : [value]).map((item) => `    ${JSON.stringify(item)}`),
    ]),
  ].join('\n');
}

function renderPack(pack: PersonaCheckup, { ink, marks }: View): string[] {
  const { id, version, state, path, reason, unmet, unconfigured_secrets, agents, skipped_agents, warnings } =
    pack;
  const mark =
    state === 'active'
      ? ink.good(marks.done)
      : state === 'invalid'
        ? ink.bad(marks.failure)
        : ink.dim(marks.ready);
  const warn = (text: string): string => `    ${ink.warn(marks.warning)} ${text}`;
  return [
    `${mark} ${ink.bold(id === null ? 'unreadable' : `${id} ${version ?? ''}`)}  ${state}  ${ink.dim(path)}`,
    ...(reason === null ? [] : [`    ${reason}`]),
    ...(agents.length === 0 ? [] : [`    agents: ${agents.join(', ')}`]),
    ...skipped_agents.map(({ id: agent, file, reason: why }) => warn(`${agent ?? file} ${why}`)),
    ...unconfigured_secrets.map((secret) => warn(`${secret} waits for a secret`)),
    ...(unmet.missing_plugins.length === 0
      ? []
      : [warn(`needs plugins: ${unmet.missing_plugins.join(', ')}`)]),
    ...(unmet.missing_env_vars.length === 0
      ? []
      : [warn(`needs variables: ${unmet.missing_env_vars.join(', ')}`)]),
    ...(unmet.unknown_features.length === 0
      ? []
      : [warn(`asks for unknown features: ${unmet.unknown_features.join(', ')}`)]),
    ...warnings.map(warn),
  ];
}
