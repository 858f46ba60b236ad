import { resolve } from 'node:path';

import { LANGS, type Lang } from '../../../catalog/body.ts';
import { HARNESS_NAMES, type HarnessName } from '../../../harness/contract.ts';
import { syncHarness } from '../../../harness/sync-harness.ts';
import { defineCommand } from '../../command.ts';
import { choice, required, text, texts, toggle } from '../../flags.ts';
import { offeredSkills } from '../../offered-skills.ts';
import { count } from '../../render/words.ts';

export default defineCommand({
  description:
    'Renders the catalog for one harness into a folder: agents, skills, hooks and the MCP server. Managed files are ' +
    'written whenever they differ; templates are written once and are yours from then on.',
  example: 'nexo harness sync --harness claude --target ./plugin --dry-run',
  flags: {
    harness: required(choice(HARNESS_NAMES, 'which harness to render for')),
    target: required(text('folder to write to', { placeholder: 'dir', completes: 'folder' })),
    dryRun: toggle('only say what would be written'),
    force: toggle('write templates again as well'),
    strict: toggle('fail when something of the catalog cannot be held exactly'),
    only: texts('only this agent or skill; may be given again', 'id'),
    lang: choice(LANGS, 'language of the prompts'),
    withoutPersonal: toggle('leave your personal skills out, for a folder that others will see'),
  },
  run: async ({ flags, context }) => {
    const harness: HarnessName = flags.harness;
    const lang: Lang = flags.lang ?? 'en';
    const result = await syncHarness({
      harness,
      lang,
      target: resolve(context.io.cwd(), flags.target),
      dryRun: flags.dryRun,
      force: flags.force,
      offered: flags.withoutPersonal ? [] : await offeredSkills(context),
      ...(flags.only === undefined ? {} : { only: flags.only }),
      place: { env: context.io.env, home: context.io.userHome(), root: (await context.root()).path },
    });
    return { harness, dryRun: flags.dryRun, strict: flags.strict, ...result };
  },
  failed: ({ strict, losses }) => strict && losses.some(({ level }) => level !== 'exact'),
  render: ({ harness, dryRun, strict, steps, losses }, view) => {
    const lines = steps.map(({ path, action }) => `${action.padEnd(9)} ${path}`);
    const written = steps.filter(({ action }) => action === 'create' || action === 'update').length;
    lines.push(
      '',
      `${count(written, 'file')} ${dryRun ? 'would be written' : 'written'} for ${harness}.`,
      '',
    );
    const lost = losses.filter(({ level }) => level !== 'exact');
    if (lost.length > 0) lines.push(`Not held exactly by ${harness}${strict ? ' (--strict fails)' : ''}:`);
    for (const { subject, level, how } of lost)
      lines.push(...view.paragraph(`${level} ${subject}: ${how}.`, '  '));
    return lines.join('\n').trimEnd();
  },
});
