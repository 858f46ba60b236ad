import { dirname } from 'node:path';

import { hasScript } from '../../plugins/diagnose.ts';
import { discoverPlugins } from '../../plugins/discover.ts';
import { openLibrary } from '../../plugins/open.ts';
import { findPluginFile } from '../../plugins/resolve-file.ts';
import { listPlugins } from '../../plugins/views.ts';
import { attempt, type Verifier, verdict } from './verdict.ts';

export const verifyPlugin: Verifier = async ({ home, env }, name) => {
  const library = openLibrary({ paths: home, env, log: () => {} });
  try {
    const found = findPluginFile(discoverPlugins(library.folders), name);
    library.refresh();
    await library.settled();
    const loads = await attempt(async () => {
      await library.attempt(found.file);
      return verdict(true, 'it does not load');
    });
    const row = listPlugins(library, env).find(({ file }) => file === found.file);
    const declared = library.slots.find((slot) => slot.found.file === found.file)?.known?.loaded;
    const unnamed = declared?.tools.find((tool) => !tool.name.startsWith('nexo_'));
    const companion = declared?.declared.companion;
    return [
      verdict(dirname(found.path) === home.plugins, `it is at ${found.path}`),
      verdict(
        declared !== undefined && unnamed === undefined,
        unnamed === undefined
          ? 'its tools are not known, as it does not load'
          : `${unnamed.name} has another one`,
      ),
      loads,
      verdict(row?.status === 'loaded', row?.last_error ?? 'it has no tools', row?.tools.join(', ')),
      verdict(
        companion === undefined || hasScript(home.scripts, companion),
        `${companion ?? ''} is not in ${home.scripts}`,
        companion ?? 'it names none',
      ),
    ];
  } finally {
    await library.close();
  }
};
