import { join } from 'node:path';

import type { RunCommand } from '../../automation/schedules/backends/contract.ts';
import {
  parseUnit,
  quoteArgument,
  quoteWord,
  renderUnit,
  splitWords,
  unitValue,
} from '../../automation/schedules/backends/unit-file.ts';
import type { Ownership, ServiceManager, ServicePlan } from './contract.ts';
import { runManager } from './run-manager.ts';

export const SYSTEMD_UNIT = 'nexo-daemon.service';
const MARK = 'X-Nexo';
const HINT = 'Is there a session of systemd for this user? nexo daemon start needs none.';

/** The daemon as a service of the user's systemd. */
export function systemdService({ folder, run }: { folder: string; run: RunCommand }): ServiceManager {
  const path = join(folder, SYSTEMD_UNIT);
  const load = [
    ['systemctl', '--user', 'daemon-reload'],
    ['systemctl', '--user', 'enable', SYSTEMD_UNIT],
    ['systemctl', '--user', 'restart', SYSTEMD_UNIT],
  ];
  const unload = [['systemctl', '--user', 'disable', '--now', SYSTEMD_UNIT]];
  return {
    name: 'systemd',
    path,
    file: (plan) => ({ path, content: render(plan) }),
    owner: (text, home) => ownerOf(text, home),
    searchPathIn: (text) =>
      (parseUnit(text).get('Service') ?? [])
        .filter(([key]) => key === 'Environment')
        .flatMap(([, value]) => splitWords(value))
        .find((word) => word.startsWith('PATH='))
        ?.slice('PATH='.length),
    commands: { load: load.map(typed), unload: unload.map(typed) },
    load: async () => {
      for (const words of load) await runManager(run, words, HINT);
    },
    unload: async () => {
      for (const words of unload) await runManager(run, words, HINT);
    },
    state: async () => {
      const properties = '--property=LoadState,ActiveState,UnitFileState,MainPID';
      const { stdout } = await run('systemctl', ['--user', 'show', properties, SYSTEMD_UNIT]);
      const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? '';
      const pid = Number(value('MainPID'));
      return {
        loaded: value('UnitFileState') === 'enabled' || value('ActiveState') === 'active',
        pid: pid > 0 ? pid : null,
        detail: value('ActiveState') || 'unknown',
      };
    },
  };
}

function render({ paths, userHome, shim, searchPath, stopSeconds }: ServicePlan): string {
  const environment = [
    ['HOME', userHome],
    ['NEXO_HOME', paths.home],
    ['NEXO_CONFIG_DIR', paths.config],
    ['PATH', searchPath],
  ];
  return renderUnit(
    [
      [
        'Unit',
        [
          ['Description', 'NEXO daemon'],
          // A daemon that cannot start, for a mistake in its settings, is not started for ever.
          ['StartLimitIntervalSec', '300'],
          ['StartLimitBurst', '10'],
        ],
      ],
      [
        MARK,
        [
          ['Managed', '1'],
          ['Service', 'daemon'],
          ['Home', JSON.stringify(paths.home)],
        ],
      ],
      [
        'Service',
        [
          ['Type', 'simple'],
          // The shim by way of its shell: a program's own path must not hold quotes, an argument may.
          ['ExecStart', ['/bin/sh', ...[shim, 'daemon', 'run'].map(quoteArgument)].join(' ')],
          ...environment.map(([name, value]) => ['Environment', quoteWord(`${name}=${value}`)] as const),
          ['ExecReload', '/bin/kill -HUP $MAINPID'],
          ['Restart', 'on-failure'],
          ['RestartSec', '2'],
          // A run outlives a daemon that crashes, and records its own end; one that stops sees to its runs itself.
          ['KillMode', 'process'],
          ['TimeoutStopSec', String(stopSeconds)],
        ],
      ],
      ['Install', [['WantedBy', 'default.target']]],
    ],
    'nexo service install',
  );
}

function ownerOf(text: string | undefined, home: string): Ownership {
  if (text === undefined) return 'missing';
  const unit = parseUnit(text);
  if (unitValue(unit, MARK, 'Service') !== 'daemon') return 'foreign';
  return unitValue(unit, MARK, 'Home') === JSON.stringify(home) ? 'ours' : 'other-home';
}

function typed(words: readonly string[]): string {
  return words.join(' ');
}
