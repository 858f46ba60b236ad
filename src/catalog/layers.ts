import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { systemErrorCode } from '../errors.ts';
import { type HomePaths, resolveHomePaths } from '../home/paths.ts';
import type { CatalogPack } from '../personas/catalog-packs.ts';
import { nexoVersion, packageRoot } from '../version.ts';

/** From the weakest to the strongest say: what an earlier layer has, a later one may extend and never take away. */
export type LayerKind = 'built-in' | 'persona' | 'personal' | 'project';

/** One folder with `agents/`, `skills/` and `vocabulary/` in it, or a persona pack with agents of its own shape. */
export interface CatalogLayer {
  readonly kind: LayerKind;
  /** For people: `built-in`, `persona:cody@0.2.0`, `personal`, `project`. */
  readonly name: string;
  readonly folder: string;
  /** What a pack brings, instead of the folders of the other layers; only of the kind `persona`. */
  readonly pack?: Pick<CatalogPack, 'agents' | 'faults' | 'distrusted'>;
}

export interface LayerPlaces {
  /** The `assets/` folder of the installed package. */
  readonly assets: string;
  readonly home: HomePaths;
  /** The project, when there is one. */
  readonly projectRoot?: string;
  /** Packs that bring agents, in the order in which they count. */
  readonly packs?: readonly CatalogPack[];
}

/** The built-in layer and what comes after it. */
export type Layers = readonly [CatalogLayer, ...CatalogLayer[]];

/** What a door knows about where it runs. */
export interface Place {
  readonly env: NodeJS.ProcessEnv;
  /** The user's home folder. */
  readonly home: string;
  /** The project root; undefined outside of any project. */
  readonly root: string | undefined;
}

export interface LayersOptions {
  /** Also counts packs that are switched off, for gates: see `CatalogPacksPlace`. */
  readonly forGates?: boolean;
}

/** The layers of this installation as they are seen from `place`. Packs are looked into only where there may be some. */
export async function layersAt(
  { env, home: userHome, root }: Place,
  { forGates = false }: LayersOptions = {},
): Promise<Layers> {
  const home = resolveHomePaths(env, userHome);
  return catalogLayers({
    assets: join(packageRoot(), 'assets'),
    home,
    ...(root === undefined ? {} : { projectRoot: root }),
    ...(mayHavePacks(home) ? { packs: await loadPacks(home, env, userHome, forGates) } : {}),
  });
}

/** The layers without packs: what comes with the program, and the folders of the operator and the project. */
export function ownLayersAt({ env, home, root }: Place): Layers {
  return catalogLayers({
    assets: join(packageRoot(), 'assets'),
    home: resolveHomePaths(env, home),
    ...(root === undefined ? {} : { projectRoot: root }),
  });
}

/** Two looks at the disk, so that an installation without packs loads none of their code. */
export function mayHavePacks(home: HomePaths): boolean {
  if (existsSync(join(home.config, 'personas', 'discovery.yaml'))) return true;
  try {
    return readdirSync(home.personas).some((name) => !name.startsWith('.'));
  } catch (error) {
    // There is none; anything else is for the discovery to tell.
    return systemErrorCode(error) !== 'ENOENT';
  }
}

async function loadPacks(
  paths: HomePaths,
  env: NodeJS.ProcessEnv,
  userHome: string,
  includeInactive: boolean,
): Promise<CatalogPack[]> {
  const { loadCatalogPacks } = await import('../personas/index-packs.ts');
  return loadCatalogPacks({ paths, env, userHome, nexoVersion: nexoVersion(), includeInactive });
}

/** The layers in the order in which they count. Nothing is read; a layer without a folder is simply empty. */
export function catalogLayers({ assets, home, projectRoot, packs = [] }: LayerPlaces): Layers {
  return [
    { kind: 'built-in', name: 'built-in', folder: assets },
    ...packs.map(
      ({ name, folder, agents, faults, distrusted }): CatalogLayer => ({
        kind: 'persona',
        name,
        folder,
        pack: { agents, faults, ...(distrusted === undefined ? {} : { distrusted }) },
      }),
    ),
    { kind: 'personal', name: 'personal', folder: join(home.personal, 'catalog') },
    ...(projectRoot === undefined
      ? []
      : [{ kind: 'project' as const, name: 'project', folder: join(projectRoot, '.nexus', 'catalog') }]),
  ];
}
