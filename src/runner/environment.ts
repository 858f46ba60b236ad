import { isSecretName } from '../base/redact.ts';

/** What any program needs to find its way: home, programs, language, time, terminal, network, and our own places. */
const PASSED_ON: readonly string[] = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'TMP', 'TEMP', 'TZ', 'TERM', 'NO_COLOR'],
  ...['LANG', 'LANGUAGE', 'LC_*', 'XDG_*'],
  ...[
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'ALL_PROXY',
    'NO_PROXY',
    'http_proxy',
    'https_proxy',
    'all_proxy',
    'no_proxy',
  ],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'],
  ...['SystemRoot', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'PATHEXT', 'COMSPEC'],
  ...[
    'NEXO_HOME',
    'NEXO_CONFIG_DIR',
    'NEXO_PROJECT_ROOT',
    'NEXUS_PROJECT_ROOT',
    'NEXO_AGENT',
    'NEXO_UNPLANNED_EDITS',
  ],
];

/** Says which run a process belongs to; by it the whole tree is found again. */
export const RUN_ID_VARIABLE = 'NEXO_RUN_ID';
/** How many runs a run is inside of. */
export const RUN_DEPTH_VARIABLE = 'NEXO_RUN_DEPTH';

export interface ChildEnvironment {
  readonly parent: NodeJS.ProcessEnv;
  /** Names beyond those that everything gets; `X_*` stands for all that begin so. */
  readonly allowed: readonly string[];
  /** Given as they are. */
  readonly added: Readonly<Record<string, string>>;
  readonly runId: string;
}

/** The whole environment of a backend: listed variables, never our own as it is. */
export function childEnvironment({
  parent,
  allowed,
  added,
  runId,
}: ChildEnvironment): Record<string, string> {
  const rules = [...PASSED_ON, ...allowed];
  const names = new Set(rules.filter((rule) => !rule.endsWith('*')));
  const prefixes = rules.filter((rule) => rule.endsWith('*')).map((rule) => rule.slice(0, -1));
  const passed = Object.entries(parent).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      (names.has(entry[0]) || prefixes.some((prefix) => entry[0].startsWith(prefix))),
  );
  return {
    ...Object.fromEntries(passed),
    ...added,
    NEXO_HEADLESS: '1',
    NEXO_AUTOMATION: '1',
    [RUN_ID_VARIABLE]: runId,
    [RUN_DEPTH_VARIABLE]: String(depthOf(parent) + 1),
  };
}

export function depthOf(env: NodeJS.ProcessEnv): number {
  const depth = Number(env[RUN_DEPTH_VARIABLE] ?? '0');
  return Number.isInteger(depth) && depth > 0 ? depth : 0;
}

/** Values of variables whose names say that they are secrets. */
export function secretsIn(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && value !== '' && isSecretName(name) ? [value] : [],
  );
}
