import { mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** A home and a project of a client's own, so that a run neither sees nor changes what is the person's. */
export interface ClientPlace {
  readonly home: string;
  readonly project: string;
  /** The whole environment of the client: nothing of ours but what programs need to start. */
  readonly env: NodeJS.ProcessEnv;
}

/** Makes the folders below `folder`, which the caller removes. Of `env` only the way to the programs is taken over. */
export function createClientPlace(folder: string, { PATH = '', SystemRoot }: NodeJS.ProcessEnv): ClientPlace {
  const home = join(folder, 'home');
  const project = join(folder, 'project');
  const temporary = join(folder, 'tmp');
  for (const path of [home, temporary, join(project, '.git')]) mkdirSync(path, { recursive: true });
  const xdg = (name: string): string => join(home, name);
  return {
    home,
    project,
    env: {
      HOME: home,
      USERPROFILE: home,
      TMPDIR: temporary,
      TEMP: temporary,
      TMP: temporary,
      // This Node first: the clients' launchers and our own hooks start `node`.
      PATH: [dirname(process.execPath), PATH].join(delimiter),
      // Hooks run through a shell, whose programs a Windows system finds by this.
      ...(SystemRoot === undefined ? {} : { SystemRoot }),
      LANG: 'C.UTF-8',
      NO_COLOR: '1',
      CI: '1',
      NEXO_HOME: join(home, '.nexo'),
      CODEX_HOME: join(home, '.codex'),
      XDG_CONFIG_HOME: xdg('.config'),
      XDG_DATA_HOME: xdg('.local/share'),
      XDG_CACHE_HOME: xdg('.cache'),
      XDG_STATE_HOME: xdg('.local/state'),
      OPENCODE_DISABLE_AUTOUPDATE: '1',
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
      OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
      npm_config_offline: 'true',
    },
  };
}
