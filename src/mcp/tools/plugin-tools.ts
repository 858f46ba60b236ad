import type { Tool } from '@modelcontextprotocol/server';

import { NexoError } from '../../errors.ts';
import type { PluginLibrary } from '../../plugins/library.ts';
import type { Registered } from '../../plugins/register.ts';
import { toolErrorText } from '../../workspace/tools.ts';
import { type ServerTool, type ToolSource, toToolAnswer } from '../server-tool.ts';
import type { ToolPlace } from '../toolbox.ts';
import { HOME_HINTS } from './define-home-tool.ts';
import { closeSharedLibrary, sharedLibrary } from './plugin-library.ts';

/** How long the first list of a server waits for plugins that nobody has run yet; the rest is announced. */
const PATIENCE_MS = 1500;

/** The tools of the operator's plugins; they come and go while the server runs. */
export async function openPluginTools(place: ToolPlace): Promise<ToolSource> {
  const library = sharedLibrary(place);
  if (place.use !== 'once') library.watch();
  const made = new WeakMap<Registered['tool'], ServerTool>();
  return {
    tools: async () => {
      await library.settled(place.use === 'once' ? undefined : PATIENCE_MS);
      return library.tools().map((registered) => {
        const tool = made.get(registered.tool) ?? toServerTool(library, registered);
        made.set(registered.tool, tool);
        return tool;
      });
    },
    settled: () => library.settled(),
    onChange: (listener) => library.onChange(listener),
    close: () => closeSharedLibrary(place),
  };
}

function toServerTool(library: PluginLibrary, { tool }: Registered): ServerTool {
  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  const hints: NonNullable<Tool['annotations']> = { ...HOME_HINTS.run, ...annotations };
  return {
    definition: {
      name,
      title: title ?? titleOf(name),
      description,
      inputSchema: { ...inputSchema, type: 'object' },
      ...(outputSchema !== undefined && { outputSchema: { ...outputSchema, type: 'object' } }),
      annotations: hints,
    },
    isReadOnly: hints.readOnlyHint === true,
    call: async (_world, input) => {
      try {
        const { value, isRefusal } = await library.call(name, input);
        return toToolAnswer(value, { isError: isRefusal, workspace: undefined });
      } catch (error) {
        if (!(error instanceof NexoError)) throw error;
        return toToolAnswer({ error: toolErrorText(error) }, { isError: true, workspace: undefined });
      }
    },
  };
}

/** `nexo_crm_bridge` → `Crm bridge`. */
function titleOf(name: string): string {
  const words = name.replace(/^nexo_/, '').replaceAll('_', ' ');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
