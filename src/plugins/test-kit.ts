import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';

import { linkHelpers } from '../automation/scripts/helper-links.ts';
import { NexoError } from '../errors.ts';
import { resolveHomePaths } from '../home/paths.ts';
import { packageRoot } from '../version.ts';
import { toPluginAnswer } from './answer.ts';
import { checkInput, checkResult } from './check-value.ts';
import { DEFAULT_LIMITS, type JsonObject, type PluginTool } from './contract.ts';
import { CORE_TOOL_NAMES } from './core-tools.ts';
import { createPluginHost } from './host.ts';
import { kindOf } from './names.ts';
import { pluginError } from './plugin-error.ts';
import { registerPlugins } from './register.ts';

export interface TestOptions {
  /** The environment that the plugin is tested in; of it it sees what it declares. Default: that of the test. */
  readonly env?: NodeJS.ProcessEnv;
  /** Beginnings that names of tools may have, besides `nexo_`. */
  readonly prefixes?: readonly string[];
}

export interface TestedPlugin {
  readonly tools: readonly PluginTool[];
  call(tool: string, input?: JsonObject): Promise<JsonObject>;
  close(): Promise<void>;
}

/** Loads one plugin file as a server does. Throws what loading and calling throw. */
export async function testPlugin(file: string, options: TestOptions = {}): Promise<TestedPlugin> {
  const path = resolve(file);
  const name = basename(path);
  const kind = kindOf(name);
  if (kind === undefined || !existsSync(path)) {
    throw new NexoError('PLUGIN_NOT_FOUND', `${path} is no plugin.`, {
      hint: 'A plugin is a .ts, .mts, .js, .mjs, .cjs or .py file, or NAME.plugin.json.',
    });
  }
  const env = options.env ?? process.env;
  const paths = resolveHomePaths(env);
  linkHelpers(paths, packageRoot());
  const source = { kind, file: name, path };
  const common = { source, world: { env, home: paths.home }, limits: DEFAULT_LIMITS };
  const loaded = await createPluginHost(common).learn();
  const { rejected } = registerPlugins([{ file: name, origin: 'personal', loaded }], {
    reserved: CORE_TOOL_NAMES,
    prefixes: options.prefixes ?? [],
  });
  const [reason] = rejected.values();
  if (reason !== undefined) throw pluginError('PLUGIN_NAME_TAKEN', name, reason);
  const host = createPluginHost({ ...common, declared: loaded.declared });
  return {
    tools: loaded.tools,
    call: async (wanted, input = {}) => {
      const tool = loaded.tools.find((each) => each.name === wanted);
      if (tool === undefined) throw new NexoError('TOOL_UNKNOWN', `${name} has no tool ${wanted}.`);
      const answer = toPluginAnswer(await host.call(wanted, checkInput(name, tool, input)));
      if (!answer.isRefusal) checkResult(name, tool, answer.value);
      return answer.value;
    },
    close: () => host.close(),
  };
}
