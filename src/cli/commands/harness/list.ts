import {
  type HarnessInstallation,
  type ListedHarness,
  listHarnesses,
} from '../../../harness/list-harnesses.ts';
import { defineCommand } from '../../command.ts';
import type { View } from '../../render/view.ts';
import { count } from '../../render/words.ts';
import { doctorPlaces } from './place.ts';

export default defineCommand({
  description:
    'Every harness that Nexo knows: where it is on this machine and which version, what Nexo installed into it for ' +
    'you and for this project, and what still waits for your trust. Starts no model and changes nothing.',
  example: 'nexo harness list',
  flags: {},
  run: async ({ context }) => ({
    harnesses: await listHarnesses(await doctorPlaces(context), context.io.env),
  }),
  render: ({ harnesses }, view) => harnesses.flatMap((harness) => renderHarness(harness, view)).join('\n'),
});

function renderHarness(
  { name, title, program, version, installations }: ListedHarness,
  view: View,
): string[] {
  const where = program === null ? 'not found on PATH' : `${version ?? 'unknown version'}  ${program}`;
  return [
    `${view.ink.bold(name.padEnd(9))} ${title}, ${where}`,
    ...installations.flatMap((each) => renderInstallation(name, each, view)),
  ];
}

function renderInstallation(
  name: string,
  { scope, state, files, entries, edited, untrusted }: HarnessInstallation,
  view: View,
): string[] {
  const line = (text: string): string => `  ${scope.padEnd(8)} ${text}`;
  if (state === 'none') return [line(view.ink.dim('nothing installed'))];
  if (state === 'damaged')
    return [line(view.ink.bad(`the ledger cannot be read; nexo harness doctor ${name} says more`))];
  const what = `${count(files, 'file')}; ${entries === 1 ? '1 entry' : `${entries} entries`} in ${edited.join(', ')}`;
  return [
    line(what),
    ...untrusted.flatMap((finding) => [
      ...view.paragraph(
        `${finding.what} ${finding.next}.`.replace(/\.\.$/, '.'),
        `    ${view.marks.warning} `,
      ),
    ]),
  ];
}
