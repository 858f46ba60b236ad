import { NexoError } from '../../errors.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { type Suggestion, suggest } from '../completion/suggest.ts';
import { text } from '../flags.ts';
import { homePaths } from '../scripts-door.ts';

export default defineCommand({
  description:
    'Prints what fits at the cursor of a command line. Called by the completion scripts of the shells.',
  example: 'nexo __complete --partial=st -- plan',
  flags: { partial: text('the word at the cursor, as far as it is typed') },
  positionals: [{ name: 'before', description: 'the words before it', variadic: true }],
  run: async ({ flags, words, context }) => {
    const { words: found, also = 'words' } = await suggest({
      before: words,
      partial: flags.partial ?? '',
      records: (kind) => readRecords(kind, context),
    });
    return { words: found, also };
  },
  // One suggestion a line and then what else fits; the values are made safe before they get here.
  render: ({ words, also }, view) =>
    [...words.map(({ value, description }) => `${value}\t${view.line(description)}`), `:${also}`].join('\n'),
});

async function readRecords(
  kind: 'task' | 'issue' | 'script',
  context: CommandContext,
): Promise<Suggestion[]> {
  if (kind === 'script') return scriptNames(context);
  const { readStatus } = await import('../../workspace/status.ts');
  try {
    const { tasks, plan } = await readStatus(await context.workspace());
    const records = kind === 'task' ? tasks : (plan?.issues ?? []);
    return records.map(({ id, title }) => ({ value: String(id), description: title }));
  } catch (error) {
    // No project here, or its files cannot be read: the person is typing, this is no time for a message.
    if (error instanceof NexoError) return [];
    throw error;
  }
}

async function scriptNames(context: CommandContext): Promise<Suggestion[]> {
  const { discoverScripts } = await import('../../automation/scripts/discover.ts');
  try {
    return discoverScripts(await homePaths(context))
      .entries.filter(({ classification }) => classification === 'personal')
      .map(({ name, description }) => ({ value: name, description }));
  } catch (error) {
    if (error instanceof NexoError) return [];
    throw error;
  }
}
