import { type RepairFinding, repairWorkspace } from '../../workspace/repair.ts';
import { defineCommand } from '../command.ts';
import { toggle } from '../flags.ts';
import type { View } from '../render/view.ts';
import { count } from '../render/words.ts';

export default defineCommand({
  description:
    'Finds state files that cannot be read, sets each aside byte for byte, and puts the best good copy in its place: ' +
    'the last one that Nexo wrote, the one in git, or the readable part. Nothing is ever deleted.',
  example: 'nexo repair --dry-run',
  flags: { dryRun: toggle('only say what would be done') },
  run: async ({ flags, context }) => {
    const { findings } = await repairWorkspace(await context.workspace(), { dryRun: flags.dryRun });
    return { dryRun: flags.dryRun, findings };
  },
  // A file that is left damaged is bad news; a dry run that finds something only reports.
  failed: ({ findings }) => findings.some(({ left }) => left !== undefined),
  render: ({ dryRun, findings }, view) =>
    findings.length === 0
      ? `${view.ink.good(view.marks.done)} All state files can be read; there is nothing to repair.`
      : findings.flatMap((finding) => renderFinding(finding, dryRun, view)).join('\n'),
});

function renderFinding(finding: RepairFinding, dryRun: boolean, view: View): string[] {
  const { ink, marks } = view;
  const { file, problem, movedTo, restoredFrom, records, left } = finding;
  const lines = [
    `${left === undefined ? ink.warn(marks.warning) : ink.bad(marks.failure)} ${ink.bold(file)}`,
  ];
  lines.push(...view.paragraph(problem, '  '));
  if (left !== undefined) return [...lines, ...view.paragraph(`Left as it is. ${left}`, '  ')];
  if (movedTo !== undefined)
    lines.push(...view.paragraph(`${dryRun ? 'Would be set' : 'Set'} aside as ${movedTo}`, '  '));
  const restored =
    restoredFrom === undefined
      ? `No good copy was found: the file ${dryRun ? 'would start' : 'starts'} anew with the next change.`
      : `${dryRun ? 'Would be restored' : 'Restored'} from the ${sourceName(restoredFrom)}` +
        (records === undefined ? '.' : `, with ${count(records, 'record')}.`);
  return [...lines, ...view.paragraph(restored, '  ')];
}

function sourceName(source: NonNullable<RepairFinding['restoredFrom']>): string {
  return source === 'git' ? 'version in git' : source;
}
