import { HARNESS_NAMES } from '../../../harness/contract.ts';
import { uninstallHarness } from '../../../harness/install-harness.ts';
import { defineCommand } from '../../command.ts';
import { choice, toggle } from '../../flags.ts';
import { harnessWord, placeOf, renderConflicts, renderSteps } from './place.ts';

export default defineCommand({
  description:
    'Takes away what nexo harness install brought, and nothing else: a file that nobody touched since gets its old ' +
    'bytes back; from one that changed only our entries go; what was edited by hand is reported and left.',
  example: 'nexo harness uninstall codex --dry-run',
  positionals: [{ name: 'harness', description: 'which harness', required: true, choices: HARNESS_NAMES }],
  flags: {
    scope: choice(['user', 'project'], 'where it was installed', 'scope'),
    dryRun: toggle('only say what would be taken away'),
  },
  run: async ({ flags, words, context }) => {
    const harness = harnessWord(words);
    const place = await placeOf(context, flags.scope ?? 'user');
    return {
      harness,
      scope: place.scope,
      dryRun: flags.dryRun,
      ...uninstallHarness({ harness, place, dryRun: flags.dryRun }),
    };
  },
  failed: ({ steps }) => steps.some(({ action }) => action === 'conflict'),
  render: ({ harness, scope, steps }, view) =>
    steps.length === 0
      ? `Nothing of nexo is installed for ${harness} (${scope}).`
      : [...renderSteps(steps, view), ...renderConflicts(steps, 'uninstall', view)].join('\n'),
});
