import { LANGUAGES } from '../../../automation/scripts/templates.ts';
import { createPlugin, PLUGIN_RUNTIMES } from '../../../plugins/create.ts';
import { policyOf } from '../../../plugins/open.ts';
import { packageRoot } from '../../../version.ts';
import { defineCommand } from '../../command.ts';
import { choice, text, toggle } from '../../flags.ts';
import { firstWord, withHome } from '../../scripts-door.ts';

export default defineCommand({
  description:
    'Writes a new plugin from its template: a file in personal/plugins with one tool, which every client of nexo mcp ' +
    '--toolsets home sees as soon as it is saved. With --companion a personal script is written with it, or neither.',
  example: 'nexo plugins create crm-bridge --description "Looks up contacts in the CRM"',
  flags: {
    runtime: choice(PLUGIN_RUNTIMES, 'what it is; ts unless said, mcp for a server that is there already'),
    description: text('what its tool does, in one line'),
    toolName: text('what to call the tool; nexo_ and the name unless said', { placeholder: 'name' }),
    companion: toggle('write a personal script for it too'),
    scriptRuntime: choice(LANGUAGES, 'what that script is written in', 'language'),
    force: toggle('replace a plugin of that name; the old one goes to the trash'),
  },
  positionals: [{ name: 'name', description: 'what to call it', required: true }],
  run: ({ flags, words, context }) =>
    withHome(context, ({ paths, database }) => {
      const { description, toolName, companion, force, runtime, scriptRuntime } = flags;
      return createPlugin(database, paths, packageRoot(), {
        name: firstWord(words),
        companion,
        force,
        prefixes: policyOf(paths, context.note).prefixes,
        ...(runtime !== undefined && { runtime }),
        ...(description !== undefined && { description }),
        ...(toolName !== undefined && { toolName }),
        ...(scriptRuntime !== undefined && { scriptRuntime }),
      });
    }),
  render: ({ plugin_path, tool_name, companion_script, replaced, name }, { ink, marks }) =>
    [
      `${ink.good(marks.done)} ${plugin_path}, with the tool ${ink.bold(tool_name)}`,
      ...(companion_script === null ? [] : [`${ink.good(marks.done)} ${companion_script}`]),
      ...(replaced === null ? [] : [`  The old one is in the trash: ${replaced.restore}`]),
      `${ink.accent(marks.arrow)} edit it, then nexo plugins load ${name}`,
    ].join('\n'),
});
