import { defineCommand } from '../../command.ts';
import { text } from '../../flags.ts';
import { parseInputObject, withPlugins } from '../../plugins-door.ts';
import { printableJson } from '../../render/printable.ts';
import { firstWord } from '../../scripts-door.ts';

export default defineCommand({
  description:
    'Calls one tool of a plugin as a client would, in its own process and under the same limits, and prints its answer.',
  example: `nexo plugins call nexo_crm_bridge --input '{"query": "Ada"}'`,
  flags: { input: text('its arguments, a JSON object; {} unless said', { placeholder: 'json' }) },
  positionals: [{ name: 'tool', description: 'its name, such as nexo_crm_bridge', required: true }],
  run: async ({ flags, words, context }) => {
    const input = parseInputObject(flags.input);
    return withPlugins(context, (library) => library.call(firstWord(words), input));
  },
  document: ({ value }) => value,
  verbatim: ({ value }) => printableJson(value),
  failed: ({ isRefusal }) => isRefusal,
});
