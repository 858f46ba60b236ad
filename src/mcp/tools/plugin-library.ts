import type { PluginLibrary } from '../../plugins/library.ts';
import { openLibrary } from '../../plugins/open.ts';
import type { ToolPlace } from '../toolbox.ts';

/** One for each home and for the life of the server: the tools that plugins have and those about plugins share it. */
const libraries = new Map<string, PluginLibrary>();

/** The operator's plugins, as this server has them open. */
export function sharedLibrary({ home, env, log }: Omit<ToolPlace, 'use'>): PluginLibrary {
  const known = libraries.get(home.home);
  if (known !== undefined) return known;
  const library = openLibrary({ paths: home, env, log });
  library.refresh();
  libraries.set(home.home, library);
  return library;
}

export async function closeSharedLibrary({ home }: Pick<ToolPlace, 'home'>): Promise<void> {
  const library = libraries.get(home.home);
  libraries.delete(home.home);
  await library?.close();
}
