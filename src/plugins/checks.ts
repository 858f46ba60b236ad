import { type Check, fromIssues } from '../base/check.ts';
import type { HomePaths } from '../home/paths.ts';
import { diagnosePlugins } from './diagnose.ts';
import { openLibrary } from './open.ts';
import { listPlugins } from './views.ts';

export interface PluginCheckContext {
  readonly paths: HomePaths;
  readonly env: NodeJS.ProcessEnv;
}

const plugins: Check<PluginCheckContext> = {
  id: 'runtime.plugins',
  tier: 'runtime',
  run: async ({ paths, env }) => {
    const library = openLibrary({ paths, env, log: () => {} });
    try {
      library.refresh();
      await library.settled();
      const rows = listPlugins(library, env);
      const tools = rows.reduce((sum, { tools_count: count }) => sum + count, 0);
      const finding = fromIssues(diagnosePlugins(library, { paths, env }), {
        healthy:
          rows.length === 0
            ? 'There are no plugins.'
            : `${rows.length} ${rows.length === 1 ? 'plugin offers' : 'plugins offer'} ${tools} ${tools === 1 ? 'tool' : 'tools'}.`,
        repairPlan: ['nexo plugins list', 'nexo plugins load NAME, after a correction'],
      });
      const loaded = rows.flatMap(({ file, digest }) =>
        digest === null ? [] : [`${file} ${digest.slice(0, 12)}`],
      );
      return { ...finding, evidence: [...(finding.evidence ?? []), ...loaded.slice(0, 20)] };
    } finally {
      await library.close();
    }
  },
};

/** The checks of the operator's plugins. */
export const PLUGIN_CHECKS: readonly Check<PluginCheckContext>[] = [plugins];
