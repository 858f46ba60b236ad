import { resolve } from 'node:path';

import { LANGS } from '../../../catalog/body.ts';
import { HARNESS_NAMES } from '../../../harness/contract.ts';
import { initHarness } from '../../../harness/init-harness.ts';
import { defineCommand } from '../../command.ts';
import { choice, required, text, toggle } from '../../flags.ts';
import { count } from '../../render/words.ts';
import { renderSteps } from './place.ts';

export default defineCommand({
  description:
    'Sets up a repository that carries the catalog for one harness, or brings it up to date: the rendered files, and ' +
    'once a README, a package.json and a CI job, which are yours from then on. A file that nexo did not write is never ' +
    'overwritten; one that it wrote and you edited is reported and left. A second run changes nothing.',
  example: 'nexo harness init --harness claude --target ./plugin --dry-run',
  flags: {
    harness: required(choice(HARNESS_NAMES, 'which harness to render for')),
    target: required(text('folder of the repository', { placeholder: 'dir', completes: 'folder' })),
    name: text('name of the plugin (nexo)', { placeholder: 'name' }),
    lang: choice(LANGS, 'language of the prompts'),
    dryRun: toggle('only say what would be written'),
    check: toggle('the same, and end with 1 when something would be'),
    force: toggle('take your edits of templates and rendered files back'),
  },
  run: async ({ flags, context }) => {
    const { harness, name = 'nexo', lang = 'en', check, force } = flags;
    const dryRun = flags.dryRun || check;
    const target = resolve(context.io.cwd(), flags.target);
    const result = await initHarness({ harness, target, name, lang, dryRun, force });
    return { harness, target, name, dryRun, check, ...result };
  },
  failed: ({ check, steps }) =>
    steps.some(({ action }) => action === 'conflict' || (check && isChange(action))),
  render: ({ target, harness, dryRun, steps }, view) => {
    const lines = renderSteps(
      steps.map(({ path, ...step }) => ({ file: path, ...step })),
      view,
    );
    const changed = steps.filter(({ action }) => isChange(action)).length;
    if (changed === 0) return [...lines, `${target} is up to date for ${harness}.`].join('\n');
    return [
      ...lines,
      '',
      `${count(changed, 'file')} ${dryRun ? 'would change' : 'changed'} in ${target}.`,
    ].join('\n');
  },
});

function isChange(action: string): boolean {
  return action === 'create' || action === 'update' || action === 'remove';
}
