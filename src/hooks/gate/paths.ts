import { posix } from 'node:path';

import type { GateWorld, ToolCall } from './contract.ts';
import { ANY_CHARACTER, ENVIRONMENT, hasMark, LISTED, STAR, TEXT, WILD } from './marks.ts';

/** Links followed on the way to one target before it counts as a loop. */
const MAX_LINKS = 40;

/** Longest target looked at; a longer one is no path that a system accepts. */
const MAX_PATH = 4096;
const MAX_SEGMENTS = 300;

/** Targets that are no files: output thrown away or handed to another stream. */
const STREAMS: ReadonlySet<string> = new Set([
  '/dev/null',
  '/dev/stdout',
  '/dev/stderr',
  '/dev/tty',
  '/dev/zero',
]);

export function isStream(path: string): boolean {
  return STREAMS.has(path) || /^\/dev\/(?:fd\/\d{1,3}|tcp\/|udp\/)/.test(path);
}

export type PathVerdict =
  | { readonly kind: 'inside' }
  | { readonly kind: 'outside' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'state'; readonly what: string }
  | { readonly kind: 'gate'; readonly what: string };

/** `depth` folders below the root of the project. */
type Protection = Extract<PathVerdict, { what: string }> & { readonly depth: number };

export interface Place {
  readonly call: Pick<ToolCall, 'workspaceRoot' | 'home' | 'gateFiles'>;
  readonly world: GateWorld;
}

/**
 * Where a write to `path` would end, after links and `..`, on the real parent directory. Of several starting
 * directories the worst counts. `recursive` writes also reach what lies below.
 */
export function judgePath(
  path: string,
  from: readonly string[] | undefined,
  recursive: boolean,
  place: Place,
): PathVerdict {
  if (path.length > MAX_PATH || path.includes('\0') || path.split('/').length > MAX_SEGMENTS)
    return { kind: 'unknown' };
  const spelled = path.replaceAll('\\', '/').replace(/^file:\/\//, '');
  const expanded = expandHome(/^[A-Za-z]:\//.test(path) ? path : spelled, place.call.home);
  if (expanded === undefined) return { kind: 'outside' };
  if (/^[A-Za-z]:\//.test(expanded)) return { kind: 'outside' };
  const first = expanded[0] ?? '';
  if (first === WILD || first === TEXT || first === ENVIRONMENT) return { kind: 'unknown' };
  if (expanded.startsWith('/')) return judgeAbsolute(expanded, recursive, place);
  if (from === undefined) {
    const climbs = expanded.split('/').includes('..');
    const named = namedProtection(expanded.split('/'));
    return named ?? { kind: climbs ? 'unknown' : 'inside' };
  }
  let worst: PathVerdict = { kind: 'inside' };
  for (const directory of from) {
    const verdict = judgeAbsolute(`${directory}/${expanded}`, recursive, place);
    if (verdict.kind !== 'inside') worst = verdict;
  }
  return worst;
}

function expandHome(path: string, home: string): string | undefined {
  if (path === '~' || path.startsWith('~/')) return home + path.slice(1);
  // Another user's home, or a directory stack entry.
  if (path.startsWith('~') && path.includes('/')) return undefined;
  return path;
}

function judgeAbsolute(path: string, recursive: boolean, place: Place): PathVerdict {
  const { call, world } = place;
  const root = resolveReal(call.workspaceRoot, world) ?? call.workspaceRoot;
  const home = resolveReal(call.home, world) ?? call.home;
  const lexical = posix.normalize(path);
  if (isStream(lexical)) return { kind: 'inside' };
  const real = resolveReal(path, world);
  if (real === undefined) return { kind: 'unknown' };
  let verdict: PathVerdict = { kind: 'inside' };
  // The link itself is changed by rm and mv, what it points to by a redirection: both have to be fine.
  for (const target of new Set([real.target, real.entry])) {
    const each = judgeResolved(target, recursive, {
      root: rootText(root),
      home: rootText(home),
      call,
      world,
    });
    if (each.kind !== 'inside') verdict = each;
  }
  return verdict;
}

interface Resolved {
  /** With a link in the last place followed. */
  readonly target: string;
  /** With it left as it is. */
  readonly entry: string;
}

function rootText(root: Resolved | string): string {
  return typeof root === 'string' ? root : root.target;
}

interface Bounds {
  readonly root: string;
  readonly home: string;
  readonly call: Place['call'];
  readonly world: GateWorld;
}

function judgeResolved(target: string, recursive: boolean, bounds: Bounds): PathVerdict {
  for (const file of bounds.call.gateFiles ?? []) {
    const real = resolveReal(file, bounds.world);
    for (const each of new Set([file, real?.target ?? file])) {
      if (covers(fold(each), fold(target)) || (recursive && covers(fold(target), fold(each)))) {
        return { kind: 'gate', what: file };
      }
    }
  }
  const fromHome = relative(bounds.home, target);
  if (fromHome !== undefined) {
    const kept = matchList(fromHome, HOME_GATE, recursive);
    if (kept !== undefined) return { kind: 'gate', what: `~/${kept}` };
  }
  const inside = relative(bounds.root, target);
  if (inside === undefined) return { kind: 'outside' };
  const named = namedProtection(inside);
  if (named !== undefined && (!hasMark(target) || isThere(named, inside, bounds.world, bounds.root)))
    return named;
  if (recursive) return protectionBelow(target, inside, bounds);
  return { kind: 'inside' };
}

/** Files of the home directory that configure a harness or Nexo. */
const HOME_GATE: readonly string[] = [
  '.claude',
  '.claude.json',
  '.codex',
  '.config/opencode',
  '.opencode',
  '.agents',
  '.nexo',
];

/** Files of a project that configure a harness, wherever in the tree they are: harnesses read nested ones too. */
const PROJECT_GATE: readonly string[] = [
  '.claude',
  '.codex',
  '.opencode',
  '.agents',
  '.claude-plugin',
  '.codex-plugin',
  '.mcp.json',
  'opencode.json',
  'opencode.jsonc',
  '.nexus/catalog',
];

/** The shared state; artifacts are written through their tool. */
const STATE: readonly string[] = [
  '.nexus/state',
  '.nexus/history.json',
  '.nexus/memory-access.jsonl',
  '.nexus/.gitignore',
];

/** Whether some part of the relative path is one of the protected names. */
function namedProtection(segments: readonly string[]): Protection | undefined {
  for (let index = 0; index < segments.length; index += 1) {
    const rest = segments.slice(index);
    const state = matchList(rest, STATE, false);
    if (state !== undefined) return { kind: 'state', what: state, depth: index };
    const gate = matchList(rest, PROJECT_GATE, false);
    if (gate !== undefined) return { kind: 'gate', what: gate, depth: index };
  }
  return undefined;
}

/** A pattern only reaches what exists; below a folder that is itself a pattern nothing is looked up. */
function isThere(named: Protection, inside: readonly string[], world: GateWorld, root: string): boolean {
  const before = inside.slice(0, named.depth);
  if (before.some(hasMark)) return false;
  return world.kindOf([root, ...before, named.what].join('/')) !== 'missing';
}

/** Whether a protected file of the project's root lies below what is taken away. */
function protectionBelow(target: string, inside: readonly string[], bounds: Bounds): PathVerdict {
  const protectedNames = [
    ...STATE.map((name) => ['state', name] as const),
    ...PROJECT_GATE.map((name) => ['gate', name] as const),
  ];
  for (const [kind, name] of protectedNames) {
    const parts = name.split('/');
    if (
      inside.length >= parts.length ||
      !inside.every((segment, index) => matches(segment, parts[index] ?? ''))
    )
      continue;
    const at = inside.some((segment) => /[\ufdd0-\ufdd5]/.test(segment)) ? bounds.root : target;
    const below = at === target ? parts.slice(inside.length) : parts;
    if (bounds.world.kindOf([at, ...below].join('/')) !== 'missing') return { kind, what: name };
  }
  return { kind: 'inside' };
}

function matchList(
  segments: readonly string[],
  names: readonly string[],
  recursive: boolean,
): string | undefined {
  return names.find((name) => {
    const parts = name.split('/');
    const shared = Math.min(parts.length, segments.length);
    if (segments.length < parts.length && !recursive) return false;
    return parts.slice(0, shared).every((part, index) => matches(segments[index] ?? '', part));
  });
}

/** Matches a segment, which may hold pattern marks, against a name. Dots at the start need a dot, as in the shell. */
function matches(segment: string, name: string): boolean {
  const pattern = fold(segment);
  if (name.startsWith('.') && (pattern.startsWith(STAR) || pattern.startsWith(ANY_CHARACTER))) return false;
  if (pattern === LISTED) return false;
  return wildcard(pattern, name);
}

function wildcard(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let index = 0;
  while (index < name.length) {
    const sign = pattern[at];
    if (sign !== undefined && (sign === name[index] || sign === ANY_CHARACTER)) {
      at += 1;
      index += 1;
    } else if (sign !== undefined && /[\ufdd0-\ufdd4]/.test(sign)) {
      star = at;
      resume = index;
      at += 1;
    } else if (star !== -1) {
      at = star + 1;
      resume += 1;
      index = resume;
    } else return false;
  }
  while (at < pattern.length && /[\ufdd0-\ufdd4]/.test(pattern[at] ?? '')) at += 1;
  return at === pattern.length;
}

/** macOS and Windows know files without regard to case; names are compared that way everywhere. */
function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

function covers(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

function relative(folder: string, path: string): string[] | undefined {
  if (!covers(folder, path)) return undefined;
  return path
    .slice(folder.length)
    .split('/')
    .filter((segment) => segment !== '');
}

/** Follows the path part by part, as the kernel does: `..` counts from where a link has led. Undefined for a loop. */
export function resolveReal(path: string, world: GateWorld): Resolved | undefined {
  const waiting = path
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .reverse();
  let links = 0;
  let current: string[] = [];
  let entry: string | undefined;
  while (waiting.length > 0) {
    const segment = waiting.pop() ?? '';
    if (segment === '.' || segment === '') continue;
    if (segment === '..') {
      current.pop();
      continue;
    }
    const here = `/${[...current, segment].join('/')}`;
    const marked = /[\ufdd0-\ufdd5]/.test(segment);
    if (!marked && world.kindOf(here) === 'link') {
      links += 1;
      const text = world.readLink(here);
      if (links > MAX_LINKS || text === undefined) return undefined;
      if (waiting.length === 0 && entry === undefined) entry = here;
      if (text.startsWith('/')) current = [];
      waiting.push(
        ...text
          .split('/')
          .filter((part) => part !== '' && part !== '.')
          .reverse(),
      );
    } else current.push(segment);
  }
  const target = `/${current.join('/')}`;
  return { target, entry: entry ?? target };
}
