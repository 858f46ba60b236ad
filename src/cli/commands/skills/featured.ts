import { featuredSkills } from '../../../skills/views.ts';
import { defineCommand } from '../../command.ts';
import { wholeNumber } from '../../flags.ts';
import { renderItems } from '../../render/catalog.ts';
import { withSkills } from '../../skills-door.ts';

export default defineCommand({
  description: 'A handful of skills worth knowing: published or stable, your own first, then by trust.',
  example: 'nexo skills featured',
  flags: { limit: wholeNumber('how many at most; 5 unless told otherwise') },
  run: async ({ flags: { limit = 5 }, context }) =>
    withSkills(context, (library) => ({ skills: featuredSkills(library, Math.max(1, limit)) })),
  render: ({ skills }, view) =>
    renderItems(
      skills.map(({ id, mode, source, description, trigger_patterns }) => ({
        columns: [id, mode, source],
        lines: [
          description,
          trigger_patterns.length === 0 ? '' : `say: ${trigger_patterns.join(', ')}`,
        ].filter((line) => line !== ''),
      })),
      view,
    ).join('\n'),
});
