import { CALLERS, PERSONAL_PREFIX } from '../../../runner/tiers/callers.ts';
import { defineCommand } from '../../command.ts';
import { renderItems } from '../../render/catalog.ts';

export default defineCommand({
  description:
    'Everybody who may ask for a run: the callers of the product with their pinned tiers, those that follow your ' +
    'default, and the prefix under which your own scripts need no registration.',
  example: 'nexo tiers callers',
  flags: {},
  run: async () => ({
    personalPrefix: PERSONAL_PREFIX,
    userFacing: CALLERS.userFacing,
    systemOwned: Object.entries(CALLERS.systemOwned).map(([caller, tier]) => ({ caller, tier })),
  }),
  render: ({ personalPrefix, userFacing, systemOwned }, view) =>
    [
      view.ink.bold('Yours'),
      `  ${personalPrefix}<name>  any name; --tier and your preference count`,
      view.ink.bold('Follow your default'),
      ...userFacing.map((id) => `  ${id}`),
      view.ink.bold('Pinned'),
      ...renderItems(
        systemOwned.map(({ caller, tier }) => ({ columns: [caller, tier], lines: [] })),
        view,
      ),
    ].join('\n'),
});
