/** What the environment says about installing packs. */
export interface InstallEnvironment {
  readonly apiBase: string | undefined;
  readonly token: string | undefined;
  readonly target: string | undefined;
}

/** The one place that reads the installer's variables; an empty one counts as absent. */
export function readInstallEnvironment(env: NodeJS.ProcessEnv): InstallEnvironment {
  return {
    apiBase: nonEmpty(env.NEXO_GITHUB_API_BASE),
    token: nonEmpty(env.NEXO_GITHUB_TOKEN),
    target: nonEmpty(env.NEXO_INSTALL_TARGET),
  };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}
