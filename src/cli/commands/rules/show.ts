import { NexoError } from '../../../errors.ts';
import { listRules, readRule } from '../../../workspace/rules.ts';
import { openCatalog, subagentIds } from '../../catalog-door.ts';
import { defineCommand } from '../../command.ts';
import { renderPrompt } from '../../render/catalog.ts';

export default defineCommand({
  description:
    'One rule of .nexus/rules/: which agent gets it, and its text. The name of an agent without a rule says where ' +
    'its rule would go.',
  example: 'nexo rules show engineer',
  flags: {},
  positionals: [{ name: 'name', description: 'name of the rule, without .md', required: true }],
  run: async ({ words: [word = ''], context }) => {
    const name = word.replace(/\.md$/, '');
    const { agents } = await openCatalog(context);
    const agent = subagentIds(agents).includes(name) ? name : null;
    const workspace = await context.workspace();
    const rules = listRules(workspace);
    const rule = rules.find((each) => each.name === name);
    if (rule === undefined && agent === null) {
      throw new NexoError('INPUT_INVALID', `There is no rule ${name}.`, {
        hint:
          rules.length === 0
            ? `There are no rules yet. Agents: ${subagentIds(agents).join(', ')}.`
            : `There are: ${rules.map((each) => each.name).join(', ')}.`,
      });
    }
    const path = `.nexus/rules/${name}.md`;
    return { name, path, agent, text: rule === undefined ? null : readRule(workspace, rule) };
  },
  render: ({ path, agent, text }, { ink }) => {
    if (text === null)
      return `${agent} has no rule yet. What is written to ${path} is given to it when it starts.`;
    const whom =
      agent === null
        ? 'No subagent has this name: nobody gets it by itself.'
        : `${agent} gets it when it starts.`;
    return [`${ink.bold(path)}  ${whom}`, '', renderPrompt(text)].join('\n');
  },
});
