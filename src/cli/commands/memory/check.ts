import { toNoteName } from '../../../workspace/memory.ts';
import { checkMemory } from '../../../workspace/memory-check.ts';
import { defineCommand } from '../../command.ts';
import { count } from '../../render/words.ts';

export default defineCommand({
  description:
    'Checks the notes in .nexus/memory/: names (kebab case, two to four words, no dates, no versions), sizes, and ' +
    'notes that are about the same. With a file only that one, which need not exist yet. Ends with 1 when a name ' +
    'breaks a rule; the rest are warnings.',
  example: 'nexo memory check pattern-retry-backoff.md',
  flags: {},
  positionals: [{ name: 'file', description: 'file name of a note, there or planned', completes: 'file' }],
  run: async ({ words: [file], context }) => ({
    findings: checkMemory(await context.workspace(), file === undefined ? undefined : toNoteName(file)),
  }),
  failed: ({ findings }) => findings.some(({ level }) => level === 'error'),
  render: ({ findings }, { ink, marks }) =>
    findings.length === 0
      ? `${ink.good(marks.done)} Nothing to find fault with.`
      : [
          ...findings.flatMap(({ rule, level, file, message, fix }) => [
            `${level === 'error' ? ink.bad(marks.failure) : ink.warn(marks.warning)} ${file}  ${ink.dim(rule)}  ${message}`,
            `  ${ink.accent(marks.arrow)} ${fix}`,
          ]),
          count(findings.length, 'finding'),
        ].join('\n'),
});
