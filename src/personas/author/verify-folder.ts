import { reportCapabilities } from '../capability-report.ts';
import { readMetadata } from '../installed/metadata.ts';
import { tamperedWith } from '../installed/tampering.ts';
import { isLeftOut } from '../left-out.ts';
import { parseRequirement } from '../requirement.ts';
import { type PackProblem, validatePack } from '../validate-pack.ts';

/** One check of a pack, explained. */
export interface PackCheck {
  /** What was checked, in a few words. */
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail' | 'skip';
  /** What was found. */
  readonly detail: string;
  /** What to do about it; null when there is nothing to do. */
  readonly fix: string | null;
}

export interface VerifyFolderOptions {
  readonly nexoVersion: string;
  readonly expectVersion?: string;
  readonly expectId?: string;
  /** True for what was unpacked: then nothing in it is left out. */
  readonly unpacked?: boolean;
}

export interface VerifiedFolder {
  readonly id: string | undefined;
  readonly version: string | undefined;
  readonly checks: readonly PackCheck[];
}

/** Checks the folder of a pack: under development, unpacked or installed. Never throws for what is in it. */
export function verifyFolder(dir: string, options: VerifyFolderOptions): VerifiedFolder {
  const { expectVersion, expectId, unpacked = false } = options;
  const installed = unpacked ? undefined : readMetadata(dir);
  const skip = unpacked || installed !== undefined ? {} : { skip: isLeftOut };
  const expect = {
    ...(expectVersion === undefined ? {} : { version: expectVersion }),
    ...(expectId === undefined ? {} : { id: expectId }),
  };
  const { manifest, entries, problems } = validatePack(dir, { expect, ...skip });
  const files = entries.filter(({ kind }) => kind === 'file').length;
  const checks: PackCheck[] = [];
  for (const { name, kinds, good } of GROUPS) {
    const found = problems.filter(({ kind }) => kinds.includes(kind));
    if (found.length > 0) checks.push(...found.map((problem) => toCheck(name, problem)));
    // Nothing to compare with.
    else if (name === 'identity' && expectVersion === undefined && expectId === undefined) continue;
    else if (manifest !== undefined || name === 'files')
      checks.push(ok(name, good({ files, version: manifest?.version ?? '', id: manifest?.id ?? '' })));
    else checks.push({ name, status: 'skip', detail: 'the manifest cannot be read', fix: null });
  }
  if (installed !== undefined) {
    const changed = tamperedWith(dir);
    checks.push(
      changed === undefined
        ? ok('as installed', `every file is as it was verified, from ${installed.owner}/${installed.repo}`)
        : { name: 'as installed', status: 'fail', detail: changed, fix: 'Install it again with --force.' },
    );
  }
  if (manifest === undefined) return { id: undefined, version: undefined, checks };
  const requirement = parseRequirement(manifest.minNexoVersion);
  const allows = requirement.ok && requirement.requirement.allows(options.nexoVersion);
  checks.push(
    allows
      ? ok('this Nexo', `${options.nexoVersion} fulfils ${manifest.minNexoVersion}`)
      : {
          name: 'this Nexo',
          status: 'warn',
          detail: `${options.nexoVersion} does not fulfil ${manifest.minNexoVersion}, so the pack is not used here`,
          fix: 'Upgrade Nexo, or lower min_nexo_version.',
        },
  );
  const report = reportCapabilities(dir, manifest, skip);
  checks.push(
    ...report.findings.map(
      ({ file, line, message }): PackCheck => ({
        name: 'texts',
        status: 'warn',
        detail: `${file}:${line} ${message}`,
        fix: 'Write the line anew.',
      }),
    ),
    ...(report.findings.length === 0 ? [ok('texts', 'no hidden characters and nothing like a secret')] : []),
    ...report.agents.flatMap(({ id, privileges }) =>
      privileges.map(
        ({ key, message }): PackCheck => ({
          name: 'privileges',
          status: 'warn',
          detail: `the agent ${id} ${message} (${key})`,
          fix: 'Operators see this before they install; leave it out where the agent can do without.',
        }),
      ),
    ),
    ok(
      'agents',
      report.agents.length === 0 ? 'it brings none' : report.agents.map(({ id }) => id).join(', '),
    ),
  );
  return { id: manifest.id, version: manifest.version, checks };
}

export function ok(name: string, detail: string): PackCheck {
  return { name, status: 'ok', detail, fix: null };
}

interface Facts {
  readonly files: number;
  readonly id: string;
  readonly version: string;
}

/** Which problem belongs to which check, in the order of the report. */
const GROUPS: readonly {
  readonly name: string;
  readonly kinds: readonly PackProblem['kind'][];
  readonly good: (facts: Facts) => string;
}[] = [
  {
    name: 'manifest',
    kinds: [
      'ParseToml',
      'MissingManifestVersion',
      'UnsupportedManifestVersion',
      'InvalidId',
      'InvalidVersion',
      'InvalidMinNexoVersion',
      'EmptyRequiredField',
      'AbsolutePath',
      'ParentTraversal',
      'InvalidEnvVarName',
      'EmptyEnvVarDescription',
      'ManifestInvalid',
    ],
    good: ({ id, version }) => `persona.toml is that of ${id} ${version}, every key and value by the rules`,
  },
  {
    name: 'identity',
    kinds: ['ManifestMismatch', 'ManifestVersionMismatch'],
    good: () => 'id and version are the expected ones',
  },
  {
    name: 'contributions',
    kinds: ['ContributedPathMissing', 'ContributedFileInvalid'],
    good: () => 'every file that it names is there and can be read',
  },
  {
    name: 'files',
    kinds: [
      'DisallowedEntryType',
      'NameCollision',
      'UnsafePath',
      'TooManyEntries',
      'EntryTooLarge',
      'ExtractedTooLarge',
    ],
    good: ({ files }) => `${files} plain files within the limits, names that every system can store`,
  },
];

function toCheck(name: string, { level, path, line, message, fix }: PackProblem): PackCheck {
  return { name, status: level === 'error' ? 'fail' : 'warn', detail: `${path}:${line} ${message}`, fix };
}
