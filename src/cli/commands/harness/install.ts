import { LANGS } from '../../../catalog/body.ts';
import { HARNESS_NAMES } from '../../../harness/contract.ts';
import { installHarness } from '../../../harness/install-harness.ts';
import { defineCommand } from '../../command.ts';
import { choice, toggle } from '../../flags.ts';
import { offeredSkills } from '../../offered-skills.ts';
import { harnessWord, placeOf, renderConflicts, renderSteps } from './place.ts';

export default defineCommand({
  description:
    'Puts agents, skills, hooks and the MCP server into the configuration of one harness, in place: comments, order ' +
    'and entries of your own stay as they are. What is yours, or was edited by hand, is reported and left. A second ' +
    'install changes nothing.',
  example: 'nexo harness install codex --dry-run',
  positionals: [{ name: 'harness', description: 'which harness', required: true, choices: HARNESS_NAMES }],
  flags: {
    scope: choice(['user', 'project'], 'for every project of yours, or for this one', 'scope'),
    dryRun: toggle('only say what would be changed'),
    lang: choice(LANGS, 'language of the prompts'),
  },
  run: async ({ flags, words, context }) => {
    const harness = harnessWord(words);
    const place = await placeOf(context, flags.scope ?? 'user');
    const result = await installHarness(
      { harness, place, dryRun: flags.dryRun, offered: await offeredSkills(context) },
      flags.lang ?? 'en',
    );
    return { harness, scope: place.scope, dryRun: flags.dryRun, ...result };
  },
  failed: ({ steps }) => steps.some(({ action }) => action === 'conflict'),
  render: ({ dryRun, steps, notes }, view) => {
    const lines = renderSteps(steps, view);
    const changed = steps.filter(({ action }) => action === 'create' || action === 'update').length;
    if (changed === 0 && lines.length === 0) lines.push('Everything is in place already.');
    else lines.push('', `${dryRun ? 'Would change' : 'Changed'} ${changed} of ${steps.length} entries.`);
    lines.push(...renderConflicts(steps, 'install', view));
    for (const note of notes) lines.push(...view.paragraph(note, `${view.marks.warning} `));
    return lines.join('\n');
  },
});
