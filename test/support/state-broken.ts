import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One way in which a state file can be broken. */
export interface Breakage {
  readonly name: string;
  /** Puts the broken thing where a valid file with this text stood. */
  readonly apply: (path: string, valid: string) => void;
}

const content = (name: string, make: (valid: string) => string | Buffer): Breakage => ({
  name,
  apply: (path, valid) => writeFileSync(path, make(valid)),
});

const place = (name: string, make: (path: string, valid: string) => void): Breakage => ({
  name,
  apply: (path, valid) => {
    rmSync(path);
    make(path, valid);
  },
});

/** Cut somewhere in the middle: always before the closing bracket. */
const truncated = [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95].map((part) =>
  content(`cut off at ${part * 100} %`, (valid) => valid.slice(0, Math.floor(valid.trimEnd().length * part))),
);

/** Damage that any state file can have, whatever it holds. */
export const BREAKAGES: readonly Breakage[] = [
  content('zero bytes', () => ''),
  content('white space only', () => ' \n\t\n'),
  content('as many NUL bytes as it had characters', (valid) => '\0'.repeat(valid.length)),
  ...truncated,
  content('one bracket short', (valid) => valid.trimEnd().slice(0, -1)),
  content('something behind its end', (valid) => `${valid}]`),
  content('twice in one file', (valid) => valid + valid),
  content('merge conflict markers', (valid) => {
    const [first, ...lines] = valid.split('\n');
    return [first, '<<<<<<< HEAD', ...lines, '=======', ...lines, '>>>>>>> branch', ''].join('\n');
  }),
  content('a comment', (valid) => `// state\n${valid}`),
  content('single quotes', (valid) => valid.replaceAll('"', "'")),
  content('a number as root', () => '42\n'),
  content('null as root', () => 'null\n'),
  content('text as root', () => '"state"\n'),
  content('a byte order mark', (valid) => `\ufeff${valid}`),
  content('UTF-16', (valid) => Buffer.from(valid, 'utf16le')),
  content('a byte that is not UTF-8', (valid) =>
    Buffer.concat([Buffer.from(valid.slice(0, -2)), Buffer.from([0xc3, 0x28]), Buffer.from('}')]),
  ),
  content('NaN as an id', (valid) => valid.replace(/"(id|completed_at|started_at)": [^,\n]+/, '"$1": NaN')),
  content('brackets twenty thousand deep', () => '['.repeat(20_000) + ']'.repeat(20_000)),
  content('objects twenty thousand deep', (valid) =>
    valid.replace(/\n/, `\n"deep": ${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)},`),
  ),
  place('a folder', (path) => mkdirSync(path)),
  place('a folder with files', (path) => {
    mkdirSync(path);
    writeFileSync(join(path, 'file'), 'x');
  }),
  place('a pipe', (path) => execFileSync('mkfifo', [path])),
  place('a link to a valid file outside', (path, valid) => {
    const outside = join(dirname(path), '..', '..', '..', `outside-${process.pid}-${Math.random()}.json`);
    writeFileSync(outside, valid);
    symlinkSync(outside, path);
  }),
  place('a link to nothing', (path) => symlinkSync('nowhere', path)),
  place('a link to itself', (path) => symlinkSync(path, path)),
  place('a link to an endless device', (path) => symlinkSync('/dev/zero', path)),
];

/** A device itself; only the administrator can make one. */
export const DEVICE: Breakage = place('a device', (path) => execFileSync('mknod', [path, 'c', '1', '5']));

/** More than is read into memory; it takes no room on the disk. */
export const TOO_LARGE: Breakage = place('a file too large to read', (path) => {
  writeFileSync(path, '');
  truncateSync(path, 600 * 1024 * 1024);
});
