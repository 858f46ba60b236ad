import { askOffer } from '../../runner/backends/ask-offer.ts';
import { BACKEND_NAMES } from '../../runner/backends/contract.ts';
import { BACKENDS } from '../../runner/backends/registry.ts';
import { childEnvironment } from '../../runner/environment.ts';
import { backendPlace, loadRunSettings, offersFolder } from '../../runner/prepare.ts';
import { preferenceFiles, readPreferences } from '../../runner/tiers/preferences.ts';
import { defineCommand } from '../command.ts';
import { toggle } from '../flags.ts';
import { runWorld } from '../run-door.ts';

export default defineCommand({
  description:
    'Every backend: whether it is on this machine, where, and what it offers. Asks the programs themselves, and ' +
    'remembers their answers for a day; --refresh asks anew.',
  example: 'nexo backends',
  flags: { refresh: toggle('ask the programs again') },
  run: async ({ flags: { refresh }, context }) => {
    const world = runWorld(context);
    const settings = await loadRunSettings(world);
    const place = backendPlace(world, settings);
    const preferences = readPreferences(preferenceFiles(world.paths));
    const backends = [];
    for (const name of BACKEND_NAMES) {
      const backend = BACKENDS[name];
      const located = backend.locate(place);
      const common = { name, chosen: preferences.automationBackend === name, resumes: backend.resumes };
      if (!located.found) {
        backends.push({ ...common, available: false, reason: located.reason, hint: located.hint } as const);
        continue;
      }
      const { program } = located;
      const allowed = [...backend.environment, ...(settings.backends[name]?.env ?? [])];
      const env = childEnvironment({ parent: world.env, allowed, added: {}, runId: '' });
      const cache = offersFolder(world.paths);
      const asked = {
        place,
        program,
        env,
        cwd: world.cwd,
        cache,
        clock: world.clock,
        signal: context.io.signal,
        refresh,
      };
      const offer = await askOffer(backend, asked);
      backends.push({ ...common, available: true, program, offer: offer ?? null } as const);
    }
    return { backends };
  },
  render: ({ backends }, view) =>
    backends
      .flatMap((backend) => {
        const { ink, marks } = view;
        const title = `${ink.bold(backend.name)}${backend.chosen ? ink.accent(' (yours)') : ''}`;
        if (!backend.available)
          return [
            `${ink.dim(marks.ready)} ${title} ${ink.dim(backend.reason)}`,
            ...view.paragraph(backend.hint, '    ').map(ink.dim),
          ];
        const models = backend.offer?.models?.map(({ id }) => id) ?? [];
        const efforts = backend.offer?.defaultEfforts ?? backend.offer?.models?.[0]?.efforts ?? [];
        return [
          `${ink.good(marks.done)} ${title} ${ink.dim(backend.program.at(-1) ?? '')}`,
          ...(models.length === 0
            ? []
            : [
                `    models: ${view.line(models.slice(0, 12).join(', '), 12)}${models.length > 12 ? ', …' : ''}`,
              ]),
          ...(efforts.length === 0 ? [] : [`    efforts: ${efforts.join(', ')}`]),
        ];
      })
      .join('\n'),
});
