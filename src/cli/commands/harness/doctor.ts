import { runProcess } from '../../../base/process.ts';
import { HARNESS_NAMES } from '../../../harness/contract.ts';
import type { HarnessFinding } from '../../../harness/doctor/contract.ts';
import { diagnoseHarnesses } from '../../../harness/doctor/diagnose.ts';
import { defineCommand } from '../../command.ts';
import { choice } from '../../flags.ts';
import type { View } from '../../render/view.ts';
import { count } from '../../render/words.ts';
import { doctorPlaces, harnessWord } from './place.ts';

export default defineCommand({
  description:
    'Looks whether what was installed still works: hooks that are not trusted, changed, misspelt or switched off, ' +
    'files and programs that are gone, a server that is missing. The gate is proved by a call that it must refuse. ' +
    'Every finding names the file and the next thing to do. Changes nothing; ends with 1 when there is a finding.',
  example: 'nexo harness doctor',
  positionals: [{ name: 'harness', description: 'only this one', choices: HARNESS_NAMES }],
  flags: { scope: choice(['user', 'project'], 'only what is installed there', 'scope') },
  run: async ({ flags, words, context }) => {
    const diagnoses = await diagnoseHarnesses({
      ...(words.length === 0 ? {} : { harnesses: [harnessWord(words)] }),
      places: await doctorPlaces(context, flags.scope),
      run: runProcess,
    });
    const findings = diagnoses.flatMap((diagnosis) => diagnosis.findings);
    return {
      ok: findings.length === 0,
      checked: diagnoses.map(({ harness, scope, installed, findings: found }) => ({
        harness,
        scope,
        installed,
        findings: found.length,
      })),
      findings,
    };
  },
  failed: ({ ok }) => !ok,
  render: ({ checked, findings }, view) => {
    const installed = checked.filter((each) => each.installed);
    if (installed.length === 0) {
      const names = [...new Set(checked.map(({ harness }) => harness))];
      return `Nothing of nexo is installed for ${names.join(', ')}.\n${view.marks.bullet} nexo harness install ${names[0] ?? 'codex'}`;
    }
    const lines = installed.flatMap(({ harness, scope, findings: found }) => {
      const title = `${harness} (${scope})`;
      if (found === 0) return [`${view.ink.good(view.marks.done)} ${title}: hooks, gate and server work`];
      const here = findings.filter((each) => each.harness === harness && each.scope === scope);
      return [
        `${view.ink.bad(view.marks.failure)} ${title}: ${count(found, 'finding')}`,
        ...here.flatMap((finding) => renderFinding(finding, view)),
      ];
    });
    return lines.join('\n');
  },
});

function renderFinding(
  { id, severity, file, what, next, evidence = [] }: HarnessFinding,
  view: View,
): string[] {
  return [
    `  ${severity === 'error' ? view.ink.bad(id) : view.ink.warn(id)}  ${file}`,
    ...view.paragraph(what, '    '),
    ...evidence.map((line) => `      ${line}`),
    ...view.paragraph(`Next: ${next}`, '    '),
  ];
}
