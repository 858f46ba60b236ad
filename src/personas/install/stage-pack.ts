import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { type Clock, isoTime } from '../../base/clock.ts';
import { writeFileDurable } from '../../base/durable-file.ts';
import { recordAudit } from '../audit.ts';
import type { ReportDifference } from '../compare-reports.ts';
import { publishEvent } from '../events.ts';
import { flushTree } from '../extract/flush-tree.ts';
import { unpackArchive } from '../extract/unpack.ts';
import { renderListing, sha256Of } from '../installed/listing.ts';
import { type InstallMetadata, renderMetadata } from '../installed/metadata.ts';
import { packError } from '../pack-error.ts';
import { INSTALL_FILE, LISTING_FILE, packFolderName } from '../paths.ts';
import type { TrustDecision, TrustPolicy } from '../trust/policy.ts';
import { assertSameSigner, rememberSigner, type SignerQuestion } from '../trust/signers.ts';
import type { ProvenSigner } from '../trust/verify-signature.ts';
import { activate } from './activate.ts';
import type { ChosenAssets } from './assets.ts';
import { checkSignature } from './check-signature.ts';
import type { PackContract } from './contract.ts';
import { renderCoordinates } from './coordinates.ts';
import { assertDigest, assertSameDigest, parseDigest } from './digest.ts';
import { fetchArchive } from './fetch-archive.ts';
import { readWhole } from './http-client.ts';
import type { InstallReport, InstallRequest, InstallWorld } from './install-request.ts';
import { wrapperOf } from './layout.ts';
import type { ResolvedRelease } from './resolve-release.ts';
import type { RootLock } from './root-lock.ts';
import type { Staging } from './staging.ts';

/** What the steps up to the choice of the files have found out. */
export interface Done<M> {
  readonly contract: PackContract<M>;
  readonly request: InstallRequest;
  readonly world: InstallWorld;
  readonly resolved: ResolvedRelease<M>;
  readonly missing: InstallReport['missing'];
}

/** What the steps inside of the staging folder work on. */
export interface Staged<M> extends Done<M> {
  readonly chosen: ChosenAssets;
  readonly decision: TrustDecision;
  readonly policy: TrustPolicy;
  readonly lock: RootLock;
  readonly staging: Staging;
}

/** From the download to the pack in its place, all of it inside of a folder that is removed at the end. */
export async function stagePack<M>(work: Staged<M>): Promise<InstallReport> {
  const { contract, request, world, resolved, chosen, decision, policy, lock, staging } = work;
  const { identity } = resolved;
  const { archive } = chosen;
  const { limits } = contract;

  world.onStep('download', archive.name);
  const digestFile = await readWhole(world.http, {
    url: chosen.digest.url,
    what: chosen.digest.name,
    accept: chosen.digest.accept,
    maxBytes: MAX_DIGEST_BYTES,
    tooLarge: 'ReleaseShape',
  });
  const expected = parseDigest(digestFile, archive.name);
  assertSameDigest(archive, expected);
  const { maxCompressedBytes: maxBytes } = limits;
  const { onReceived } = world;
  const fetched = await fetchArchive(world.http, archive, { into: staging.archive, maxBytes, onReceived });

  world.onStep('digest', fetched.sha256);
  assertDigest(archive.name, expected, fetched.sha256);

  world.onStep('signature', decision.mode);
  const signer = await checkSignature({
    http: world.http,
    policy,
    decision,
    signing: chosen.signing,
    coordinates: request.coordinates,
    archive: staging.archive,
    sha256: fetched.sha256,
    trustCache: world.places.trustCache,
  });
  const question = signerQuestion(contract, request, signer);
  if (decision.mode !== 'ignore') assertSameSigner(world.places.signersFile, question);

  world.onStep('extract', archive.name);
  const unpacked = await unpackArchive({
    archive: staging.archive,
    name: archive.name,
    into: staging.tree,
    limits,
    isProgram: (path) => contract.isProgram(path),
    signal: world.signal,
    flush: true,
  });
  // What is unpacked has to be what was verified, even if somebody changed the file in between.
  assertDigest(archive.name, fetched.sha256, unpacked.archiveSha256);
  const wrapper = wrapperOf(unpacked, contract.manifestAssets, packFolderName(identity.id, identity.version));
  const tree = join(staging.tree, wrapper);

  world.onStep('validate', identity.id);
  const warnings = [
    ...contract.validate(tree, identity),
    ...(decision.warning === undefined ? [] : [decision.warning]),
  ];

  world.onStep('report', identity.id);
  const { capabilities, change } = showReport(work, tree);

  world.onStep('activate', packFolderName(identity.id, identity.version));
  const inside = (path: string): string => path.slice(wrapper === '' ? 0 : wrapper.length + 1);
  const listing = renderListing(unpacked.files.map(({ path, sha256 }) => ({ path: inside(path), sha256 })));
  const metadata: InstallMetadata = {
    schema_version: '1.0',
    id: identity.id,
    version: identity.version,
    owner: request.coordinates.owner,
    repo: request.coordinates.repo,
    tag: request.coordinates.tag,
    release_tag: resolved.release.tag,
    target: chosen.target,
    sha256: fetched.sha256,
    installed_at: isoTime(world.clock),
    source: 'github-releases',
    signature_verified: signer !== undefined,
    ...(signer !== undefined && { signature_identity: signer.identity, signature_issuer: signer.issuer }),
    trust_mode: decision.mode,
    listing_sha256: sha256Of(listing),
  };
  writeFileDurable(fs, join(tree, LISTING_FILE), listing, { durable: false, mode: 0o644 });
  writeFileDurable(fs, join(tree, INSTALL_FILE), renderMetadata(metadata), { durable: false, mode: 0o644 });
  const waiting = unpacked.files.filter(({ flushed }) => !flushed).map(({ path }) => path);
  await flushTree(
    staging.tree,
    [...waiting, join(wrapper, LISTING_FILE), join(wrapper, INSTALL_FILE)],
    unpacked.folders,
  );
  world.signal.throwIfAborted();
  const folder = join(request.root, packFolderName(identity.id, identity.version));
  activate({ root: dirname(folder), folder: basename(folder), tree, lock });

  await rememberSigner(world.places.signersFile, question, { version: identity.version, clock: world.clock });
  const audited = recordInstall(work, metadata, folder);
  const eventEmitted = await publishEvent(world.events, contract.family, {
    kind: 'installed',
    id: identity.id,
    version: identity.version,
    install_root: folder,
    installed_at: metadata.installed_at,
    source_repo: `${metadata.owner}/${metadata.repo}`,
  });
  return {
    identity,
    folder,
    coordinates: request.coordinates,
    wasPresent: false,
    noOp: false,
    archiveBytes: fetched.bytes,
    target: chosen.target,
    sha256: fetched.sha256,
    signer,
    trust: { mode: decision.mode, matched: decision.author?.owner },
    missing: work.missing,
    warnings: audited ? warnings : [...warnings, `${world.places.auditFile} could not be written.`],
    capabilities,
    change,
    eventEmitted,
  };
}

const MAX_DIGEST_BYTES = 4096;

/** Shows what the pack brings; an upgrade that brings more waits for the operator. Throws PACK_ADDITIONS_WAIT. */
function showReport<M>(
  { contract, request, world, resolved }: Done<M>,
  tree: string,
): { capabilities: unknown; change: ReportDifference | undefined } {
  const capabilities = contract.report(tree, resolved.manifest);
  const { upgradeOf } = request;
  const manifestFile = contract.manifestAssets
    .map((name) => upgradeOf && join(upgradeOf.folder, name))
    .find((path) => path !== undefined && fs.existsSync(path));
  const change =
    upgradeOf === undefined || manifestFile === undefined
      ? undefined
      : contract.compare(
          contract.report(
            upgradeOf.folder,
            contract.parse(fs.readFileSync(manifestFile, 'utf8'), basename(manifestFile)),
          ),
          capabilities,
        );
  world.onReport(capabilities, change);
  if (change !== undefined && change.added.length > 0 && upgradeOf?.acceptAdditions !== true) {
    const { id, version } = resolved.identity;
    throw packError(
      'AdditionsNotAccepted',
      `${id} ${version} brings more than the version before it: ${change.added.join('; ')}.`,
      {
        hint: 'Repeat the command with --yes to accept that. Nothing was changed.',
        data: { additions: change.added },
      },
    );
  }
  return { capabilities, change };
}

function recordInstall<M>(
  { contract, request, world }: Done<M>,
  metadata: InstallMetadata,
  folder: string,
): boolean {
  const { id, version, target, sha256, listing_sha256, signature_verified, trust_mode } = metadata;
  const { signature_identity, signature_issuer } = metadata;
  return recordAudit(
    world.places.auditFile,
    contract.family,
    {
      action: request.upgradeOf === undefined ? 'install' : 'upgrade',
      id,
      version,
      folder,
      coords: renderCoordinates(request.coordinates),
      release_tag: metadata.release_tag ?? metadata.tag,
      target,
      sha256,
      listing_sha256,
      signature_verified,
      ...(signature_identity !== undefined && { signature_identity }),
      ...(signature_issuer !== undefined && { signature_issuer }),
      trust_mode,
      api: world.http.origin.base.origin,
    },
    auditWorld(world),
  );
}

/** Whether this release may be signed as it is. */
export function signerQuestion<M>(
  { family }: PackContract<M>,
  { coordinates, acceptSigner }: InstallRequest,
  signer: ProvenSigner | undefined,
): SignerQuestion {
  return { family, coordinates, signer, accept: acceptSigner };
}

/** For the audit log: what must not get into it. */
export function auditWorld({ clock, http }: InstallWorld): { clock: Clock; secrets: readonly string[] } {
  return { clock, secrets: http.token === undefined ? [] : [http.token] };
}
