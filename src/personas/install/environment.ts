/** What the environment says about installing packs. */
export interface InstallEnvironment {
  readonly apiBase: string | undefined;
  readonly token: string | undefined;
  readonly target: string | undefined;
  /** How long a plugin may take to answer the handshake. */
  readonly pluginInitTimeoutMs: number;
}

/** The one place that reads the installer's variables; an empty one counts as absent. */
export function readInstallEnvironment(env: NodeJS.ProcessEnv): InstallEnvironment {
  return {
    apiBase: nonEmpty(env.NEXO_GITHUB_API_BASE),
    token: nonEmpty(env.NEXO_GITHUB_TOKEN),
    target: nonEmpty(env.NEXO_INSTALL_TARGET),
    pluginInitTimeoutMs: milliseconds(env.NEXO_PLUGIN_INIT_TIMEOUT_MS) ?? 5000,
  };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

/** A number of milliseconds up to ten minutes; anything else counts as absent. */
function milliseconds(value: string | undefined): number | undefined {
  const number = Number(nonEmpty(value) ?? Number.NaN);
  return Number.isInteger(number) && number > 0 && number <= 600_000 ? number : undefined;
}
