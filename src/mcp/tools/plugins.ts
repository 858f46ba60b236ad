import * as z from 'zod';

import { LANGUAGES } from '../../automation/scripts/templates.ts';
import { openHomeDatabase } from '../../home/database.ts';
import { createPlugin, PLUGIN_RUNTIMES } from '../../plugins/create.ts';
import { policyOf } from '../../plugins/open.ts';
import { listPlugins, toPluginRow } from '../../plugins/views.ts';
import { packageRoot } from '../../version.ts';
import type { ServerTool } from '../server-tool.ts';
import { defineHomeTool } from './define-home-tool.ts';
import { sharedLibrary } from './plugin-library.ts';

const File = z.string().min(1).max(255);
const ok = z.boolean();

const create = defineHomeTool({
  name: 'nexo_personal_plugin_create',
  title: 'Create a plugin',
  description:
    'Writes a new personal plugin, a file with a tool to fill in; every client sees the tool soon after it is saved. ' +
    'First make sure that no script would do: nexo_advise.',
  hints: 'add',
  input: z.strictObject({
    name: z.string().min(1).max(200),
    description: z.string().max(500).optional(),
    tool_name: z.string().max(60).optional(),
    runtime: z.enum(PLUGIN_RUNTIMES).optional(),
    create_companion_script: z.boolean().optional(),
    script_runtime: z.enum(LANGUAGES).optional(),
    force: z.boolean().optional(),
  }),
  output: {
    ok,
    name: z.string(),
    tool_name: z.string(),
    plugin_path: z.string(),
    companion_script: z.string().nullable(),
    next_step: z.string(),
  },
  run: async ({ home, log }, input) => {
    const database = await openHomeDatabase(home);
    try {
      return await createPlugin(database, home, packageRoot(), {
        name: input.name,
        companion: input.create_companion_script === true,
        force: input.force === true,
        prefixes: policyOf(home, log).prefixes,
        ...(input.runtime !== undefined && { runtime: input.runtime }),
        ...(input.description !== undefined && { description: input.description }),
        // Models fill in nothing for what they do not need.
        ...(input.tool_name !== undefined && input.tool_name !== '' && { toolName: input.tool_name }),
        ...(input.script_runtime !== undefined && { scriptRuntime: input.script_runtime }),
      });
    } finally {
      database.close();
    }
  },
});

const load = defineHomeTool({
  name: 'nexo_plugin_load',
  title: 'Load a plugin',
  description: 'Runs a plugin file anew and takes its tools into use; says what is wrong with it.',
  hints: 'run',
  input: z.strictObject({ filename: File }),
  output: { ok, plugin: z.looseObject({ file: z.string() }) },
  run: async (world, { filename }) => {
    const library = sharedLibrary(world);
    const slot = await library.load(filename);
    return { ok: true, plugin: toPluginRow(library, slot, world.env) };
  },
});

const list = defineHomeTool({
  name: 'nexo_plugin_list',
  title: 'List plugins',
  description: 'Every plugin with its source, status, tools and last error.',
  hints: 'read',
  input: z.strictObject({}),
  output: { plugins: z.array(z.looseObject({ file: z.string() })) },
  run: async (world) => {
    const library = sharedLibrary(world);
    library.refresh();
    await library.settled();
    return { plugins: listPlugins(library, world.env) };
  },
});

const remove = defineHomeTool({
  name: 'nexo_plugin_remove',
  title: 'Remove a plugin',
  description: 'Takes the tools of a plugin out of use until nexo_plugin_load; its file stays.',
  hints: 'replace',
  input: z.strictObject({ filename: File }),
  output: { ok, removed: z.array(z.string()) },
  run: async (world, { filename }) => ({ ok: true, removed: await sharedLibrary(world).remove(filename) }),
});

/** The operator's plugins, for agents. Approving is not among them: it is the operator's word. */
export const PLUGIN_TOOLS: readonly ServerTool[] = [create, list, load, remove];
