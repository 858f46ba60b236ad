import { dirname } from 'node:path';

import { isoTime } from '../../base/clock.ts';
import { NexoError } from '../../errors.ts';
import { recordAudit } from '../audit.ts';
import { publishEvent } from '../events.ts';
import { packError, packKindOf } from '../pack-error.ts';
import { packFolderName } from '../paths.ts';
import { assertFlags, decideTrust, loadTrustPolicy } from '../trust/policy.ts';
import { assertSameSigner } from '../trust/signers.ts';
import { chooseAssets } from './assets.ts';
import type { PackContract, PackIdentity } from './contract.ts';
import { renderCoordinates } from './coordinates.ts';
import type { InstallReport, InstallRequest, InstallWorld } from './install-request.ts';
import { assertAbsoluteRoot, findPresent, type PresentPack } from './pack-place.ts';
import { resolveRelease } from './resolve-release.ts';
import { lockRoot } from './root-lock.ts';
import { auditWorld, type Done, signerQuestion, stagePack } from './stage-pack.ts';
import { createStaging, sweepLeftovers } from './staging.ts';

/**
 * Installs a pack: resolved, downloaded, verified, unpacked by our rules, checked, shown, and only then given its name in
 * one step. Whatever goes wrong on the way, in it or from outside, the install root is as it was before.
 * Throws what its steps throw; INTERRUPTED when `signal` is aborted.
 */
export async function installPack<M>(
  contract: PackContract<M>,
  request: InstallRequest,
  world: InstallWorld,
): Promise<InstallReport> {
  const { coordinates } = request;
  try {
    return await runSteps(contract, request, world);
  } catch (error) {
    if (error instanceof NexoError && error.code !== 'INTERRUPTED' && error.code !== 'USAGE') {
      const coords = renderCoordinates(coordinates);
      const reason = error.message;
      recordAudit(
        world.places.auditFile,
        contract.family,
        { action: 'refused', coords, kind: packKindOf(error), reason },
        auditWorld(world),
      );
      await publishEvent(world.events, contract.family, {
        kind: 'install_failed',
        id: request.upgradeOf?.id ?? coordinates.repo,
        coords,
        reason,
        failed_at: isoTime(world.clock),
      });
    }
    throw withCoordinates(error, renderCoordinates(coordinates));
  }
}

/** The failure, for programs: about which release. */
function withCoordinates(error: unknown, coords: string): unknown {
  if (!(error instanceof NexoError)) return error;
  const { code, message, hint, data, cause } = error;
  return new NexoError(code, message, {
    ...(hint !== undefined && { hint }),
    data: { ...data, coords },
    cause,
  });
}

async function runSteps<M>(
  contract: PackContract<M>,
  request: InstallRequest,
  world: InstallWorld,
): Promise<InstallReport> {
  const { root, coordinates, upgradeOf } = request;
  assertAbsoluteRoot(root, contract.family);
  assertFlags(request.trust);
  const policy = loadTrustPolicy(world.places.trustedKeysFile);

  world.onStep('resolve', renderCoordinates(coordinates));
  const resolved = await resolveRelease(contract, world, coordinates);
  const { identity } = resolved;
  if (upgradeOf !== undefined && upgradeOf.id !== identity.id) {
    throw packError(
      'ManifestMismatch',
      `the release is of the pack ${identity.id}, not of ${upgradeOf.id}.`,
      {
        hint: 'Install it by its coordinates if you want it beside the other.',
      },
    );
  }
  const missing = missingRequirements(contract, resolved.manifest, request, world);
  const done = { contract, request, world, resolved, missing };
  if (upgradeOf?.assertNewer(identity.version) === 'same')
    return alreadyPresent(done, upgradeOf.folder, true);

  world.onStep('present', packFolderName(identity.id, identity.version));
  const before = presentUnlessForced(contract, request, identity);
  if (before !== undefined) return alreadyPresent(done, before, false);

  world.onStep('choose', request.target);
  const chosen = chooseAssets(resolved.release, identity.id, identity.version, request.target);
  const decision = decideTrust(policy, coordinates.owner, request.trust, chosen.signing.kind);
  if (decision.action !== 'verify' && decision.mode !== 'ignore') {
    // Before anything large is downloaded: a pack that was signed once does not come unsigned.
    assertSameSigner(world.places.signersFile, signerQuestion(contract, request, undefined));
  }

  world.onStep('lock', root);
  const lock = await lockRoot(root, { signal: world.signal, note: world.note });
  try {
    sweepLeftovers(root);
    const meanwhile = presentUnlessForced(contract, request, identity);
    if (meanwhile !== undefined) return alreadyPresent(done, meanwhile, false);
    const staging = createStaging(root);
    try {
      return await stagePack({ ...done, chosen, decision, policy, lock, staging });
    } finally {
      staging.discard();
    }
  } finally {
    lock.release();
  }
}

function presentUnlessForced<M>(
  contract: PackContract<M>,
  { root, force }: InstallRequest,
  identity: PackIdentity,
): PresentPack | undefined {
  return force ? undefined : findPresent(contract, root, identity);
}

function alreadyPresent<M>(
  { request, resolved, missing, contract }: Done<M>,
  present: PresentPack | string,
  noOp: boolean,
): InstallReport {
  const found =
    typeof present === 'string' ? findPresent(contract, dirname(present), resolved.identity) : present;
  const metadata = found?.metadata;
  const { signature_identity: identity, signature_issuer: issuer } = metadata ?? {};
  return {
    identity: resolved.identity,
    folder: found?.folder ?? String(present),
    coordinates: request.coordinates,
    wasPresent: true,
    noOp,
    archiveBytes: 0,
    target: metadata?.target,
    sha256: metadata?.sha256,
    signer: identity !== undefined && issuer !== undefined ? { identity, issuer } : undefined,
    trust: { mode: metadata?.trust_mode ?? 'warn', matched: undefined },
    missing,
    warnings: found?.warnings ?? [],
    capabilities: null,
    change: undefined,
    eventEmitted: false,
  };
}

/** Throws PACK_REQUIREMENT_MISSING when `strict` is asked for. */
function missingRequirements<M>(
  contract: PackContract<M>,
  manifest: M,
  { strict }: InstallRequest,
  { offers }: InstallWorld,
): InstallReport['missing'] {
  const required = contract.requirements(manifest);
  const missing = {
    plugins: required.plugins.filter((id) => !offers.plugins.includes(id)),
    features: required.features.filter((name) => !offers.features.includes(name)),
    variables: required.variables.filter((name) => (offers.env[name] ?? '') === ''),
  };
  const all = [...missing.plugins, ...missing.features, ...missing.variables];
  if (strict && all.length > 0) {
    throw packError('RequirementMissing', `the pack needs what is not here: ${all.join(', ')}.`, {
      hint: 'Provide it, or leave --strict out.',
      data: missing,
    });
  }
  return missing;
}
