import type { Lang } from '../catalog/body.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { type Layers, layersAt, type Place } from '../catalog/layers.ts';
import { loadCatalog } from '../catalog/load.ts';
import { NexoError } from '../errors.ts';
import { nexoVersion, packageRoot } from '../version.ts';
import type { HarnessName } from './contract.ts';
import { findHarness } from './registry.ts';
import type { OfferedSkill, RenderContext } from './rendering.ts';
import { type SyncOptions, type SyncResult, syncRendering } from './sync.ts';

export interface SyncHarnessOptions extends SyncOptions {
  readonly harness: HarnessName;
  readonly lang: Lang;
  readonly place: Place;
  /** Skills of the operator's own that go along. */
  readonly offered?: readonly OfferedSkill[];
}

/** Renders the catalog as it is seen from `place` and brings the target in line. Throws CATALOG_DAMAGED. */
export async function syncHarness(options: SyncHarnessOptions): Promise<SyncResult> {
  const harness = findHarness(options.harness);
  if (harness === undefined) throw new Error(`no harness ${options.harness}`);
  const render = await harness.loadRenderer();
  return syncRendering(render(await createRenderContext(options)), options);
}

/** Everything that a renderer needs, from the catalog and this installation. Throws CATALOG_DAMAGED. */
export async function createRenderContext({
  place,
  lang,
  offered = [],
}: {
  place: Place;
  lang: Lang;
  offered?: readonly OfferedSkill[];
}): Promise<RenderContext> {
  return {
    catalog: loadSoundCatalog(await layersAt(place)),
    lang,
    offered,
    command: nexoCommand(),
    version: nexoVersion(),
    models: {},
  };
}

/** The catalog of these layers, or CATALOG_DAMAGED with the first fault in it. */
export function loadSoundCatalog(layers: Layers): Catalog {
  const catalog = loadCatalog(layers);
  const fault = catalog.findings.find(({ level }) => level === 'error');
  if (fault !== undefined) {
    throw new NexoError('CATALOG_DAMAGED', `${fault.file}:${fault.line}: ${fault.message}`, {
      hint: `${fault.fix} nexo harness validate lists everything.`,
    });
  }
  return catalog;
}

/** The words that start this very program: the Node that runs it, and its entry. */
export function nexoCommand(): string[] {
  return [process.execPath, `${packageRoot()}/dist/main.js`];
}
