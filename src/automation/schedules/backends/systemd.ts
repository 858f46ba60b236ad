import { basename, join } from 'node:path';

import { nodeFileSystem, removeFileDurable, writeFileDurable } from '../../../base/durable-file.ts';
import { ensureFolder } from '../../../base/folder.ts';
import { NexoError } from '../../../errors.ts';
import { readCalendar, type Timing, timingValue } from '../timing.ts';
import {
  CORE_MARK,
  type FoundUnit,
  lastPath,
  looksBack,
  PERSONAL_MARK,
  type PlannedFile,
  type RunCommand,
  type ScheduleBackend,
  type UnitPlan,
  unitEnvironment,
} from './contract.ts';
import {
  parseUnit,
  plainText,
  quoteArgument,
  quoteWord,
  renderUnit,
  splitWords,
  type UnitSections,
  unitValue,
} from './unit-file.ts';
import { listNames, readUnitText } from './unit-folder.ts';

export interface SystemdOptions {
  /** `~/.config/systemd/user`. */
  readonly folder: string;
  /** The home whose units are ours. */
  readonly home: string;
  readonly run: RunCommand;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MARK = 'X-Nexo';
/** What a stopping run needs to record its end. */
const STOP_SECONDS = 15;

/** Timers and services of the user's systemd, `nexo-ID.timer` and `nexo-ID.service`. */
export function systemdBackend({ folder, home, run }: SystemdOptions): ScheduleBackend {
  const path = (cronId: string, kind: 'service' | 'timer'): string => join(folder, `nexo-${cronId}.${kind}`);

  function plan(unit: UnitPlan): PlannedFile[] {
    const { cronId, timing } = unit.spec;
    const service = { path: path(cronId, 'service'), content: renderService(unit) };
    if (timing.kind === 'keep_alive') return [service];
    return [service, { path: path(cronId, 'timer'), content: renderTimer(unit, timing) }];
  }

  function filesOf(cronId: string): PlannedFile[] {
    return (['service', 'timer'] as const).flatMap((kind) => {
      const content = readUnitText(path(cronId, kind));
      return content === undefined ? [] : [{ path: path(cronId, kind), content }];
    });
  }

  function assertOurs(cronId: string): FoundUnit | undefined {
    const files = filesOf(cronId);
    if (files.length === 0) return undefined;
    const found = toUnit(cronId, files, home);
    if (found.managed) return found;
    throw new NexoError('SCHEDULE_EXISTS', `${files[0]?.path} is there already and is not ours.`, {
      hint:
        found.home === null
          ? 'Choose another cron_id, or move that unit away.'
          : `It belongs to the Nexo folder ${found.home}: choose another cron_id.`,
      data: { files: files.map((file) => file.path), home: found.home },
    });
  }

  async function systemctl(...args: string[]): Promise<void> {
    const { code, stderr, stdout } = await run('systemctl', ['--user', ...args]);
    if (code === 0) return;
    const said = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '';
    throw new NexoError(
      'SCHEDULE_INSTALL_FAILED',
      `systemctl --user ${args.join(' ')} ended with ${code}: ${said}`,
      {
        hint: 'Is there a session of systemd for this user? loginctl enable-linger keeps one; --backend builtin needs none.',
      },
    );
  }

  return {
    name: 'systemd',
    plan,
    discover: async () => {
      const ids = new Set(
        listNames(folder).flatMap((name) => /^nexo-(.+)\.(?:service|timer)$/.exec(name)?.[1] ?? []),
      );
      return [...ids]
        .sort()
        .filter((id) => id !== 'daemon')
        .map((id) => ({ id, files: filesOf(id) }))
        .filter(({ files }) => files.length > 0 && !files.some(({ content }) => content.includes(CORE_MARK)))
        .map(({ id, files }) => toUnit(id, files, home));
    },
    install: async (unit) => {
      const { cronId, timing } = unit.spec;
      const before = assertOurs(cronId);
      const files = plan(unit);
      ensureFolder(nodeFileSystem, folder);
      const leftOver = (before?.files ?? []).filter((old) => !files.some((file) => file.path === old.path));
      if (leftOver.length > 0)
        await systemctl('disable', '--now', ...leftOver.map(({ path }) => basename(path)));
      for (const { path } of leftOver) removeFileDurable(nodeFileSystem, path);
      for (const file of files) writeFileDurable(nodeFileSystem, file.path, file.content, { mode: 0o644 });
      await systemctl('daemon-reload');
      const active = `nexo-${cronId}.${timing.kind === 'keep_alive' ? 'service' : 'timer'}`;
      await systemctl('enable', active);
      // Restarted, because a timer that runs already keeps the times it had.
      await systemctl('restart', active);
    },
    remove: async (cronId) => {
      const found = assertOurs(cronId);
      if (found === undefined) return { deleted: [] };
      const hasTimer = found.files.some((file) => file.path.endsWith('.timer'));
      // The service of a timer is left to end by itself: a run that goes on is not cut.
      const active = hasTimer ? `nexo-${cronId}.timer` : `nexo-${cronId}.service`;
      await systemctl('disable', '--now', active);
      const deleted = found.files.map((file) => file.path);
      for (const file of deleted) removeFileDurable(nodeFileSystem, file);
      await systemctl('daemon-reload');
      return { deleted };
    },
    state: async (cronId) => {
      const timed = readUnitText(path(cronId, 'timer')) !== undefined;
      const [unit, service] = await Promise.all([
        show(run, `nexo-${cronId}.${timed ? 'timer' : 'service'}`),
        show(run, `nexo-${cronId}.service`),
      ]);
      const pid = Number(service.get('MainPID') ?? 0);
      const status = service.get('ExecMainStatus');
      return {
        loaded: unit.get('ActiveState') === 'active' || unit.get('ActiveState') === 'activating',
        pid: pid > 0 ? pid : null,
        lastExitCode: status === undefined || status === '' ? null : Number(status),
        detail: unit.get('ActiveState') ?? 'unknown',
      };
    },
  };
}

function renderService(unit: UnitPlan): string {
  const { spec, home, shim } = unit;
  const isDaemon = spec.timing.kind === 'keep_alive';
  const subject = plainText(spec.description || spec.cronId);
  return renderUnit([
    ['Unit', [['Description', `${isDaemon ? 'NEXO daemon' : 'NEXO'}: ${subject}`]]],
    [
      MARK,
      [
        ['Managed', '1'],
        ['CronId', spec.cronId],
        ['Type', spec.timing.kind],
        ['Value', timingValue(spec.timing)],
        ['Script', JSON.stringify(spec.scriptPath)],
        ['Home', JSON.stringify(home.home)],
      ],
    ],
    [
      'Service',
      [
        ['Type', isDaemon ? 'simple' : 'oneshot'],
        // The shim by way of its shell: a program's own path must not hold quotes, an argument may.
        ['ExecStart', ['/bin/sh', ...[shim, 'schedules', 'fire', spec.cronId].map(quoteArgument)].join(' ')],
        ...unitEnvironment(unit).map(
          ([name, value]) => ['Environment', quoteWord(`${name}=${value}`)] as const,
        ),
        ['KillMode', 'mixed'],
        ['TimeoutStopSec', String(STOP_SECONDS)],
        ...(isDaemon
          ? ([
              ['Restart', 'always'],
              ['RestartSec', '10'],
            ] as const)
          : []),
      ],
    ],
    ...(isDaemon ? ([['Install', [['WantedBy', 'default.target']]]] as const) : []),
  ]);
}

function renderTimer({ spec }: UnitPlan, timing: Exclude<Timing, { kind: 'keep_alive' }>): string {
  const atBoot = spec.runOnBoot || (timing.kind === 'interval' && looksBack(spec));
  return renderUnit([
    ['Unit', [['Description', `NEXO timer: ${plainText(spec.description || spec.cronId)}`]]],
    [
      'Timer',
      [
        ['Unit', `nexo-${spec.cronId}.service`],
        ...whenOf(timing),
        ...(atBoot ? ([['OnBootSec', '60s']] as const) : []),
        // Waking from sleep sets the clock; the ledger says whether anything was missed.
        ...(spec.runOnWake && looksBack(spec) ? ([['OnClockChange', 'true']] as const) : []),
        ['Persistent', 'true'],
        ['AccuracySec', '1s'],
      ],
    ],
    ['Install', [['WantedBy', 'timers.target']]],
  ]);
}

function whenOf(timing: Exclude<Timing, { kind: 'keep_alive' }>): readonly (readonly [string, string])[] {
  if (timing.kind === 'interval') {
    // The second alone would wait for a first run that never comes.
    return [
      ['OnActiveSec', `${timing.seconds}s`],
      ['OnUnitActiveSec', `${timing.seconds}s`],
    ];
  }
  const [hour, minute] = [timing.hour, timing.minute].map((part) => String(part).padStart(2, '0'));
  const day = timing.weekday === null ? '' : `${DAYS[timing.weekday]} `;
  return [['OnCalendar', `${day}*-*-* ${hour}:${minute}:00`]];
}

function toUnit(cronId: string, files: readonly PlannedFile[], home: string): FoundUnit {
  const read = (end: string): UnitSections =>
    parseUnit(files.find((file) => file.path.endsWith(end))?.content ?? '');
  const service = read('.service');
  const timer = read('.timer');
  const markedHome = unquote(unitValue(service, MARK, 'Home'));
  const hasTimer = files.some((file) => file.path.endsWith('.timer'));
  const script = unquote(unitValue(service, MARK, 'Script'));
  return {
    cronId,
    scriptPath: script ?? lastPath(splitWords(unitValue(service, 'Service', 'ExecStart') ?? '')),
    timing: hasTimer ? timingOf(timer) : keepAliveOf(service),
    runAtLoad: hasTimer
      ? unitValue(timer, 'Timer', 'OnBootSec') !== undefined
      : keepAliveOf(service) !== null,
    managed: unitValue(service, MARK, 'Managed') === '1' && markedHome === home && isMarked(service),
    home: markedHome,
    label: hasTimer ? `nexo-${cronId}.timer` : `nexo-${cronId}.service`,
    description: unitValue(service, 'Unit', 'Description') ?? '',
    files,
  };
}

function isMarked(service: UnitSections): boolean {
  return (service.get('Service') ?? []).some(
    ([key, value]) => key === 'Environment' && splitWords(value).includes(`${PERSONAL_MARK}=1`),
  );
}

function keepAliveOf(service: UnitSections): Timing | null {
  return unitValue(service, 'Service', 'Restart') === 'always' ? { kind: 'keep_alive' } : null;
}

function timingOf(timer: UnitSections): Timing | null {
  const calendar = unitValue(timer, 'Timer', 'OnCalendar');
  if (calendar !== undefined) {
    const match = /^(?:(Sun|Mon|Tue|Wed|Thu|Fri|Sat) )?\*-\*-\* (\d{1,2}):(\d{1,2})(?::00)?$/.exec(calendar);
    if (match === null) return null;
    const day = match[1] === undefined ? '' : `:${DAYS.indexOf(match[1])}`;
    return readCalendar(`${match[2]}:${match[3]}${day}`, []);
  }
  const every = /^(\d+)s?$/.exec(unitValue(timer, 'Timer', 'OnUnitActiveSec') ?? '')?.[1];
  return every === undefined ? null : { kind: 'interval', seconds: Number(every) };
}

async function show(run: RunCommand, unit: string): Promise<ReadonlyMap<string, string>> {
  const properties = '--property=LoadState,ActiveState,MainPID,ExecMainStatus';
  const { stdout } = await run('systemctl', ['--user', 'show', properties, unit]);
  return new Map(
    stdout.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    }),
  );
}

function unquote(value: string | undefined): string | null {
  if (value === undefined) return null;
  try {
    const text: unknown = JSON.parse(value);
    return typeof text === 'string' ? text : null;
  } catch {
    return null; // written by somebody else
  }
}
