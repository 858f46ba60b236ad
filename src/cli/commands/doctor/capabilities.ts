import {
  type CapabilityRow,
  CORE_TOGGLES,
  inspectToggles,
  pluginToggles,
} from '../../../doctor/capabilities.ts';
import { packPlaces } from '../../../personas/paths.ts';
import { defineCommand } from '../../command.ts';
import { CONFIG_FLAG, homePathsFor } from '../../pack-door.ts';
import { findPlugins } from '../../plugin-door.ts';
import type { Ink, View } from '../../render/view.ts';
import { displayWidth, pad } from '../../render/width.ts';

export default defineCommand({
  description:
    'Every environment variable that turns something dangerous or unusual on, whether it is on here, and what it ' +
    'does then: those of Nexo and those of installed plugins. Needs no daemon and always ends with 0.',
  example: 'nexo doctor capabilities --json',
  flags: CONFIG_FLAG,
  run: async ({ flags, context }) => {
    const { defaultRoot } = packPlaces(homePathsFor(context, flags.config), 'plugin');
    const plugins = findPlugins(defaultRoot).flatMap(({ id, manifest }) =>
      pluginToggles(id, manifest.capability_gates),
    );
    return { rows: inspectToggles([...CORE_TOGGLES, ...plugins], context.io.env) };
  },
  document: ({ rows }) => rows,
  render: ({ rows }, view) => renderRows(rows, view),
});

function renderRows(rows: readonly CapabilityRow[], view: View): string {
  const { ink } = view;
  const cells = rows.map(({ extension, env_var, state, items_count, risk, effect }) => ({
    columns: [
      extension,
      env_var,
      items_count === null || state === 'disabled' ? state : `${state} (${items_count} entries)`,
    ],
    risk,
    effect,
  }));
  const headings = ['EXT', 'ENV VAR', 'STATE'];
  const widths = headings.map((heading, at) =>
    Math.max(displayWidth(heading), ...cells.map(({ columns }) => displayWidth(columns[at] ?? ''))),
  );
  const line = (columns: readonly string[]): string =>
    columns.map((text, at) => pad(text, widths[at] ?? 0)).join('  ');
  const title = 'What the environment turns on';
  return [
    ink.bold(title),
    '─'.repeat(displayWidth(title)),
    ink.dim(`${line(headings)}  ${pad('RISK', 8)}  EFFECT`),
    ...cells.map(
      ({ columns, risk, effect }) =>
        `${line(columns)}  ${paintRisk(risk, ink)(pad(risk.toUpperCase(), 8))}  ${effect}`,
    ),
  ].join('\n');
}

function paintRisk(risk: CapabilityRow['risk'], ink: Ink): (text: string) => string {
  if (risk === 'low') return ink.good;
  if (risk === 'medium') return ink.warn;
  return risk === 'high' ? ink.bad : (text) => ink.bold(ink.bad(text));
}
