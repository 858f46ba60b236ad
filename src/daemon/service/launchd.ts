import { join } from 'node:path';

import type { RunCommand } from '../../automation/schedules/backends/contract.ts';
import type { Ownership, ServiceManager, ServicePlan } from './contract.ts';
import { runManager } from './run-manager.ts';

export const LAUNCHD_LABEL = 'com.nexo.daemon';
const HINT = 'Agents are loaded into a session with a desktop; nexo daemon start needs none.';

type Plist = typeof import('plist');

/** The daemon as a LaunchAgent of macOS. */
export async function launchdService({
  folder,
  uid,
  run,
}: {
  folder: string;
  uid: number;
  run: RunCommand;
}): Promise<ServiceManager> {
  const plist = await import('plist');
  const path = join(folder, `${LAUNCHD_LABEL}.plist`);
  const target = `gui/${uid}/${LAUNCHD_LABEL}`;
  const bootstrap = ['launchctl', 'bootstrap', `gui/${uid}`, path];
  const bootout = ['launchctl', 'bootout', target];
  const isLoaded = async (): Promise<boolean> => (await run('launchctl', ['print', target])).code === 0;
  return {
    name: 'launchd',
    path,
    file: (plan) => ({ path, content: render(plist, plan) }),
    owner: (text, home) => ownerOf(plist, text, home),
    searchPathIn: (text) => {
      const { PATH } = toRecord(toRecord(plist.parse(text)).EnvironmentVariables);
      return typeof PATH === 'string' ? PATH : undefined;
    },
    commands: { load: [bootstrap.join(' ')], unload: [bootout.join(' ')] },
    load: async () => {
      if (await isLoaded()) await runManager(run, bootout, HINT);
      await runManager(run, bootstrap, HINT);
    },
    unload: async () => {
      if (await isLoaded()) await runManager(run, bootout, HINT);
    },
    state: async () => {
      const { code, stdout } = await run('launchctl', ['print', target]);
      const field = (name: string): string | undefined =>
        new RegExp(`^\\s*${name} = (.+)$`, 'm').exec(stdout)?.[1]?.trim();
      const pid = Number(field('pid') ?? 0);
      return {
        loaded: code === 0,
        pid: pid > 0 ? pid : null,
        detail: code === 0 ? (field('state') ?? 'loaded') : 'not loaded',
      };
    },
  };
}

function render(plist: Plist, { paths, userHome, shim, searchPath, stopSeconds }: ServicePlan): string {
  const log = join(paths.logs, 'daemon-service.log');
  const text = plist.build({
    Label: LAUNCHD_LABEL,
    ProgramArguments: [shim, 'daemon', 'run'],
    EnvironmentVariables: {
      HOME: userHome,
      NEXO_HOME: paths.home,
      NEXO_CONFIG_DIR: paths.config,
      PATH: searchPath,
    },
    StandardOutPath: log,
    StandardErrorPath: log,
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    // A run outlives a daemon that crashes, and records its own end.
    AbandonProcessGroup: true,
    ExitTimeOut: stopSeconds,
    ThrottleInterval: 10,
    ProcessType: 'Background',
  });
  return `${text}\n`;
}

function ownerOf(plist: Plist, text: string | undefined, home: string): Ownership {
  if (text === undefined) return 'missing';
  // The parser talks to standard error about what is no XML.
  if (!text.includes('<plist')) return 'foreign';
  try {
    const value = toRecord(plist.parse(text));
    const words = Array.isArray(value.ProgramArguments) ? value.ProgramArguments.map(String) : [];
    if (value.Label !== LAUNCHD_LABEL || words.slice(1).join(' ') !== 'daemon run') return 'foreign';
    return toRecord(value.EnvironmentVariables).NEXO_HOME === home ? 'ours' : 'other-home';
  } catch {
    return 'foreign'; // no property list
  }
}

function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
