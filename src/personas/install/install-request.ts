import type { Clock } from '../../base/clock.ts';
import type { ReportDifference } from '../compare-reports.ts';
import type { PackEventSink } from '../events.ts';
import type { PackPlaces } from '../paths.ts';
import type { TrustFlags } from '../trust/policy.ts';
import type { ProvenSigner } from '../trust/verify-signature.ts';
import type { PackIdentity } from './contract.ts';
import type { Coordinates } from './coordinates.ts';
import type { HttpWorld } from './http-client.ts';

/** The steps of an install, in their order. Each is a file of its own; `installPack` and `stagePack` put them together. */
export const INSTALL_STEPS = [
  'resolve',
  'present',
  'choose',
  'lock',
  'download',
  'digest',
  'signature',
  'extract',
  'validate',
  'report',
  'activate',
] as const;
export type InstallStep = (typeof INSTALL_STEPS)[number];

export interface InstallRequest {
  readonly coordinates: Coordinates;
  /** Absolute. */
  readonly root: string;
  /** The target whose archive is wanted. */
  readonly target: string;
  readonly trust: TrustFlags;
  readonly acceptSigner: boolean;
  /** Replaces what is there. */
  readonly force: boolean;
  /** Missing requirements are an error. */
  readonly strict: boolean;
  /** For an upgrade: the pack that it comes after. */
  readonly upgradeOf?: {
    readonly id: string;
    readonly folder: string;
    /** Throws unless this version may come after the one that is there. */
    readonly assertNewer: (version: string) => 'newer' | 'same';
    /** The operator accepts what the new version adds. */
    readonly acceptAdditions: boolean;
  };
}

export interface InstallWorld {
  readonly places: PackPlaces;
  readonly http: HttpWorld;
  readonly clock: Clock;
  readonly nexoVersion: string;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
  /** Told at the beginning of each step; `detail` is for people. */
  readonly onStep: (step: InstallStep, detail: string) => void;
  readonly onReceived: (received: number, total: number | undefined) => void;
  /** Told what the pack brings, before anything is activated. */
  readonly onReport: (report: unknown, change: ReportDifference | undefined) => void;
  readonly events?: PackEventSink;
  /** What this machine offers to packs. */
  readonly offers: {
    readonly plugins: readonly string[];
    readonly features: readonly string[];
    readonly env: NodeJS.ProcessEnv;
  };
}

export interface InstallReport {
  readonly identity: PackIdentity;
  readonly folder: string;
  readonly coordinates: Coordinates;
  readonly wasPresent: boolean;
  /** An upgrade found nothing newer. */
  readonly noOp: boolean;
  readonly archiveBytes: number;
  readonly target: string | undefined;
  readonly sha256: string | undefined;
  readonly signer: ProvenSigner | undefined;
  readonly trust: { readonly mode: string; readonly matched: string | undefined };
  readonly missing: {
    readonly plugins: readonly string[];
    readonly features: readonly string[];
    readonly variables: readonly string[];
  };
  readonly warnings: readonly string[];
  readonly capabilities: unknown;
  readonly change: ReportDifference | undefined;
  readonly eventEmitted: boolean;
}
