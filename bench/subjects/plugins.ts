import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { resolveHomePaths } from '../../src/home/paths.ts';
import { PluginLibrary } from '../../src/plugins/library.ts';
import { packageRoot } from '../../src/version.ts';
import { summarise } from '../samples.ts';
import type { Subject } from '../subject.ts';

const PLUGINS = 200;
const TOOLS_EACH = 5;
/**
 * What 200 plugins of 5 tools add to the start of a server: finding them and offering their tools, as on every day but
 * the first, when they are run to learn them. The floor is reading their files. Both in one process, in turns: the
 * handshake itself is answered before any of this, and the difference of two processes says more about the machine.
 */
export const plugins: Subject = {
  name: 'plugins',
  async *measure(bench) {
    if (!bench.contenders.some(({ name }) => name === 'nexo')) return;
    const home = join(bench.scratch.folder, 'home-with-plugins');
    const paths = resolveHomePaths({ NEXO_HOME: home });
    writePlugins(paths.plugins);
    const env = bench.scratch.environment({ NEXO_HOME: home });
    const open = () => new PluginLibrary({ paths, code: packageRoot(), env });
    const first = open();
    first.refresh();
    await first.settled();
    const offered = first.tools().length;
    const { rounds, warmups } = bench.rounds(41, 15, 5);
    const found: number[] = [];
    const read: number[] = [];
    for (let round = -warmups; round < rounds; round += 1) {
      const reading = timed(() => {
        for (const file of readdirSync(paths.plugins)) readFileSync(join(paths.plugins, file), 'utf8');
      });
      const library = open();
      const finding = timed(() => library.refresh()) + timed(() => void open());
      if (library.tools().length !== offered) throw new Error('not all plugins were known');
      await library.close();
      if (round < 0) continue;
      read.push(reading);
      found.push(finding);
    }
    await first.close();
    yield { row: 'pluginsStart', readings: { floor: summarise(read), nexo: summarise(found) } };
  },
};

function timed(work: () => void): number {
  const before = performance.now();
  work();
  return performance.now() - before;
}

function writePlugins(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (let plugin = 0; plugin < PLUGINS; plugin += 1) {
    const tools = Array.from(
      { length: TOOLS_EACH },
      (_, tool) => `  {
    name: 'nexo_p${plugin}_${tool}',
    description: 'Looks something up in the system number ${plugin}',
    inputSchema: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
    handler: ({ query }) => ({ query }),
  }`,
    );
    const work = '// what such a file holds besides: the work itself\n'.repeat(60);
    writeFileSync(join(folder, `p${plugin}.mjs`), `${work}export const tools = [\n${tools.join(',\n')}];\n`);
  }
}
