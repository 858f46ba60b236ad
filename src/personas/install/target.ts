import { packError } from '../pack-error.ts';

/** The machine, as far as it decides which archive fits. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** Whether the C library is musl. */
  readonly musl: boolean;
}

/** What fits no machine, so that only packs for every machine match. */
const UNKNOWN_TARGET = 'unknown-target';
/** For packs that run anywhere. */
export const NOARCH = 'noarch';

/**
 * The target whose archive is looked for: the flag, else `NEXO_INSTALL_TARGET`, else this machine. Throws USAGE for one
 * that cannot be part of a file name.
 */
export function resolveTarget(
  flag: string | undefined,
  configured: string | undefined,
  machine: () => Machine,
): string {
  const chosen = flag ?? (configured === undefined || configured === '' ? undefined : configured);
  if (chosen === undefined) return targetOf(machine());
  if (/^[A-Za-z0-9_.-]{1,64}$/.test(chosen)) return chosen;
  const source = flag === undefined ? 'NEXO_INSTALL_TARGET' : '--target';
  throw packError('Usage', `${source} is ${JSON.stringify(chosen.slice(0, 80))}, which is no target.`, {
    hint: 'A target is a word such as x86_64-unknown-linux-gnu or noarch.',
  });
}

/** The targets whose archives run here, the best first. */
export function acceptableTargets(target: string): string[] {
  const musl = target.endsWith('-gnu') ? [target.replace(/-gnu$/, '-musl')] : [];
  return [...new Set([target, ...musl, NOARCH])];
}

export function targetOf({ platform, arch, musl }: Machine): string {
  switch (`${platform} ${arch}`) {
    case 'linux x64':
      return `x86_64-unknown-linux-${musl ? 'musl' : 'gnu'}`;
    case 'linux arm64':
      return `aarch64-unknown-linux-${musl ? 'musl' : 'gnu'}`;
    case 'linux arm':
      return 'armv7-unknown-linux-gnueabihf';
    case 'darwin x64':
      return 'x86_64-apple-darwin';
    case 'darwin arm64':
      return 'aarch64-apple-darwin';
    case 'win32 x64':
      return 'x86_64-pc-windows-msvc';
    case 'win32 arm64':
      return 'aarch64-pc-windows-msvc';
    case 'android arm64':
      return 'aarch64-linux-android';
    default:
      return UNKNOWN_TARGET;
  }
}

/** This machine. Node's report names the version of glibc, and none where there is another library. */
export function thisMachine(): Machine {
  const { platform, arch } = process;
  return { platform, arch, musl: platform === 'linux' && !hasGlibc() };
}

function hasGlibc(): boolean {
  // The report would look up the names of all network peers, which can take seconds.
  Object.assign(process.report, { excludeNetwork: true });
  const report: unknown = process.report.getReport();
  if (typeof report !== 'object' || report === null || !('header' in report)) return true;
  const { header } = report;
  return typeof header === 'object' && header !== null && 'glibcVersionRuntime' in header;
}
