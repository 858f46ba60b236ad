import { join } from 'node:path';

import { parseYaml } from '../base/yaml-source.ts';
import { MAX_YAML_BYTES } from './agent-config.ts';
import { listPackTree } from './pack-files.ts';
import { isMapping } from './plugin-partial.ts';
import { readPackText } from './read-text.ts';

/**
 * Ids of the agents in the operator's own `agents.yaml` and `agents.d/*.yaml`, and the file of each: an operator's
 * agent wins over that of a pack. A file that cannot be read keeps nothing from being used; whoever runs those agents
 * complains about it.
 */
export function operatorAgents(configDir: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const file of [join(configDir, 'agents.yaml'), ...agentFilesIn(join(configDir, 'agents.d'))]) {
    const read = readPackText(file, MAX_YAML_BYTES);
    const parsed = read.ok ? parseYaml(read.text) : undefined;
    if (parsed?.ok !== true || !isMapping(parsed.source.value)) continue;
    const { agents } = parsed.source.value;
    for (const agent of Array.isArray(agents) ? agents : []) {
      if (isMapping(agent) && typeof agent.id === 'string' && !found.has(agent.id)) found.set(agent.id, file);
    }
  }
  return found;
}

/** All that `operatorAgents` looks at, whether it is there or not. */
export function operatorAgentFiles(configDir: string): string[] {
  const folder = join(configDir, 'agents.d');
  return [join(configDir, 'agents.yaml'), folder, ...agentFilesIn(folder)];
}

function agentFilesIn(folder: string): string[] {
  try {
    return listPackTree(folder)
      .entries.filter(({ path, kind }) => kind === 'file' && /^[^/.][^/]*\.yaml$/.test(path))
      .map(({ path }) => join(folder, path));
  } catch {
    return []; // there is none, or it may not be read
  }
}
