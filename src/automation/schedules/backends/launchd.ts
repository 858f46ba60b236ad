import { join } from 'node:path';

import { nodeFileSystem, removeFileDurable, writeFileDurable } from '../../../base/durable-file.ts';
import { ensureFolder } from '../../../base/folder.ts';
import { NexoError } from '../../../errors.ts';
import type { Timing } from '../timing.ts';
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
import { listNames, readUnitText } from './unit-folder.ts';

export interface LaunchdOptions {
  /** `~/Library/LaunchAgents`. */
  readonly folder: string;
  /** The home whose agents are ours. */
  readonly home: string;
  readonly uid: number;
  readonly run: RunCommand;
}

const PREFIX = 'com.nexo.';

type Plist = typeof import('plist');

/** LaunchAgents of macOS, `com.nexo.ID`. */
export async function launchdBackend({ folder, home, uid, run }: LaunchdOptions): Promise<ScheduleBackend> {
  const plist = await import('plist');
  const path = (cronId: string): string => join(folder, `${PREFIX}${cronId}.plist`);
  const domain = `gui/${uid}`;

  function find(cronId: string): FoundUnit | undefined {
    const content = readUnitText(path(cronId));
    return content === undefined ? undefined : toUnit(plist, cronId, { path: path(cronId), content }, home);
  }

  function assertOurs(cronId: string): FoundUnit | undefined {
    const found = find(cronId);
    if (found === undefined || found.managed) return found;
    throw new NexoError('SCHEDULE_EXISTS', `${path(cronId)} is there already and is not ours.`, {
      hint:
        found.home === null
          ? 'Choose another cron_id, or move that file away.'
          : `It belongs to the Nexo folder ${found.home}: choose another cron_id.`,
      data: { files: [path(cronId)], home: found.home },
    });
  }

  async function unload(cronId: string): Promise<void> {
    // What is not loaded cannot be unloaded, and that is what we want.
    await run('launchctl', ['bootout', `${domain}/${PREFIX}${cronId}`]);
  }

  return {
    name: 'launchd',
    plan: (unit) => [{ path: path(unit.spec.cronId), content: renderPlist(plist, unit) }],
    discover: async () =>
      listNames(folder)
        .flatMap((name) => new RegExp(`^${PREFIX.replaceAll('.', '\\.')}(.+)\\.plist$`).exec(name)?.[1] ?? [])
        .sort()
        .filter((id) => id !== 'daemon')
        .flatMap((id) => find(id) ?? [])
        .filter(({ files }) => !files.some(({ content }) => content.includes(CORE_MARK))),
    install: async (unit) => {
      const { cronId } = unit.spec;
      assertOurs(cronId);
      ensureFolder(nodeFileSystem, folder);
      await unload(cronId);
      writeFileDurable(nodeFileSystem, path(cronId), renderPlist(plist, unit), { mode: 0o644 });
      const { code, stderr, stdout } = await run('launchctl', ['bootstrap', domain, path(cronId)]);
      if (code === 0) return;
      const said = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '';
      throw new NexoError(
        'SCHEDULE_INSTALL_FAILED',
        `launchctl bootstrap ${domain} ended with ${code}: ${said}`,
        {
          hint: 'Agents are loaded into a session with a desktop; over ssh alone use --backend builtin.',
        },
      );
    },
    remove: async (cronId) => {
      if (assertOurs(cronId) === undefined) return { deleted: [] };
      await unload(cronId);
      removeFileDurable(nodeFileSystem, path(cronId));
      return { deleted: [path(cronId)] };
    },
    state: async (cronId) => {
      const { code, stdout } = await run('launchctl', ['print', `${domain}/${PREFIX}${cronId}`]);
      const field = (name: string): string | undefined =>
        new RegExp(`^\\s*${name} = (.+)$`, 'm').exec(stdout)?.[1]?.trim();
      const pid = Number(field('pid') ?? 0);
      const exit = /^-?\d+/.exec(field('last exit code') ?? '')?.[0];
      return {
        loaded: code === 0,
        pid: pid > 0 ? pid : null,
        lastExitCode: exit === undefined ? null : Number(exit),
        detail: code === 0 ? (field('state') ?? 'loaded') : 'not loaded',
      };
    },
  };
}

function renderPlist(plist: Plist, unit: UnitPlan): string {
  const { spec, home, shim } = unit;
  const { timing } = spec;
  const log = join(home.logs, `${spec.cronId}-timer.log`);
  const text = plist.build({
    Label: `${PREFIX}${spec.cronId}`,
    ProgramArguments: [shim, 'schedules', 'fire', spec.cronId],
    EnvironmentVariables: {
      ...Object.fromEntries(unitEnvironment(unit)),
      NEXO_SCRIPT_PATH: spec.scriptPath,
    },
    StandardOutPath: log,
    StandardErrorPath: log,
    ...whenOf(timing),
    RunAtLoad: spec.runOnBoot || looksBack(spec),
    // What a stopping run needs to record its end, in seconds.
    ExitTimeOut: 15,
    ProcessType: 'Background',
  });
  return `${text}\n`;
}

function whenOf(timing: Timing): Record<string, boolean | number | Record<string, number>> {
  if (timing.kind === 'keep_alive') return { KeepAlive: true };
  if (timing.kind === 'interval') return { StartInterval: timing.seconds };
  const { hour, minute, weekday } = timing;
  return {
    StartCalendarInterval: { Hour: hour, Minute: minute, ...(weekday !== null && { Weekday: weekday }) },
  };
}

function toUnit(plist: Plist, cronId: string, file: PlannedFile, home: string): FoundUnit {
  const value = parse(plist, file.content);
  const env = toRecord(value.EnvironmentVariables);
  const words = Array.isArray(value.ProgramArguments) ? value.ProgramArguments.map(String) : [];
  const text = (key: string): string | null => (typeof env[key] === 'string' ? env[key] : null);
  const markedHome = text('NEXO_HOME');
  return {
    cronId,
    scriptPath: text('NEXO_SCRIPT_PATH') ?? lastPath(words),
    timing: timingOf(value),
    runAtLoad: value.RunAtLoad === true,
    managed: text(PERSONAL_MARK) === '1' && markedHome === home && value.Label === `${PREFIX}${cronId}`,
    home: markedHome,
    label: `${PREFIX}${cronId}`,
    description: '',
    files: [file],
  };
}

function timingOf(value: Record<string, unknown>): Timing | null {
  if (value.KeepAlive === true) return { kind: 'keep_alive' };
  const { StartInterval: seconds, StartCalendarInterval: calendar } = value;
  if (typeof seconds === 'number') return { kind: 'interval', seconds };
  const { Hour: hour, Minute: minute, Weekday: weekday, ...others } = toRecord(calendar);
  if (typeof hour !== 'number' || typeof minute !== 'number' || Object.keys(others).length > 0) return null;
  if (weekday !== undefined && typeof weekday !== 'number') return null;
  return { kind: 'calendar', hour, minute, weekday: weekday ?? null };
}

function parse(plist: Plist, text: string): Record<string, unknown> {
  try {
    return toRecord(plist.parse(text));
  } catch {
    return {}; // no property list: reported as a unit that says nothing
  }
}

function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
