import { bodyHash, type Lang, selectBody } from '../catalog/body.ts';
import type { Catalog, CatalogAgent, CatalogSkill } from '../catalog/catalog.ts';
import type { Harness } from '../catalog/invocations/contract.ts';
import type { CatalogLayer, Place } from '../catalog/layers.ts';
import { NexoError } from '../errors.ts';
import type { CommandContext } from './command.ts';
import { count } from './render/words.ts';

/** Where an item comes from, as `--json` shows it. */
export interface ShownSource {
  readonly layer: CatalogLayer['kind'];
  readonly name: string;
  readonly folder: string;
}

export function showSource(layer: CatalogLayer, folder = layer.folder): ShownSource {
  return { layer: layer.kind, name: layer.name, folder };
}

/** The catalog as it is seen from here. Faults in it are mentioned, and do not keep the rest from being shown. */
export async function openCatalog(context: CommandContext): Promise<Catalog> {
  const [{ layersAt }, { loadCatalog }] = await Promise.all([
    import('../catalog/layers.ts'),
    import('../catalog/load.ts'),
  ]);
  const catalog = loadCatalog(await layersAt(await catalogPlace(context)));
  const errors = catalog.findings.filter(({ level }) => level === 'error').length;
  if (errors > 0)
    context.note(`The catalog has ${count(errors, 'fault')}; nexo harness validate shows where.`);
  return catalog;
}

/** Without a project there is no project layer, and everything else is still there. */
export async function catalogPlace({ io, root }: CommandContext): Promise<Place> {
  return { env: io.env, home: io.userHome(), root: await projectRoot(root) };
}

async function projectRoot(root: CommandContext['root']): Promise<string | undefined> {
  try {
    return (await root()).path;
  } catch (error) {
    const isOutside = error instanceof NexoError && error.code === 'PROJECT_ROOT_AMBIGUOUS';
    if (isOutside) return undefined;
    throw error;
  }
}

/** The item of that id. Throws CATALOG_ITEM_UNKNOWN, which names the ones there are. */
export function findItem<T extends { readonly meta: { readonly id: string } }>(
  items: readonly T[],
  kind: 'agent' | 'skill',
  id: string,
): T {
  const found = items.find(({ meta }) => meta.id === id);
  if (found !== undefined) return found;
  throw new NexoError('CATALOG_ITEM_UNKNOWN', `There is no ${kind} "${id}"`, {
    hint: `There are: ${items.map(({ meta }) => meta.id).join(', ')}`,
  });
}

/** The agents that others start: those who are given the rules that bear their name. */
export function subagentIds(agents: readonly CatalogAgent[]): string[] {
  return agents.filter(({ meta }) => meta.mode !== 'primary').map(({ meta }) => meta.id);
}

export interface ShownBody {
  readonly lang: Lang;
  /** Of the prompt as it is written, before macros are replaced. */
  readonly hash: string;
  readonly harness: Harness | null;
  readonly text: string;
}

interface BodyChoice {
  readonly lang: Lang | undefined;
  readonly harness: Harness | undefined;
}

/** The prompt in the language and for the harness that was asked for. */
export async function readBody(
  catalog: Catalog,
  item: CatalogAgent | CatalogSkill,
  { lang = 'en', harness }: BodyChoice,
): Promise<ShownBody> {
  const body = selectBody(item.bodies, lang);
  const hash = bodyHash(body.text);
  if (harness === undefined) return { lang: body.lang, hash, harness: null, text: body.text };
  const { renderBody } = await import('../catalog/render-body.ts');
  return { ...renderBody(catalog, item, { harness, lang }), hash, harness };
}
