import { catalogPlace } from '../../catalog-door.ts';
import { defineCommand } from '../../command.ts';
import { toggle } from '../../flags.ts';
import { renderFindings } from '../../render/catalog.ts';
import { count } from '../../render/words.ts';

export default defineCommand({
  description:
    'Checks the whole catalog, every layer of it: schemas, capabilities, tags, macros in all three harnesses, ' +
    'languages, the manifest. Every fault comes with file, line and what to do. Ends with 1 when there is an error.',
  example: 'nexo harness validate',
  flags: { strict: toggle('count warnings as errors') },
  run: async ({ flags, context }) => {
    const [{ layersAt }, { validateCatalog }, { GATES }, { nexoVersion }] = await Promise.all([
      import('../../../catalog/layers.ts'),
      import('../../../catalog/validate.ts'),
      import('../../../catalog/finding.ts'),
      import('../../../version.ts'),
    ]);
    const { catalog, findings } = validateCatalog(await layersAt(await catalogPlace(context)), {
      version: nexoVersion(),
    });
    const errors = findings.filter(({ level }) => level === 'error').length;
    const warnings = findings.length - errors;
    return {
      ok: errors === 0 && (warnings === 0 || !flags.strict),
      errors,
      warnings,
      agents: catalog.agents.length,
      skills: catalog.skills.length,
      tags: catalog.tags.length,
      layers: catalog.layers.map(({ kind, name, folder }) => ({ kind, name, folder })),
      gates: Object.entries(GATES).map(([gate, title]) => ({
        gate,
        title,
        findings: findings.filter((finding) => finding.gate === gate).length,
      })),
      findings,
    };
  },
  failed: ({ ok }) => !ok,
  render: ({ ok, errors, warnings, agents, skills, tags, gates, findings }, view) => {
    const { ink, marks } = view;
    const what = `${count(agents, 'agent')}, ${count(skills, 'skill')} and ${count(tags, 'tag')}`;
    const failed = gates.filter((gate) => gate.findings > 0).length;
    const last = ok
      ? `${ink.good(marks.done)} ${what} pass ${failed === 0 ? `all ${gates.length} gates` : `with ${count(warnings, 'warning')}`}`
      : `${ink.bad(marks.failure)} ${count(errors, 'error')} and ${count(warnings, 'warning')} in ${count(failed, 'gate')}; ${what} could be loaded`;
    return [...renderFindings(findings, view), last].join('\n');
  },
});
