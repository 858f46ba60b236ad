import { defineCommand } from '../../command.ts';
import { text, toggle } from '../../flags.ts';
import { printableJson } from '../../render/printable.ts';
import { firstWord } from '../../scripts-door.ts';

export default defineCommand({
  description:
    'Calls one of the tools that Nexo offers to models, in this process, and prints its answer. This is how scripts ' +
    'reach them; the helper library does it for you.',
  example: `nexo scripts call nexo_personal_scripts_list --input '{"limit": 5}'`,
  flags: {
    input: text('its arguments, a JSON object; {} unless said', { placeholder: 'json' }),
    jsonOutput: toggle('only the result: text that is JSON is unwrapped'),
  },
  positionals: [{ name: 'tool', description: 'its name, such as nx_task_list', required: true }],
  run: async ({ flags, words, context }) => {
    const { io, rootFlag } = context;
    const { callTool } = await import('../../../mcp/call-tool.ts');
    const result = await callTool({
      name: firstWord(words),
      input: flags.input ?? '{}',
      launch: { root: rootFlag, env: io.env, cwd: io.cwd(), userHome: io.userHome() },
      workspace: () => context.workspace(),
      log: (line) => context.note(line),
    });
    return flags.jsonOutput ? unwrapped(result) : result;
  },
  verbatim: (result) => printableJson(result),
});

/** A result that is nothing but text: the JSON in it, where it is JSON. */
function unwrapped(result: Record<string, unknown>): unknown {
  const [[key, value] = [], ...more] = Object.entries(result);
  if (key !== 'result' || typeof value !== 'string' || more.length > 0) return result;
  try {
    return JSON.parse(value);
  } catch {
    return result; // text that is meant as text
  }
}
