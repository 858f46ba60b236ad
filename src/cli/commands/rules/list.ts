import { listRules } from '../../../workspace/rules.ts';
import { openCatalog, subagentIds } from '../../catalog-door.ts';
import { defineCommand } from '../../command.ts';
import { renderItems } from '../../render/catalog.ts';
import { sizeOf } from '../../render/memory.ts';
import { count } from '../../render/words.ts';

export default defineCommand({
  description:
    'Every rule in .nexus/rules/ and the agent that gets it. A rule named after a subagent is given to it ' +
    'whenever it starts; nobody gets another one by itself.',
  example: 'nexo rules list',
  flags: {},
  run: async ({ context }) => {
    const { agents } = await openCatalog(context);
    const ids = new Set(subagentIds(agents));
    return {
      rules: listRules(await context.workspace()).map((rule) => ({
        ...rule,
        agent: ids.has(rule.name) ? rule.name : null,
      })),
    };
  },
  render: ({ rules }, view) =>
    [
      view.ink.bold(count(rules.length, 'rule')),
      ...renderItems(
        rules.map(({ name, agent, bytes, headline }) => ({
          columns: [name, agent === null ? 'no agent' : `for ${agent}`, sizeOf(bytes)],
          lines: headline === '' ? [] : [headline],
        })),
        view,
      ),
    ].join('\n'),
});
