import { setTimeout as delay } from 'node:timers/promises';

import { systemClock } from '../base/clock.ts';
import { type HomePaths, resolveHomePaths } from '../home/paths.ts';
import type { ReportDifference } from '../personas/compare-reports.ts';
import { createOutboxSink } from '../personas/event-outbox.ts';
import type { PackEventSink } from '../personas/events.ts';
import { readInstallEnvironment } from '../personas/install/environment.ts';
import type { InstallReport, InstallWorld } from '../personas/install/install-request.ts';
import { resolveOrigin } from '../personas/install/origin.ts';
import { resolveTarget, thisMachine } from '../personas/install/target.ts';
import { type PackFamily, type PackPlaces, packPlaces } from '../personas/paths.ts';
import { nexoVersion } from '../version.ts';
import type { CommandContext } from './command.ts';
import { text, toggle } from './flags.ts';
import { packFailure } from './render/pack-failure.ts';
import { printableJson, printableText } from './render/printable.ts';
import { createProgress } from './render/progress.ts';

/** Flags of every command about packs. */
export const CONFIG_FLAG = {
  config: text('the folder with your settings, instead of NEXO_CONFIG_DIR', {
    placeholder: 'dir',
    completes: 'folder',
  }),
} as const;

/** Flags of what installs or upgrades. */
export const TRUST_FLAGS = {
  target: text('the system to install for, instead of this one', { placeholder: 'triple' }),
  requireSignature: toggle('refuse a release without a signature that can be checked'),
  skipSignatureVerify: toggle('check no signature, whatever the policy says'),
  acceptSigner: toggle('accept that the pack is signed by somebody else than before, or no longer'),
} as const;

export function homePathsFor({ io }: CommandContext, config: string | undefined): HomePaths {
  const env = config === undefined ? io.env : { ...io.env, NEXO_CONFIG_DIR: config };
  return resolveHomePaths(env, io.userHome());
}

/** The target that is asked for, from the flag, the environment or this machine. */
export function targetFor({ io }: CommandContext, flag: string | undefined): string {
  return resolveTarget(flag, readInstallEnvironment(io.env).target, thisMachine);
}

/** Where what happens to packs is told. */
export function packEvents({ outboxFile }: PackPlaces, token?: string): PackEventSink {
  return createOutboxSink(outboxFile, { clock: systemClock, secrets: token === undefined ? [] : [token] });
}

/** Longest pause before the progress is written again, in milliseconds. */
const PROGRESS_MS = 100;

/** The installer's world on the command line: the network, the terminal, the clock. */
export function installWorld(
  context: CommandContext,
  paths: HomePaths,
  family: PackFamily,
  offers: Pick<InstallWorld['offers'], 'plugins' | 'features'>,
  describe: (report: unknown, change: ReportDifference | undefined) => readonly string[],
): InstallWorld {
  const { io, json } = context;
  const { apiBase, token } = readInstallEnvironment(io.env);
  const places = packPlaces(paths, family);
  const progress = createProgress(json ? { ...io.stderr, isTerminal: false } : io.stderr);
  const note = (line: string): void => {
    progress.clear();
    context.note(printableText(line));
  };
  let shownAt = 0;
  return {
    places,
    events: packEvents(places, token),
    http: {
      origin: resolveOrigin(apiBase),
      token,
      userAgent: `nexo/${nexoVersion()}`,
      signal: io.signal,
      sleep: (ms) => delay(ms, undefined, { signal: io.signal }),
      random: Math.random,
      note,
    },
    clock: systemClock,
    nexoVersion: nexoVersion(),
    signal: io.signal,
    note,
    onStep: (step, detail) => progress.show(printableText(`${STEPS[step]} ${detail}`)),
    onReceived: (received, total) => {
      const now = performance.now();
      if (now - shownAt < PROGRESS_MS && received !== total) return;
      shownAt = now;
      progress.show(
        `Downloading: ${megabytes(received)}${total === undefined ? '' : ` of ${megabytes(total)}`}`,
      );
    },
    onReport: (report, change) => {
      progress.clear();
      if (!json) for (const line of describe(report, change)) context.note(printableText(line));
    },
    offers: { ...offers, env: io.env },
  };
}

const STEPS: Readonly<Record<Parameters<InstallWorld['onStep']>[0], string>> = {
  resolve: 'Looking for',
  present: 'Looking for',
  choose: 'Choosing the archive for',
  lock: 'Waiting for',
  download: 'Downloading',
  digest: 'Comparing',
  signature: 'Checking the signature:',
  extract: 'Unpacking',
  validate: 'Checking',
  report: 'Reading',
  activate: 'Putting in place',
};

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** The members of the answer that installs and upgrades of both families share. */
export function reportJson(report: InstallReport) {
  const { identity, signer, trust } = report;
  return {
    ok: true as const,
    id: identity.id,
    version: identity.version,
    target: report.target ?? null,
    sha256: report.sha256 ?? null,
    was_already_present: report.wasPresent,
    signature_verified: signer !== undefined,
    ...(signer !== undefined && { signature_identity: signer.identity, signature_issuer: signer.issuer }),
    trust_mode: trust.mode,
    ...(trust.matched !== undefined && { trust_policy_matched: trust.matched }),
    lifecycle_event_emitted: report.eventEmitted,
    missing_plugins: report.missing.plugins,
    missing_env_vars: report.missing.variables,
    unknown_features: report.missing.features,
    warnings: report.warnings,
    capabilities: report.capabilities,
  };
}

/** What a person should know beside the result, a line each. */
export function renderRemarks(report: ReturnType<typeof reportJson>): string[] {
  const {
    warnings,
    missing_plugins: plugins,
    missing_env_vars: variables,
    unknown_features: features,
  } = report;
  return [
    ...warnings,
    ...(plugins.length === 0 ? [] : [`It needs plugins that are not here: ${plugins.join(', ')}.`]),
    ...(variables.length === 0 ? [] : [`It needs variables that are not set: ${variables.join(', ')}.`]),
    ...(features.length === 0 ? [] : [`It asks for features that are not known: ${features.join(', ')}.`]),
  ];
}

/**
 * For commands that write to standard output while they run: the edge writes nothing there, so the document of a failure
 * is written where it happens.
 */
export async function toldWhenItFails<T>({ io, json }: CommandContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (json) io.stdout.write(`${printableJson(packFailure(error))}\n`);
    throw error;
  }
}
