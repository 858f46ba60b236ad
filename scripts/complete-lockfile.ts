/**
 * Puts the platform packages that npm left out back into package-lock.json: `node scripts/complete-lockfile.ts`, or
 * with a folder for one that has a lockfile of its own.
 *
 * npm drops optional packages of other platforms when a folder was installed before, or when the registry in use does
 * not carry them, and `npm ci` then refuses the lockfile. An entry without a digest is enough: it is only installed
 * where its platform matches, and a package that is not needed is never fetched.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

interface LockEntry {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lockfile {
  packages: Record<string, LockEntry>;
}

const folder = resolve(import.meta.dirname, '..', process.argv[2] ?? '.');
const path = join(folder, 'package-lock.json');
const lockfile = JSON.parse(readFileSync(path, 'utf8')) as Lockfile;
const missing = missingOptional(lockfile);
for (const { name, version } of missing) {
  lockfile.packages[`node_modules/${name}`] = {
    version,
    dev: true,
    optional: true,
    ...platformOf(name),
  } as LockEntry;
}
const { '': root, ...rest } = lockfile.packages;
if (root !== undefined) {
  const sorted = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  lockfile.packages = { '': root, ...Object.fromEntries(sorted) };
}
writeFileSync(path, `${JSON.stringify(lockfile, null, 2)}\n`);
process.stdout.write(`${missing.length} packages added\n`);

/** Optional packages with an exact version that no entry stands for. */
export function missingOptional({ packages }: Lockfile): { name: string; version: string }[] {
  const missing = new Map<string, string>();
  for (const [place, entry] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (/^\d/.test(version) && !isLocked(packages, place, name)) missing.set(name, version);
    }
  }
  return [...missing].map(([name, version]) => ({ name, version }));
}

/** Looks where Node would: beside the package that asks, then further out. */
function isLocked(packages: Lockfile['packages'], place: string, name: string): boolean {
  for (let base = place; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    const candidate = base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`;
    if (candidate in packages) return true;
    if (base === '') return false;
  }
}

/** Packages for one platform say so in their names. */
function platformOf(name: string): { os?: string[]; cpu?: string[]; libc?: string[] } {
  const os = /darwin|win32|linux|android|freebsd|openbsd|netbsd|sunos|aix|openharmony/.exec(name)?.[0];
  const cpu = /(arm64|x64|ia32|riscv64|ppc64|s390x|loong64|mips64el|wasm32|arm)(?![a-z0-9])/.exec(name)?.[0];
  const libc = name.includes('musl') ? 'musl' : os === 'linux' && /-gnu/.test(name) ? 'glibc' : undefined;
  return {
    ...(os === undefined ? (/-win(dows)?-/.test(name) ? { os: ['win32'] } : {}) : { os: [os] }),
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(libc === undefined ? {} : { libc: [libc] }),
  };
}
