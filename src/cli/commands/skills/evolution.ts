import { readEvolution } from '../../../skills/evolution.ts';
import { decaySkills } from '../../../skills/lifecycle.ts';
import { defineCommand } from '../../command.ts';
import { toggle } from '../../flags.ts';
import { withSkills } from '../../skills-door.ts';

export default defineCommand({
  description:
    'What the record suggests: guides that work so often that a program is worth it, skills that fail, and skills ' +
    'that are used together. --decay also lets idle skills lose trust, as the daemon does each day.',
  example: 'nexo skills evolution',
  flags: { decay: toggle('let idle skills lose trust and level first') },
  run: async ({ flags, context }) =>
    withSkills(context, (library) => ({
      decayed: flags.decay ? decaySkills(library) : [],
      ...readEvolution(library),
    })),
  render: ({ decayed, scriptable, improvements, compose }, { ink }) => {
    const part = (heading: string, lines: readonly string[]): string[] =>
      lines.length === 0 ? [] : [ink.bold(heading), ...lines.map((line) => `  ${line}`)];
    const lines = [
      ...part(
        'Idle',
        decayed.map(({ id, change }) => `${id}: ${change}`),
      ),
      ...part(
        'Worth a program',
        scriptable.map(({ id, success_count }) => `${id}: worked ${success_count} times`),
      ),
      ...part(
        'To be mended',
        improvements.map(
          ({ id, failures, notes }) =>
            `${id}: failed ${failures} times${notes[0] === undefined ? '' : `, last: ${notes[0].split('\n')[0] ?? ''}`}`,
        ),
      ),
      ...part(
        'Used together',
        compose.map(({ ids, uses }) => `${ids.join(' and ')}: ${uses} times`),
      ),
    ];
    return lines.length === 0 ? 'The record suggests nothing yet.' : lines.join('\n');
  },
});
