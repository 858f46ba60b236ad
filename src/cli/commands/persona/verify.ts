import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { NexoError } from '../../../errors.ts';
import type {
  PackCheck,
  VerifiedFolder,
  VerifyFolderOptions,
} from '../../../personas/author/verify-folder.ts';
import { packError, packKindOf } from '../../../personas/pack-error.ts';
import { nexoVersion } from '../../../version.ts';
import { type CommandContext, defineCommand } from '../../command.ts';
import { text } from '../../flags.ts';
import { CONFIG_FLAG, homePathsFor, TRUST_FLAGS, targetFor } from '../../pack-door.ts';
import { personaWorld } from '../../persona-door.ts';
import type { View } from '../../render/view.ts';
import { displayWidth, pad } from '../../render/width.ts';
import { count } from '../../render/words.ts';

const { target, requireSignature, skipSignatureVerify } = TRUST_FLAGS;

export default defineCommand({
  description:
    'Explains every check of a pack: of a folder (yours, or an installed one), of an archive with what lies beside ' +
    'it, or of a release, which is downloaded, verified and thrown away. Installs nothing. Ends with 1 when a check ' +
    'fails.',
  example: 'nexo persona verify my-persona',
  flags: {
    expectVersion: text('the version that it has to have, such as that of a tag', { placeholder: 'version' }),
    target,
    requireSignature,
    skipSignatureVerify,
    ...CONFIG_FLAG,
  },
  positionals: [
    {
      name: 'pack',
      description: 'a folder, a .tar.gz, or owner/repo[@tag]',
      required: true,
      completes: 'file',
    },
  ],
  stopsItself: true,
  run: async ({ words: [pack = ''], flags, context }) => {
    const path = resolve(context.io.cwd(), pack);
    const stat = statSync(path, { throwIfNoEntry: false });
    const { expectVersion } = flags;
    const options = {
      nexoVersion: nexoVersion(),
      ...(expectVersion === undefined ? {} : { expectVersion }),
    };
    if (stat?.isDirectory()) {
      const { verifyFolder } = await import('../../../personas/author/verify-folder.ts');
      return toData(path, verifyFolder(path, options));
    }
    if (stat !== undefined) {
      const { verifyArchive } = await import('../../../personas/author/verify-archive.ts');
      return toData(path, await verifyArchive(path, { ...options, signal: context.io.signal }));
    }
    if (/^[\w.-]+\/[\w.-]+(@\S+)?$/.test(pack) && !pack.startsWith('.') && !pack.endsWith('.tar.gz'))
      return toData(pack, await verifyRelease(pack, context, { flags, options }));
    throw packError('PathNotFound', `${pack} is no folder, no file and no owner/repo.`, {
      hint: 'nexo persona verify DIR, FILE.tar.gz or OWNER/REPO[@TAG]',
      data: { path: pack },
    });
  },
  failed: ({ ok }) => !ok,
  render: (data, view) => renderChecks(data, view),
});

interface Verified {
  readonly ok: boolean;
  readonly id: string | null;
  readonly version: string | null;
  readonly subject: string;
  readonly checks: readonly PackCheck[];
}

function toData(subject: string, { id, version, checks }: VerifiedFolder): Verified {
  const isOk = checks.every(({ status }) => status !== 'fail');
  return { ok: isOk, id: id ?? null, version: version ?? null, subject, checks };
}

interface ReleaseRequest {
  readonly flags: {
    readonly target: string | undefined;
    readonly requireSignature: boolean;
    readonly skipSignatureVerify: boolean;
    readonly config: string | undefined;
  };
  readonly options: VerifyFolderOptions;
}

/** The installer's own steps, into a folder that is thrown away; nothing is remembered about it. */
async function verifyRelease(
  coords: string,
  context: CommandContext,
  { flags, options }: ReleaseRequest,
): Promise<VerifiedFolder> {
  const [{ parseCoordinates }, { installPack }, { PERSONA_CONTRACT }, { verifyFolder }] = await Promise.all([
    import('../../../personas/install/coordinates.ts'),
    import('../../../personas/install/install-pack.ts'),
    import('../../../personas/contracts/persona-contract.ts'),
    import('../../../personas/author/verify-folder.ts'),
  ]);
  const coordinates = parseCoordinates(coords);
  const scratch = mkdtempSync(join(tmpdir(), 'nexo-verify-'));
  const world = personaWorld(context, homePathsFor(context, flags.config));
  const steps: PackCheck[] = [];
  let step = '';
  try {
    const { requireSignature, skipSignatureVerify } = flags;
    const report = await installPack(
      PERSONA_CONTRACT,
      {
        coordinates,
        root: join(scratch, 'root'),
        target: targetFor(context, flags.target),
        trust: { requireSignature, skipSignatureVerify },
        acceptSigner: true,
        force: false,
        strict: false,
      },
      {
        ...world,
        places: {
          ...world.places,
          signersFile: join(scratch, 'signers.json'),
          auditFile: join(scratch, 'audit.jsonl'),
        },
        onStep: (name, detail) => {
          step = name;
          world.onStep(name, detail);
          if (RELEASE_STEPS.has(name)) steps.push({ name, status: 'ok', detail, fix: null });
        },
        onReport: () => {},
      },
    );
    const signature: PackCheck =
      report.signer === undefined
        ? {
            name: 'signature',
            status: 'warn',
            detail: report.warnings[0] ?? 'not checked',
            fix: 'See docs/personas.md for what each mode protects from.',
          }
        : { name: 'signature', status: 'ok', detail: `signed by ${report.signer.identity}`, fix: null };
    const folder = verifyFolder(report.folder, options);
    return {
      ...folder,
      checks: [
        ...steps.filter(({ name }) => name !== 'signature'),
        signature,
        ...folder.checks.filter(({ name }) => name !== 'as installed'),
      ],
    };
  } catch (error) {
    context.io.signal.throwIfAborted();
    if (!(error instanceof NexoError)) throw error;
    const fix = error.hint ?? null;
    const failed: PackCheck = {
      name: step === '' ? 'resolve' : step,
      status: 'fail',
      detail: `${packKindOf(error)}: ${error.message}`,
      fix,
    };
    return {
      id: undefined,
      version: undefined,
      checks: [...steps.filter(({ name }) => name !== failed.name), failed],
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Steps that tell a reader something. */
const RELEASE_STEPS: ReadonlySet<string> = new Set([
  'resolve',
  'choose',
  'download',
  'digest',
  'signature',
  'extract',
]);

function renderChecks({ ok, subject, id, version, checks }: Verified, view: View): string {
  const { ink, marks } = view;
  const width = Math.max(...checks.map(({ name }) => displayWidth(name)));
  const paint = {
    ok: ink.good(marks.done),
    warn: ink.warn(marks.warning),
    fail: ink.bad(marks.failure),
    skip: ink.dim(marks.ready),
  };
  const failed = checks.filter(({ status }) => status === 'fail').length;
  const warned = checks.filter(({ status }) => status === 'warn').length;
  const what = id === null ? subject : `${id} ${version ?? ''}`;
  return [
    ...checks.flatMap(({ name, status, detail, fix }) => [
      `${paint[status]} ${pad(name, width)}  ${detail}`,
      ...(fix === null || status === 'ok'
        ? []
        : [`  ${' '.repeat(width)}  ${ink.accent(marks.arrow)} ${fix}`]),
    ]),
    ok
      ? `${ink.good(marks.done)} ${ink.bold(what)} can be installed${warned === 0 ? '' : `, with ${count(warned, 'warning')}`}`
      : `${ink.bad(marks.failure)} ${ink.bold(what)} fails ${count(failed, 'check')}`,
  ].join('\n');
}
