import { join } from 'node:path';

import type { Lang } from '../catalog/body.ts';
import type { Layers } from '../catalog/layers.ts';
import { NexoError } from '../errors.ts';
import { nexoVersion, PACKAGE_NAME, packageRoot } from '../version.ts';
import type { HarnessName } from './contract.ts';
import { type InitStep, writePluginRepository } from './init/plugin-repository.ts';
import { templateFiles } from './init/templates.ts';
import { findHarness } from './registry.ts';
import type { Loss } from './rendering.ts';
import { loadSoundCatalog } from './sync-harness.ts';

export interface InitHarnessOptions {
  readonly harness: HarnessName;
  readonly target: string;
  /** Name of the plugin. */
  readonly name: string;
  readonly lang: Lang;
  readonly dryRun: boolean;
  readonly force: boolean;
}

/** As strict as the strictest harness: the name becomes part of the names of tools. */
const PLUGIN_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const MAX_NAME = 32;

/**
 * Sets up a plugin repository for one harness, or brings it up to date. Rendered are the built-in catalog and the
 * repository's own `catalog/`, and nothing of the person who runs this, so that everybody gets the same files; programs
 * are called by name for the same reason. Throws INPUT_INVALID, CATALOG_DAMAGED, CONFIG_INVALID, PATH_ESCAPES.
 */
export async function initHarness(
  options: InitHarnessOptions,
): Promise<{ steps: readonly InitStep[]; losses: readonly Loss[] }> {
  const { harness: harnessName, target, name, lang } = options;
  if (!PLUGIN_NAME.test(name) || name.length > MAX_NAME) {
    throw new NexoError('INPUT_INVALID', `${JSON.stringify(name)} cannot be the name of a plugin.`, {
      hint: `Use small letters, digits and single hyphens, a letter first, at most ${MAX_NAME} characters.`,
    });
  }
  const harness = findHarness(harnessName);
  if (harness === undefined) throw new Error(`no harness ${harnessName}`);
  const layers: Layers = [
    { kind: 'built-in', name: 'built-in', folder: join(packageRoot(), 'assets') },
    { kind: 'project', name: 'repository', folder: join(target, 'catalog') },
  ];
  const version = nexoVersion();
  const render = await harness.loadRenderer();
  const { files, losses } = render({
    catalog: loadSoundCatalog(layers),
    lang,
    command: ['nexo'],
    version,
    models: {},
    pluginName: name,
  });
  const facts = {
    harness: harnessName,
    title: harness.title,
    name,
    packageName: PACKAGE_NAME,
    version,
    lang,
  };
  return { steps: writePluginRepository([...templateFiles(facts), ...files], options), losses };
}
