import { systemClock } from '../base/clock.ts';
import type { HomePaths } from '../home/paths.ts';
import type { CapabilityReport } from '../personas/capability-report.ts';
import { compareReports, type ReportDifference } from '../personas/compare-reports.ts';
import { discoverPersonas, type FoundPack } from '../personas/discovery.ts';
import { loadDiscoveryConfig } from '../personas/discovery-config.ts';
import { refreshPackIndex } from '../personas/index-packs.ts';
import { renderCoordinates } from '../personas/install/coordinates.ts';
import type { InstallReport, InstallWorld } from '../personas/install/install-request.ts';
import type { PersonaManifest } from '../personas/manifest.ts';
import { packError } from '../personas/pack-error.ts';
import { packPlaces } from '../personas/paths.ts';
import { nexoVersion } from '../version.ts';
import type { CommandContext } from './command.ts';
import { installWorld, reportJson } from './pack-door.ts';
import { findPluginsIn, pluginRoots } from './plugin-door.ts';

/** Tags that packs in the world ask for and that mean something here. */
export const KNOWN_FEATURES = ['dispatch_policy:full', 'claude_code_subprocess'];

/** A pack whose manifest can be read. */
export type ReadablePack = FoundPack & { readonly manifest: PersonaManifest };

/** Every pack on disk, in use or not. Faults are noted, and do not keep the rest from being shown. */
export function findPersonas(context: CommandContext, paths: HomePaths) {
  const { io } = context;
  return discoverPersonas({ paths, env: io.env, userHome: io.userHome(), nexoVersion: nexoVersion() });
}

/** The pack of that id that counts. Throws PACK_NOT_INSTALLED. */
export function requirePersona(packs: readonly FoundPack[], id: string): ReadablePack {
  const found = packs.filter(isReadable).filter(({ manifest }) => manifest.id === id);
  const pack = found.find(({ chosen }) => chosen) ?? found[0];
  if (pack !== undefined) return pack;
  throw packError('NotFound', `There is no persona ${JSON.stringify(id)}.`, {
    hint: 'nexo persona list shows what is installed.',
  });
}

export function isReadable(pack: FoundPack): pack is ReadablePack {
  return pack.manifest !== undefined;
}

/** Where a new pack goes: `--dest`, else the first configured search path, else the default. */
export function personaRoot(context: CommandContext, paths: HomePaths, dest: string | undefined): string {
  if (dest !== undefined) return dest;
  const { io } = context;
  const { searchPaths } = loadDiscoveryConfig({ paths, env: io.env, userHome: io.userHome() });
  return searchPaths[0]?.path ?? packPlaces(paths, 'persona').defaultRoot;
}

export function personaWorld(context: CommandContext, paths: HomePaths): InstallWorld {
  const plugins = findPluginsIn(pluginRoots(context, paths)).map(({ id }) => id);
  return installWorld(context, paths, 'persona', { plugins, features: KNOWN_FEATURES }, describeReport);
}

/** What the operator sees before anything is in place. */
function describeReport(report: unknown, change: ReportDifference | undefined): string[] {
  // Made by the persona contract, whose report this is.
  const { id, version, files } = report as CapabilityReport;
  const { added, removed, changed } = change ?? compareReports(undefined, report as CapabilityReport);
  const isSame = added.length + removed.length + changed.length === 0;
  const difference = isSame
    ? 'brings nothing that was not there before'
    : 'differs from the version before it';
  const title = change === undefined ? 'brings' : difference;
  return [
    `${id} ${version} ${title}:`,
    ...added.map((line) => `  + ${line}`),
    ...removed.map((line) => `  - ${line}`),
    ...changed.map((line) => `  ~ ${line}`),
    `  ${files.length} files in all`,
  ];
}

/** After a change of packs: leaves for hooks what they would otherwise have to find out before a tool call. */
export async function indexPersonas(context: CommandContext, paths: HomePaths): Promise<void> {
  const { io } = context;
  const place = { paths, env: io.env, userHome: io.userHome(), nexoVersion: nexoVersion() };
  await refreshPackIndex(place, systemClock);
}

export function personaReportJson(report: InstallReport) {
  return {
    ...reportJson(report),
    coords: renderCoordinates(report.coordinates),
    install_root: report.folder,
    tarball_bytes: report.archiveBytes,
  };
}
