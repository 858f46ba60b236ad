import type { ReportDifference } from '../compare-reports.ts';
import type { ArchiveLimits } from '../extract/limits.ts';
import type { PackFamily } from '../paths.ts';

/** What any pack's manifest says about the pack itself. */
export interface PackIdentity {
  readonly id: string;
  readonly version: string;
  readonly description: string;
  /** A version requirement, see `parseRequirement`. */
  readonly minNexoVersion: string;
  readonly homepage: string | undefined;
}

/** What a pack needs and the operator may not have; nothing of it keeps a pack out unless it is asked to. */
export interface Requirements {
  readonly plugins: readonly string[];
  readonly features: readonly string[];
  /** Names of required variables. */
  readonly variables: readonly string[];
}

/** What the install pipeline has to know about one family of packs. */
export interface PackContract<Manifest, Report = unknown> {
  readonly family: PackFamily;
  /** Among the assets of a release; the first that is there counts. */
  readonly manifestAssets: readonly [string, ...string[]];
  readonly limits: ArchiveLimits;
  /** Throws PACK_MANIFEST_INVALID. */
  parse(text: string, file: string): Manifest;
  identify(manifest: Manifest): PackIdentity;
  requirements(manifest: Manifest): Requirements;
  /** Whether a file of the archive may be run. */
  isProgram(path: string): boolean;
  /** Checks an unpacked pack; answers with warnings. Throws for whatever keeps it from being installed. */
  validate(folder: string, expected: PackIdentity): readonly string[];
  /** What the pack brings and asks for, JSON-safe. */
  report(folder: string, manifest: Manifest): Report;
  /** What the report of a newer version has that the one before did not. */
  compare(before: Report, after: Report): ReportDifference;
}
