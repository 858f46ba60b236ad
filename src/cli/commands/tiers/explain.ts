import { resolveHomePaths } from '../../../home/paths.ts';
import { preferenceFiles, readPreferences } from '../../../runner/tiers/preferences.ts';
import { resolveModel } from '../../../runner/tiers/resolve-model.ts';
import { loadTiersTable, tiersFilePlaces } from '../../../runner/tiers/tiers-file.ts';
import { defineCommand } from '../../command.ts';
import { required, text } from '../../flags.ts';
import type { View } from '../../render/view.ts';
import { pad } from '../../render/width.ts';

export default defineCommand({
  description:
    'Shows how a run would get its tier, its model and its effort: each step, what was found there, and why it won ' +
    'or did not. Starts nothing and asks no backend.',
  example: 'nexo tiers explain --caller personal/morning-report --tier maximo',
  flags: {
    caller: required(text('who would ask for the run', { placeholder: 'id' })),
    tier: text('the tier that the call would name', { placeholder: 'tier' }),
    backend: text('the backend to look the pair up for, instead of yours', { placeholder: 'name' }),
    model: text('the model that the call would name', { placeholder: 'model' }),
    reasoningEffort: text('the effort that the call would name', { placeholder: 'effort' }),
  },
  run: async ({ flags, context: { io } }) => {
    const paths = resolveHomePaths(io.env, io.userHome());
    const table = loadTiersTable(tiersFilePlaces(paths));
    const preferences = readPreferences(preferenceFiles(paths));
    const backend = flags.backend ?? preferences.automationBackend;
    const { caller, ...resolved } = resolveModel(table, {
      caller: flags.caller,
      explicitTier: flags.tier,
      preferences: preferences.tiers,
      backend,
      model: flags.model,
      effort: flags.reasoningEffort,
      profile: preferences.profiles[backend] ?? {},
    });
    return {
      caller: caller.id,
      kind: caller.kind,
      backend,
      tiersFile: table.path,
      ...resolved,
      warnings: [...preferences.warnings, ...resolved.warnings],
    };
  },
  render: (found, view) => {
    const { ink, marks } = view;
    return [
      `${ink.bold(found.caller)} ${ink.dim(KINDS[found.kind])}`,
      ...found.steps.map(({ outcome, source, note }) => {
        const line = `${outcome === 'wins' ? ink.good(marks.done) : ink.dim(marks.bullet)} ${pad(source, 14)} ${note}`;
        return `  ${outcome === 'wins' ? line : ink.dim(line)}`;
      }),
      '',
      row('tier', found.tier, view),
      row('backend', found.backend, view),
      row('model', chosen(found.model, found.modelSource), view),
      row('effort', chosen(found.effort, found.effortSource), view),
      ...found.warnings.map((warning) => `${ink.warn(marks.warning)} ${warning}`),
    ].join('\n');
  },
});

const KINDS = {
  personal: 'personal: needs no registration',
  'user-facing': 'faces a person: follows their default',
  'system-owned': 'belongs to the product: its tier is pinned',
} as const;

const SOURCES: Readonly<Record<string, string>> = {
  explicit: 'named with the call',
  tier: 'from the tier',
  profile: 'from your profile of the backend',
};

function chosen(value: string, source: string): string {
  return value === '' ? "the backend's own choice" : `${value} (${SOURCES[source] ?? source})`;
}

function row(name: string, value: string, { ink }: View): string {
  return `${ink.bold(pad(name, 8))} ${value}`;
}
