import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { systemClock } from '../base/clock.ts';
import { NexoError } from '../errors.ts';
import { type PackIndex, packIndexKey, readPackIndex } from '../home/pack-index.ts';
import { resolveHomePaths } from '../home/paths.ts';
import { isKilled } from '../personas/kill-switch.ts';
import { nexoVersion } from '../version.ts';
import { readFolder } from './files.ts';
import { type CatalogLayer, layersAt, mayHavePacks, ownLayersAt, type Place } from './layers.ts';

/**
 * The few facts of the catalog that a hook needs. A hook runs before every tool call, so that the built-in layer is
 * read from its manifest, packs from their index, names of later layers are the names of their folders, and the
 * loader, with the schemas and the YAML parser behind it, comes in only where a later layer says something about the
 * very agent that is asked for.
 */

export interface CatalogNames {
  readonly agentIds: readonly string[];
  readonly skillIds: readonly string[];
}

/** Every id there is, sorted. Throws CATALOG_DAMAGED when the manifest of the installed package cannot be read. */
export async function loadNames(place: Place): Promise<CatalogNames> {
  const [builtIn, ...later] = ownLayersAt(place);
  const { agents, skills } = readManifest(builtIn.folder);
  const foldersIn = (kind: 'agents' | 'skills'): string[] =>
    later.flatMap(({ folder }) =>
      readFolder(join(folder, kind)).flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])),
    );
  const ofPacks = isKilled(place.env) ? [] : (await loadPackIndex(place)).inUse;
  return {
    agentIds: [...new Set([...agents.keys(), ...ofPacks, ...foldersIn('agents')])].sort(),
    skillIds: [...new Set([...skills, ...foldersIn('skills')])].sort(),
  };
}

/**
 * The effective capabilities of one agent; empty for an id that no layer knows. Throws CATALOG_DAMAGED when a layer
 * has something to say about the agent that cannot be read: nobody knows then what it may not do.
 */
export async function loadAgentCapabilities(agent: string, place: Place): Promise<ReadonlySet<string>> {
  const [builtIn, ...later] = ownLayersAt(place);
  const own = readManifest(builtIn.folder).agents.get(agent);
  if (!isPlainName(agent)) return new Set(own);
  if (later.some(({ folder }) => existsSync(join(folder, 'agents', agent))))
    return loadFromCatalog(agent, place);
  // No pack takes anything from a built-in agent, or adds to it.
  if (own !== undefined) return new Set(own);
  const { gates } = await loadPackIndex(place);
  const asked = gates.flatMap(({ agents }) => agents).find(({ id }) => id === agent);
  if (asked !== undefined) return new Set(asked.capabilities);
  const distrusted = gates.find((pack) => pack.distrusted?.ids.includes(agent))?.distrusted;
  if (distrusted === undefined) return new Set();
  throw new NexoError('CATALOG_DAMAGED', `The agent ${agent} cannot be held: ${distrusted.reason}.`, {
    hint: 'nexo doctor personas says what is wrong; install the pack again, or remove it.',
  });
}

/** A layer of the operator or of the project says something about the agent: the whole catalog has to be read. */
async function loadFromCatalog(agent: string, place: Place): Promise<ReadonlySet<string>> {
  const layers = await layersAt(place, { forGates: true });
  const { loadCatalog } = await import('./load.ts');
  const { agents, findings } = loadCatalog(layers);
  const fault = findings.find(({ level, file }) => level === 'error' && isAbout(agent, file, layers));
  if (fault !== undefined) {
    throw new NexoError('CATALOG_DAMAGED', `${fault.file}:${fault.line}: ${fault.message}`, {
      hint: fault.fix,
      data: { file: fault.file, line: fault.line },
    });
  }
  const found = agents.find(({ meta }) => meta.id === agent);
  // An agent of a pack that did not get into the catalog is held to what it asked for.
  const asked = layers.flatMap(({ pack }) => pack?.agents ?? []).find(({ id }) => id === agent);
  return new Set(found?.capabilities.map(({ id }) => id) ?? asked?.capabilities);
}

/** What is known of the packs of this home: from the index while it holds, else from the packs, and indexed again. */
async function loadPackIndex({ env, home: userHome }: Place): Promise<PackIndex> {
  const paths = resolveHomePaths(env, userHome);
  if (!mayHavePacks(paths)) return { inUse: [], gates: [] };
  const indexed = readPackIndex(paths, packIndexKey(paths, userHome, nexoVersion()));
  if (indexed !== undefined) return indexed;
  const { indexPacks } = await import('../personas/index-packs.ts');
  return indexPacks({ paths, env, userHome, nexoVersion: nexoVersion() }, systemClock);
}

/** A name from a payload is not a path. */
function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9][\w.-]*$/.test(name);
}

function isAbout(agent: string, file: string, layers: readonly CatalogLayer[]): boolean {
  return layers.some(
    ({ folder }) =>
      file.startsWith(join(folder, 'agents', agent, '/')) || file === join(folder, 'agents', agent),
  );
}

interface ManifestFacts {
  readonly agents: ReadonlyMap<string, readonly string[]>;
  readonly skills: readonly string[];
}

function readManifest(assets: string): ManifestFacts {
  const file = join(assets, 'manifest.json');
  try {
    const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
    const { agents, skills } = manifest as { agents: unknown; skills: unknown };
    if (!Array.isArray(agents) || agents.length === 0 || !Array.isArray(skills))
      throw new TypeError('it lists no agents');
    return { agents: new Map(agents.map(toAgent)), skills: skills.map(toId) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NexoError('CATALOG_DAMAGED', `${file} cannot be read: ${reason}.`, {
      hint: 'Install Nexo again; nexo harness validate checks the whole catalog.',
      cause,
    });
  }
}

function toAgent(agent: unknown): [string, readonly string[]] {
  const { capabilities } = agent as { capabilities: unknown };
  if (!Array.isArray(capabilities) || !capabilities.every((item) => typeof item === 'string')) {
    throw new TypeError('an agent in it has no capabilities');
  }
  return [toId(agent), capabilities];
}

function toId(item: unknown): string {
  const { id } = item as { id: unknown };
  if (typeof id !== 'string') throw new TypeError('an item in it has no id');
  return id;
}
