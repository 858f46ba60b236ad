import { join } from 'node:path';

import { type HomePaths, resolveHomePaths } from '../home/paths.ts';
import { packageRoot } from '../version.ts';

/** From the weakest to the strongest say: what an earlier layer has, a later one may extend and never take away. */
export type LayerKind = 'built-in' | 'persona' | 'personal' | 'project';

/** One folder with `agents/`, `skills/` and `vocabulary/` in it. */
export interface CatalogLayer {
  readonly kind: LayerKind;
  /** For people: `built-in`, `persona:cody`, `personal`, `project`. */
  readonly name: string;
  readonly folder: string;
}

export interface LayerPlaces {
  /** The `assets/` folder of the installed package. */
  readonly assets: string;
  readonly home: HomePaths;
  /** The project, when there is one. */
  readonly projectRoot?: string;
  /** Installed packs that bring a catalog, in the order in which they count. */
  readonly packs?: readonly { readonly id: string; readonly folder: string }[];
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

/** The layers of this installation as they are seen from `place`. */
export function layersAt({ env, home, root }: Place): Layers {
  return catalogLayers({
    assets: join(packageRoot(), 'assets'),
    home: resolveHomePaths(env, home),
    ...(root === undefined ? {} : { projectRoot: root }),
  });
}

/** The layers in the order in which they count. Nothing is read; a layer without a folder is simply empty. */
export function catalogLayers({ assets, home, projectRoot, packs = [] }: LayerPlaces): Layers {
  return [
    { kind: 'built-in', name: 'built-in', folder: assets },
    ...packs.map(({ id, folder }): CatalogLayer => ({ kind: 'persona', name: `persona:${id}`, folder })),
    { kind: 'personal', name: 'personal', folder: join(home.personal, 'catalog') },
    ...(projectRoot === undefined
      ? []
      : [{ kind: 'project' as const, name: 'project', folder: join(projectRoot, '.nexus', 'catalog') }]),
  ];
}
