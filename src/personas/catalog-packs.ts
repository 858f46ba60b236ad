import type { HomePaths } from '../home/paths.ts';
import { type CatalogPackAgent, toCatalogAgent } from './catalog-agent.ts';
import { type Discovery, discoverPersonas, type FoundPack } from './discovery.ts';
import { tamperedWith } from './installed/tampering.ts';
import { operatorAgents } from './operator-agents.ts';
import { loadPackAgents, packSource } from './pack-agents.ts';

export interface CatalogPacksPlace {
  readonly paths: HomePaths;
  readonly env: NodeJS.ProcessEnv;
  readonly userHome: string;
  readonly nexoVersion: string;
  /**
   * Also counts packs that are switched off: an agent that was rendered for a harness while its pack was on is still
   * held to what it may not do.
   */
  readonly includeInactive?: boolean;
}

/** What one pack brings into the catalog. */
export interface CatalogPack {
  /** `persona:<id>@<version>`. */
  readonly name: string;
  readonly folder: string;
  readonly agents: readonly CatalogPackAgent[];
  readonly faults: readonly CatalogPackFault[];
  /** Ids of agents whose pack cannot be trusted any more, and why: nobody knows what those may not do. */
  readonly distrusted?: { readonly ids: readonly string[]; readonly reason: string };
}

export interface CatalogPackFault {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly fix: string;
}

/** The agents of the packs in use, for the catalog that all doors share, in the order of the search. */
export function loadCatalogPacks(place: CatalogPacksPlace): CatalogPack[] {
  return catalogPacksOf(discoverPersonas({ ...place, tamperedWith }), place.paths.config, place);
}

/** The same, of packs that were found already. */
export function catalogPacksOf(
  discovery: Discovery,
  config: string,
  { includeInactive = false }: Pick<CatalogPacksPlace, 'includeInactive'> = {},
): CatalogPack[] {
  const packs = usablePacks(discovery, includeInactive);
  const { agents, skipped } = loadPackAgents(packs, { configDir: config, taken: operatorAgents(config) });
  const usable = packs.map(({ dir, manifest }): CatalogPack => {
    const name = packSource(manifest);
    const faults: CatalogPackFault[] = skipped
      .filter(({ source }) => source === name)
      .map(({ id, file, line, reason, fix }) => ({
        file,
        line,
        message: id === undefined ? reason : `the agent ${id} ${reason}`,
        fix,
      }));
    const mapped = agents
      .filter(({ source }) => source === name)
      .flatMap((agent): CatalogPackAgent[] => {
        const result = toCatalogAgent(agent, manifest.description);
        if (result.ok) return [result.agent];
        const { file, line } = agent;
        faults.push({ file, line, message: `the agent ${agent.id} ${result.reason}`, fix: result.fix });
        return [];
      });
    return { name, folder: dir, agents: mapped, faults };
  });
  return includeInactive ? [...usable, ...distrustedPacks(discovery, config)] : usable;
}

/** Packs that were changed after they were verified, or that something else is wrong with, as far as they can be read. */
function distrustedPacks({ packs }: Discovery, configDir: string): CatalogPack[] {
  return packs.flatMap(({ dir, manifest, state, reason }): CatalogPack[] => {
    if (state !== 'invalid' || manifest === undefined) return [];
    const { agents } = loadPackAgents([{ dir, manifest }], { configDir });
    const ids = agents.flatMap((agent) => {
      const result = toCatalogAgent(agent, manifest.description);
      return result.ok ? [result.agent.id] : [];
    });
    const distrusted = { ids, reason: `its pack ${dir} ${reason ?? 'cannot be used'}` };
    return [{ name: packSource(manifest), folder: dir, agents: [], faults: [], distrusted }];
  });
}

type Usable = FoundPack & { readonly manifest: NonNullable<FoundPack['manifest']> };

function usablePacks({ config, winners, packs }: Discovery, includeInactive: boolean): Usable[] {
  if (includeInactive)
    return packs.filter((pack): pack is Usable => pack.chosen && pack.manifest !== undefined);
  return config.activation === 'auto' ? [...winners] : [];
}
