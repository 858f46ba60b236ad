import { basename, delimiter, extname } from 'node:path';

import { findProgram, isProgram } from '../../base/find-program.ts';

/** What runs a script. TypeScript is of the node family: Node strips the types. */
export const RUNTIMES = ['python', 'shell', 'node', 'php'] as const;
export type Runtime = (typeof RUNTIMES)[number];

const ALIASES: Readonly<Record<string, Runtime>> = {
  python: 'python',
  python3: 'python',
  py: 'python',
  shell: 'shell',
  bash: 'shell',
  sh: 'shell',
  zsh: 'shell',
  shellscript: 'shell',
  node: 'node',
  nodejs: 'node',
  javascript: 'node',
  typescript: 'node',
  php: 'php',
};

const EXTENSIONS: Readonly<Record<string, Runtime>> = {
  '.py': 'python',
  '.sh': 'shell',
  '.js': 'node',
  '.mjs': 'node',
  '.cjs': 'node',
  '.ts': 'node',
  '.mts': 'node',
  '.cts': 'node',
  '.php': 'php',
};

/** The runtime that a word in `runtime=` names, in any of its usual spellings; undefined for any other word. */
export function toRuntime(word: string | undefined): Runtime | undefined {
  const key = (word ?? '').trim().toLowerCase();
  return Object.hasOwn(ALIASES, key) ? ALIASES[key] : undefined;
}

export interface RuntimeHints {
  /** The value of `runtime=` in the header. */
  readonly declared: string | undefined;
  readonly firstLine: string;
  readonly path: string;
}

/** What is to run a script: what its header says, else its `#!` line, else its extension. */
export function detectRuntime({ declared, firstLine, path }: RuntimeHints): Runtime | 'unknown' {
  return toRuntime(declared) ?? ofShebang(firstLine) ?? EXTENSIONS[extname(path).toLowerCase()] ?? 'unknown';
}

export function isTypeScript(path: string): boolean {
  return /\.[mc]?ts$/i.test(path);
}

/** The program behind `#!`, without its folder and without `env`; undefined when the line is none. */
export function shebangProgram(firstLine: string): string | undefined {
  const line = firstLine.replace(/^\ufeff/, '');
  if (!line.startsWith('#!')) return undefined;
  const [program = '', ...rest] = line.slice(2).trim().split(/\s+/);
  if (basename(program) !== 'env') return basename(program);
  return basename(rest.find((word) => !word.startsWith('-') && !word.includes('=')) ?? '');
}

function ofShebang(firstLine: string): Runtime | undefined {
  const program = shebangProgram(firstLine);
  if (program === undefined) return undefined;
  if (program.startsWith('python') || program.startsWith('pypy')) return 'python';
  if (/^(?:ba|da|k|mk|z|a)?sh$/.test(program)) return 'shell';
  if (/^(?:node|nodejs|tsx|ts-node)$/.test(program)) return 'node';
  return program.startsWith('php') ? 'php' : undefined;
}

/** Where programs are when `PATH` does not say: timers start with a short one. */
const USUAL_FOLDERS = ['/opt/homebrew/bin', '/usr/local/bin', '/usr/bin', '/bin'];

/** A program and its arguments, the script among them; more may follow. */
export interface ScriptCommand {
  /** Absolute. */
  readonly file: string;
  readonly args: readonly string[];
}

export interface InterpreterPlace {
  /** `PATH`. */
  readonly searchPath: string | undefined;
  /** The Node that runs us: recent enough, and certainly there. */
  readonly node: string;
  /** Its version, `process.versions.node`. */
  readonly nodeVersion: string;
}

interface ScriptFile {
  readonly runtime: Runtime | 'unknown';
  readonly path: string;
  readonly firstLine: string;
}

/**
 * How a script is run, by absolute paths. One whose runtime we do not know runs as itself, if it may be run. Undefined
 * when its interpreter is not there; `interpreterName` says which one was looked for.
 */
export function commandFor(script: ScriptFile, place: InterpreterPlace): ScriptCommand | undefined {
  const { runtime, path } = script;
  if (runtime === 'unknown') return isProgram(path) ? { file: path, args: [] } : undefined;
  if (runtime === 'node') return { file: place.node, args: [...nodeFlags(path, place.nodeVersion), path] };
  for (const name of candidates(script)) {
    const file = findProgram(name, place.searchPath) ?? findProgram(name, USUAL_FOLDERS.join(delimiter));
    if (file !== undefined) return { file, args: [path] };
  }
  return undefined;
}

/** The program that a runtime needs, as a person would install it. */
export function interpreterName(runtime: Runtime): string {
  return { python: 'python3', shell: 'bash', node: 'node', php: 'php' }[runtime];
}

function candidates({ runtime, firstLine }: ScriptFile): string[] {
  if (runtime === 'python') return ['python3', 'python'];
  // bash reads what sh, dash and ash read; zsh and ksh are languages of their own.
  const shell = shebangProgram(firstLine);
  if (runtime === 'shell') return shell === 'zsh' || shell === 'ksh' ? [shell] : ['bash', 'sh'];
  return runtime === 'php' ? ['php'] : [];
}

function nodeFlags(path: string, version: string): string[] {
  // Modules without a package.json beside them are what personal scripts are; Node would say so at each start.
  const flags = ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'];
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const strips = major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
  if (isTypeScript(path)) {
    if (!strips) flags.push('--experimental-strip-types');
    flags.push('--disable-warning=ExperimentalWarning');
  }
  return flags;
}
