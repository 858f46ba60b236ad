import { dirname } from 'node:path';

import { readUnitText } from '../../automation/schedules/backends/unit-folder.ts';
import { nodeFileSystem, removeFileDurable, writeFileDurable } from '../../base/durable-file.ts';
import { ensureFolder } from '../../base/folder.ts';
import { NexoError } from '../../errors.ts';
import { loadSettings } from '../../home/config.ts';
import type { HomePaths } from '../../home/paths.ts';
import { shimPath, writeShim } from '../../home/shim.ts';
import { stopDaemon } from '../launch.ts';
import type { Ownership, ServiceFile, ServiceManager, ServicePlan, ServiceState } from './contract.ts';

export interface ServiceOptions {
  readonly paths: HomePaths;
  readonly userHome: string;
  readonly searchPath: string;
  readonly manager: ServiceManager;
  readonly program: { readonly node: string; readonly file: string };
  /** Why this home must not touch the operating system; undefined when it may. */
  readonly scratch: string | undefined;
}

/** What the daemon needs to close everything behind its runs, in seconds. */
const STOP_SECONDS = 25;

export interface InstallReport {
  readonly manager: ServiceManager['name'];
  readonly file: ServiceFile;
  readonly commands: readonly string[];
  readonly dry_run: boolean;
  /** The file is new or says something else than before. */
  readonly changed: boolean;
  /** Process of a daemon in the background that made room. */
  readonly stopped_background: boolean;
}

/**
 * Installs the daemon as a service of the user's session and starts it, or says what it would do. A daemon in the
 * background is stopped first, in favour of the service's. Throws SERVICE_REFUSED for a scratch home,
 * SERVICE_EXISTS for a file that is not this home's, SERVICE_FAILED when the system refuses.
 */
export async function installService(
  options: ServiceOptions,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<InstallReport> {
  const { manager, paths, program, scratch } = options;
  const file = manager.file(planOf(options));
  const before = readUnitText(manager.path);
  const changed = before !== file.content;
  const report = { manager: manager.name, file, commands: manager.commands.load, changed };
  if (dryRun) return { ...report, dry_run: true, stopped_background: false };
  if (scratch !== undefined) throw refused(scratch);
  assertOurs(manager, before, paths.home);
  writeShim({ paths, node: program.node, program: program.file });
  ensureFolder(nodeFileSystem, dirname(manager.path));
  if (changed) writeFileDurable(nodeFileSystem, manager.path, file.content, { mode: 0o644 });
  const { pid } = await manager.state();
  const stopped = pid === null && (await stopDaemon({ paths }));
  await manager.load();
  return { ...report, dry_run: false, stopped_background: stopped };
}

export interface UninstallReport {
  readonly manager: ServiceManager['name'];
  /** Null when there was nothing to remove. */
  readonly removed: string | null;
  readonly commands: readonly string[];
  readonly dry_run: boolean;
}

/** Stops the service and removes its file; none there is no error. Throws as `installService`. */
export async function uninstallService(
  { manager, paths, scratch }: Pick<ServiceOptions, 'manager' | 'paths' | 'scratch'>,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<UninstallReport> {
  const before = readUnitText(manager.path);
  const report = { manager: manager.name, commands: manager.commands.unload, dry_run: dryRun };
  if (before === undefined) return { ...report, removed: null };
  assertOurs(manager, before, paths.home);
  if (dryRun) return { ...report, removed: manager.path };
  if (scratch !== undefined) throw refused(scratch);
  await manager.unload();
  removeFileDurable(nodeFileSystem, manager.path);
  return { ...report, removed: manager.path };
}

export interface ServiceReport {
  readonly manager: ServiceManager['name'];
  readonly path: string;
  readonly installed: boolean;
  /** Whose file it is. */
  readonly owner: Ownership;
  /** The file says what this program would write. */
  readonly current: boolean;
  /** Null where the system was not asked, because this is a scratch home. */
  readonly state: ServiceState | null;
  readonly scratch: string | null;
}

/** Whether the daemon is installed as a service, and what the system says of it. Changes nothing. */
export async function readService(options: ServiceOptions): Promise<ServiceReport> {
  const { manager, paths, scratch } = options;
  const text = readUnitText(manager.path);
  const owner = manager.owner(text, paths.home);
  return {
    manager: manager.name,
    path: manager.path,
    installed: owner === 'ours',
    owner,
    current: owner === 'ours' && text !== undefined && text === wouldBe(options, text),
    state: scratch === undefined && owner === 'ours' ? await manager.state() : null,
    scratch: scratch ?? null,
  };
}

/** What the file would say now. The `PATH` of whoever looks is none of its business. */
function wouldBe(options: ServiceOptions, text: string): string {
  const searchPath = options.manager.searchPathIn(text) ?? options.searchPath;
  return options.manager.file(planOf({ ...options, searchPath })).content;
}

function planOf({ paths, userHome, searchPath }: ServiceOptions): ServicePlan {
  const { graceMs } = loadSettings(paths).settings;
  const stopSeconds = Math.ceil(graceMs / 1000) + STOP_SECONDS;
  return { paths, userHome, searchPath, shim: shimPath(paths), stopSeconds };
}

function assertOurs(manager: ServiceManager, text: string | undefined, home: string): void {
  const owner = manager.owner(text, home);
  if (owner === 'missing' || owner === 'ours') return;
  throw new NexoError(
    'SERVICE_EXISTS',
    owner === 'foreign'
      ? `${manager.path} is there already and is not ours.`
      : `${manager.path} is the service of another Nexo folder.`,
    {
      hint:
        owner === 'foreign'
          ? 'Move that file away and try again.'
          : 'Run nexo service uninstall with the NEXO_HOME that is in that file.',
      data: { path: manager.path },
    },
  );
}

function refused(reason: string): NexoError {
  return new NexoError('SERVICE_REFUSED', `Nothing was installed: ${reason}.`, {
    hint: 'Add --dry-run to see the file, or use nexo daemon start, which touches nothing outside the Nexo folder.',
  });
}
