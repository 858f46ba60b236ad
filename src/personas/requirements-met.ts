import type { PersonaManifest } from './manifest.ts';

/** What a pack asks for and this installation does not have. None of it keeps a pack from being used. */
export interface UnmetRequirements {
  readonly missingPlugins: readonly string[];
  readonly unknownFeatures: readonly string[];
  /** Required variables that are not set. */
  readonly missingEnvVars: readonly string[];
}

export interface Have {
  readonly env: NodeJS.ProcessEnv;
  /** Undefined when nobody knows which plugins there are: then none is told to be missing. */
  readonly plugins: ReadonlySet<string> | undefined;
  readonly features?: ReadonlySet<string>;
}

export function unmetRequirements(
  { requires }: Pick<PersonaManifest, 'requires'>,
  { env, plugins, features = new Set() }: Have,
): UnmetRequirements {
  return {
    missingPlugins: plugins === undefined ? [] : (requires?.plugins ?? []).filter((id) => !plugins.has(id)),
    unknownFeatures: (requires?.features ?? []).filter((feature) => !features.has(feature)),
    missingEnvVars: (requires?.envVars ?? [])
      .filter(({ name, required }) => required && (env[name] ?? '') === '')
      .map(({ name }) => name),
  };
}
