import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';

import {
  AgentTrackerSchema,
  HistoryFileSchema,
  MemoryAccessSchema,
  PlanFileSchema,
  TasksFileSchema,
} from '../workspace/state-schemas.ts';

/** State files of a project by path, as they stand. */
export type StateSnapshot = ReadonlyMap<string, string>;

export interface InvalidFile {
  readonly path: string;
  readonly reason: string;
}

interface StateFileKind {
  readonly pattern: RegExp;
  readonly schema: z.ZodType;
  readonly isJsonLines?: true;
}

const KINDS: readonly StateFileKind[] = [
  { pattern: /^\.nexus\/state\/plan\.json$/, schema: PlanFileSchema },
  { pattern: /^\.nexus\/state\/tasks\.json$/, schema: TasksFileSchema },
  { pattern: /^\.nexus\/history\.json$/, schema: HistoryFileSchema },
  { pattern: /^\.nexus\/state\/[^/]+\/agent-tracker\.json$/, schema: AgentTrackerSchema },
  {
    pattern: /^\.nexus\/state\/[^/]+\/memory-access\.jsonl$/,
    schema: z.array(MemoryAccessSchema),
    isJsonLines: true,
  },
];

/** Reads every state file that has a schema. */
export function takeSnapshot(root: string): StateSnapshot {
  const snapshot = new Map<string, string>();
  for (const path of listStateFiles(root)) {
    const target = join(root, path);
    if (existsSync(target) && statSync(target).isFile()) snapshot.set(path, readFileSync(target, 'utf8'));
  }
  return snapshot;
}

/**
 * Files that changed between two snapshots and break their schema. What the case itself started from is forgiven:
 * a record of an older release may be carried along as it is, but nothing new may be wrong.
 */
export function findInvalidFiles(before: StateSnapshot, after: StateSnapshot): InvalidFile[] {
  const seeded = [...before].flatMap(([path, text]) => collectObjects(parseState(path, text)));
  return [...after].flatMap(([path, text]) => {
    if (before.get(path) === text) return [];
    const kind = kindOf(path);
    const value = parseState(path, text);
    if (kind === undefined) return [];
    if (value === undefined) return [{ path, reason: 'it is not JSON' }];
    const issues = kind.schema.safeParse(value).error?.issues ?? [];
    return issues
      .flatMap(flattenIssue)
      .filter(
        (issue) =>
          !isSeeded(issue, { root: value, seeded, seededRoot: parseState(path, before.get(path) ?? '') }),
      )
      .slice(0, 3)
      .map((issue) => ({ path, reason: `${toPathText(issue.path)}: ${issue.message}` }));
  });
}

function kindOf(path: string): StateFileKind | undefined {
  return KINDS.find(({ pattern }) => pattern.test(path));
}

function listStateFiles(root: string): string[] {
  const state = join(root, '.nexus', 'state');
  const names = existsSync(state) ? readdirSync(state, { withFileTypes: true }) : [];
  const own = names
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => [
      `.nexus/state/${name}/agent-tracker.json`,
      `.nexus/state/${name}/memory-access.jsonl`,
    ]);
  return ['.nexus/history.json', '.nexus/state/plan.json', '.nexus/state/tasks.json', ...own];
}

function parseState(path: string, text: string): unknown {
  try {
    if (kindOf(path)?.isJsonLines !== true) return JSON.parse(text);
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line): unknown => JSON.parse(line));
  } catch {
    return undefined;
  }
}

type Issue = z.core.$ZodIssue;

/** The faults inside a union, such as a cycle's plan: those of the branch that an object was meant for. */
function flattenIssue(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const [first = []] = issue.errors.filter((branch) => branch.some(({ path }) => path.length > 0));
  if (first.length === 0) return [issue];
  return first.flatMap((inner) => flattenIssue({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** Members that tell one record from another. */
const IDENTITIES = ['id', 'completed_at', 'agent_id', 'path'] as const;

interface Origin {
  readonly root: unknown;
  readonly seeded: readonly object[];
  /** The same file before the case. */
  readonly seededRoot: unknown;
}

/** Whether the faulty member was already so in an object that the case started from. */
function isSeeded(issue: Issue, { root, seeded, seededRoot }: Origin): boolean {
  const isUnknownKey = issue.code === 'unrecognized_keys';
  const parent = follow(root, isUnknownKey ? issue.path : issue.path.slice(0, -1));
  const keys: readonly PropertyKey[] = isUnknownKey ? issue.keys : issue.path.slice(-1);
  if (typeof parent !== 'object' || parent === null) return false;
  const origins = parent === root ? [seededRoot] : seeded.filter((object) => isSameRecord(object, parent));
  return keys.every((key) =>
    origins.some(
      (origin) =>
        typeof origin === 'object' &&
        origin !== null &&
        isDeepStrictEqual(Reflect.get(origin, key), Reflect.get(parent, key)),
    ),
  );
}

/** Whether two objects are versions of one record; one without an identity is only itself. */
function isSameRecord(a: object, b: object): boolean {
  const shared = IDENTITIES.filter((key) => key in a || key in b);
  if (shared.length === 0) return isDeepStrictEqual(a, b);
  return shared.every((key) => Reflect.get(a, key) === Reflect.get(b, key));
}

function follow(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
    root,
  );
}

function collectObjects(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(collectObjects)];
}

function toPathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => `${text}${typeof key === 'number' ? `[${key}]` : `.${String(key)}`}`,
    '$',
  );
}
