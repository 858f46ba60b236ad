import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { NexoError } from '../errors.ts';
import { type BackendSettings, type Prices, type RunSettings, toRunSettings } from '../home/run-settings.ts';
import { askOffer } from './backends/ask-offer.ts';
import { BACKEND_NAMES, type Backend, type BackendPlace } from './backends/contract.ts';
import { type Fitted, fitToOffer } from './backends/fit.ts';
import { BACKENDS } from './backends/registry.ts';
import { childEnvironment } from './environment.ts';
import type { RunRequest, RunWorld } from './request.ts';
import { type Preferences, preferenceFiles, readPreferences } from './tiers/preferences.ts';
import { type ResolvedModel, resolveModel } from './tiers/resolve-model.ts';
import { loadTiersTable, tiersFilePlaces } from './tiers/tiers-file.ts';

export interface LoadedRunSettings {
  readonly runs: RunSettings;
  readonly backends: BackendSettings;
  readonly prices: Prices;
}

/** Everything that is decided before a backend is started. */
export interface PreparedRun {
  readonly backend: Backend;
  readonly place: BackendPlace;
  readonly program: readonly [string, ...string[]];
  readonly settings: LoadedRunSettings;
  readonly resolved: ResolvedModel;
  readonly fitted: Fitted;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/**
 * Caller, tier, backend, model, effort and environment of a run. Throws UnregisteredCallerError before it looks at
 * anything else that could fail, BACKEND_UNAVAILABLE, BACKEND_OPTION_UNKNOWN, TIERS_UNUSABLE, CONFIG_INVALID.
 */
export async function prepareRun(
  request: RunRequest,
  world: RunWorld,
  runId: string,
  signal: AbortSignal | undefined,
): Promise<PreparedRun> {
  const { paths } = world;
  const preferences = readPreferences(preferenceFiles(paths));
  const table = loadTiersTable(tiersFilePlaces(paths));
  const resolve = (backend: string): ResolvedModel =>
    resolveModel(table, {
      caller: request.caller,
      explicitTier: request.tier,
      userDefault: request.userDefault,
      preferences: preferences.tiers,
      backend,
      model: request.model,
      effort: request.reasoningEffort,
      profile: preferences.profiles[backend] ?? {},
      ...(world.registry === undefined ? {} : { registry: world.registry }),
    });
  // Before the backend: who asks has to be known whatever there is to run.
  resolve('');
  const settings = await loadRunSettings(world);
  const place = backendPlace(world, settings);
  const { backend, program, warnings } = chooseBackend(request, preferences, place);
  const resolved = resolve(backend.name);
  const cwd = workingFolder(request.cwd, world.cwd);
  const env = childEnvironment({
    parent: world.env,
    allowed: [...backend.environment, ...(settings.backends[backend.name]?.env ?? [])],
    added: request.env ?? {},
    runId,
  });
  const offer =
    resolved.model === '' && resolved.effort === ''
      ? undefined
      : await askOffer(backend, {
          place,
          program,
          env,
          cwd,
          cache: offersFolder(paths),
          clock: world.clock,
          signal,
        });
  const fitted = fitToOffer(resolved, offer, backend.name);
  return {
    ...{ backend, place, program, settings, resolved, fitted, cwd, env },
    warnings: [...preferences.warnings, ...warnings, ...resolved.warnings, ...fitted.warnings],
  };
}

export function offersFolder(paths: { readonly state: string }): string {
  return join(paths.state, 'backends');
}

export function backendPlace(
  { env, userHome, paths }: RunWorld,
  { backends }: LoadedRunSettings,
): BackendPlace {
  return { env, userHome, savedPaths: join(paths.personal, 'config'), settings: backends };
}

/** The settings of runs; most homes have no file, and then the reader of it is not even loaded. */
export async function loadRunSettings({ paths }: Pick<RunWorld, 'paths'>): Promise<LoadedRunSettings> {
  if (!existsSync(join(paths.config, 'runtime.yaml')))
    return { runs: toRunSettings(), backends: {}, prices: {} };
  const { loadSettingsOrThrow } = await import('../home/config.ts');
  return loadSettingsOrThrow(paths);
}

/** The backend that a run of this request would take; looks, starts nothing. Throws BACKEND_UNAVAILABLE. */
export async function locateBackend(asked: string | undefined, world: RunWorld): Promise<Backend> {
  const preferences = readPreferences(preferenceFiles(world.paths));
  const place = backendPlace(world, await loadRunSettings(world));
  return chooseBackend({ caller: '', prompt: '', backend: asked }, preferences, place).backend;
}

type Chosen = Pick<PreparedRun, 'backend' | 'program' | 'warnings'>;

/** Fails when the backend is not here; another one is taken only where the call allows it. */
function chooseBackend(request: RunRequest, preferences: Preferences, place: BackendPlace): Chosen {
  const asked = request.backend ?? preferences.automationBackend;
  if (!preferences.automationEnabled || asked === 'none') {
    throw new NexoError('BACKEND_UNAVAILABLE', 'Automation is switched off, so nothing was run.', {
      hint: preferences.automationEnabled
        ? 'Choose a backend: nexo preferences --automation-backend NAME'
        : 'Switch it on: nexo preferences --automation-enabled',
      data: { backend: 'none' },
    });
  }
  const warnings =
    request.backend === undefined && !preferences.backendIsChosen
      ? [
          'No backend is chosen, so the built-in scripted one answers. Choose one: nexo preferences --automation-backend NAME',
        ]
      : [];
  const backend = backendNamed(asked);
  const located = backend.locate(place);
  if (located.found) return { backend, program: located.program, warnings };
  if (request.fallback !== undefined && request.fallback !== asked) {
    const other = backendNamed(request.fallback);
    const found = other.locate(place);
    if (found.found) {
      const told = `${located.reason}; ${other.name} is used instead, as the call allows.`;
      return { backend: other, program: found.program, warnings: [...warnings, told] };
    }
  }
  throw new NexoError(
    'BACKEND_UNAVAILABLE',
    `The backend ${backend.name} is not available: ${located.reason}.`,
    {
      hint: located.hint,
      data: { backend: backend.name },
    },
  );
}

export function backendNamed(name: string): Backend {
  const known = BACKEND_NAMES.find((each) => each === name);
  if (known !== undefined) return BACKENDS[known];
  throw new NexoError('BACKEND_UNAVAILABLE', `There is no backend "${name}".`, {
    hint: `There are: ${BACKEND_NAMES.join(', ')}`,
    data: { backend: name },
  });
}

function workingFolder(asked: string | undefined, current: string): string {
  const folder = resolve(current, asked ?? '.');
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return folder;
  throw new NexoError('INPUT_INVALID', `The folder ${folder} of the run is not there.`, {
    hint: 'Pass a folder that exists with --cwd.',
  });
}
