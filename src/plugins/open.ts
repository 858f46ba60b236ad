import { loadSettings } from '../home/config.ts';
import type { HomePaths } from '../home/paths.ts';
import { packageRoot } from '../version.ts';
import { type LibraryOptions, PluginLibrary } from './library.ts';
import type { PluginPolicy } from './settings.ts';

/** The operator's plugins under the operator's settings. Nothing is looked at before `refresh`. */
export function openLibrary(options: Omit<LibraryOptions, 'code' | 'policy'>): PluginLibrary {
  const policy = policyOf(options.paths, options.log);
  return new PluginLibrary({ ...options, code: packageRoot(), policy });
}

/** Settings that cannot be read may have asked for approval: then everything waits for it. */
export function policyOf(paths: HomePaths, log: LibraryOptions['log']): PluginPolicy {
  const { settings, problems, file } = loadSettings(paths);
  if (problems.length === 0) return settings.plugins;
  log?.(`plugins that have not been approved wait, because ${file} cannot be read; see nexo doctor`);
  return { ...settings.plugins, approval: 'ask' };
}
