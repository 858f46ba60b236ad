import { isUsableId } from '../base/ids.ts';
import {
  changeObject,
  decodeUtf8,
  type JsonDocument,
  JsonFault,
  type JsonRecord,
  parseDocument,
  readObject,
  renderDocument,
} from '../base/json-document.ts';
import { NexoError } from '../errors.ts';
import { HISTORY_FILE } from './state-kinds.ts';
import { CycleReadSchema } from './state-schemas.ts';

export interface MergeInput {
  readonly base: Buffer;
  readonly ours: Buffer;
  readonly theirs: Buffer;
}

/**
 * Merges two histories that grew apart: everything that one of them holds, each cycle once, in order of closing. A plan
 * that both sides numbered alike keeps its number on our side and gets the next free one on theirs; such a cycle is
 * known again in later merges of the same branches, where it stands at another place and under another number.
 * Throws MERGE_CONFLICT when a side changed or dropped cycles that both had, or is not a history.
 */
export function mergeHistory({ base, ours, theirs }: MergeInput): string {
  const ourSide = parseSide('our', ours);
  const theirSide = parseSide('their', theirs);
  const baseSide = base.length === 0 ? EMPTY_HISTORY : parseSide('the common', base);
  assertKept(baseSide.records, ourSide.records, 'our');
  assertKept(baseSide.records, theirSide.records, 'their');
  const { added, numbers } = addedBy(theirSide.records, ourSide.records);
  const theirNew = renumber(added, ourSide.records, numbers);
  const shared = commonStart(ourSide.records, theirSide.records);
  const ourRest = ourSide.records.slice(shared);
  const document: JsonDocument = {
    members: mergeMembers(baseSide.members, ourSide.members, theirSide.members),
    listKey: HISTORY_FILE.listKey,
    records: [...ourSide.records.slice(0, shared), ...inOrderOfClosing(ourRest, theirNew)],
  };
  return renderDocument(document);
}

const EMPTY_HISTORY: JsonDocument = { members: new Map(), listKey: HISTORY_FILE.listKey, records: [] };

function parseSide(side: string, bytes: Buffer): JsonDocument {
  try {
    return parseDocument(decodeUtf8(bytes), HISTORY_FILE.listKey, HISTORY_FILE.maxDepth);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw conflict(`${side} side ${error.message}`);
  }
}

/** What a cycle is known by: all of it but the plan's number, which an earlier merge may have changed. */
function keyOf({ value }: JsonRecord): string {
  const cycle = CycleReadSchema.safeParse(value);
  // Without its moment there may be nothing but the number to tell it from another.
  if (!cycle.success || !cycle.data.completed_at || !cycle.data.plan?.id) return JSON.stringify(value);
  const { plan, ...rest } = value as { plan: object };
  return JSON.stringify({ ...rest, plan: { ...plan, id: 0 } });
}

/** Takes one cycle with this key out of the bag. */
function take(bag: Map<string, JsonRecord[]>, key: string): JsonRecord | undefined {
  return bag.get(key)?.shift();
}

function toBag(records: readonly JsonRecord[]): Map<string, JsonRecord[]> {
  return Map.groupBy(records, keyOf);
}

/** The history is append-only: a side without a cycle that both had was edited, and nobody can say what is right. */
function assertKept(shared: readonly JsonRecord[], side: readonly JsonRecord[], name: string): void {
  const bag = toBag(side);
  if (shared.some((record) => take(bag, keyOf(record)) === undefined)) {
    throw conflict(`${name} side changed or dropped cycles that both had`);
  }
}

/** Their cycles that our side has not, and which number a plan of theirs has on our side where both have it. */
function addedBy(
  theirs: readonly JsonRecord[],
  ours: readonly JsonRecord[],
): { added: JsonRecord[]; numbers: Map<number, number> } {
  const bag = toBag(ours);
  const numbers = new Map<number, number>();
  const added = theirs.filter((record) => {
    const same = take(bag, keyOf(record));
    if (same === undefined) return true;
    const [theirId, ourId] = [planIdOf(record), planIdOf(same)];
    if (theirId !== undefined && ourId !== undefined) numbers.set(theirId, ourId);
    return false;
  });
  return { added, numbers };
}

/** Their new cycles, with plan ids that our side does not use. Cycles that share one plan id keep sharing it. */
function renumber(
  records: readonly JsonRecord[],
  taken: readonly JsonRecord[],
  numbers: ReadonlyMap<number, number>,
): JsonRecord[] {
  const used = new Set(taken.map(planIdOf).filter((id) => id !== undefined));
  const theirs = records.map(planIdOf).filter((id) => id !== undefined);
  let highest = [...used, ...theirs].filter(isUsableId).reduce((a, b) => Math.max(a, b), 0);
  const renamed = new Map(numbers);
  return records.map((record) => {
    const id = planIdOf(record);
    if (id === undefined || !used.has(id)) return record;
    const known = renamed.get(id);
    if (known === undefined) highest += 1;
    const next = known ?? highest;
    renamed.set(id, next);
    return next === id ? record : withPlanId(record, next);
  });
}

function planIdOf({ value }: JsonRecord): number | undefined {
  const parsed = CycleReadSchema.safeParse(value);
  return parsed.success ? parsed.data.plan?.id : undefined;
}

/** The cycle with another number for its plan; all the rest keeps its text. */
function withPlanId({ text }: JsonRecord, id: number): JsonRecord {
  try {
    const plan = changeObject(readObject(text).get('plan') ?? '{}', [['id', String(id)]], '      ');
    const changed = changeObject(text, [['plan', plan]], '    ');
    return { text: changed, value: JSON.parse(changed) };
  } catch (error) {
    if (error instanceof JsonFault) throw conflict(`a cycle of their side ${error.message}`);
    throw error;
  }
}

/** Number of cycles at the start that both sides have alike; those stay where they are. */
function commonStart(ours: readonly JsonRecord[], theirs: readonly JsonRecord[]): number {
  const end = ours.findIndex((record, index) => {
    const other = theirs[index];
    return other === undefined || keyOf(other) !== keyOf(record);
  });
  return end === -1 ? ours.length : end;
}

/** Both sequences keep their own order; between them the earlier closing comes first. */
function inOrderOfClosing(ours: readonly JsonRecord[], theirs: readonly JsonRecord[]): JsonRecord[] {
  const merged: JsonRecord[] = [];
  const [ourTimes, theirTimes] = [closingTimes(ours), closingTimes(theirs)];
  let taken = 0;
  for (const [index, record] of ours.entries()) {
    const time = ourTimes[index] ?? Infinity;
    const start = taken;
    while (taken < theirs.length && (theirTimes[taken] ?? Infinity) < time) taken += 1;
    merged.push(...theirs.slice(start, taken), record);
  }
  return [...merged, ...theirs.slice(taken)];
}

/** When each cycle was closed; one that does not say counts as closed together with the one before it. */
function closingTimes(records: readonly JsonRecord[]): number[] {
  let last = -Infinity;
  return records.map(({ value }) => {
    const parsed = CycleReadSchema.safeParse(value);
    const time = Date.parse((parsed.success ? parsed.data.completed_at : undefined) ?? '');
    if (!Number.isNaN(time)) last = time;
    return last;
  });
}

/** The members beside the list: what only one side changed is taken from there. */
function mergeMembers(
  base: ReadonlyMap<string, string>,
  ours: ReadonlyMap<string, string>,
  theirs: ReadonlyMap<string, string>,
): Map<string, string> {
  const merged = new Map<string, string>();
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const text = mergeMember(key, base.get(key), ours.get(key), theirs.get(key));
    if (text !== undefined) merged.set(key, text);
  }
  return merged;
}

function mergeMember(
  key: string,
  base: string | undefined,
  ours: string | undefined,
  theirs: string | undefined,
): string | undefined {
  if (key === HISTORY_FILE.listKey || isSameJson(ours, theirs) || isSameJson(theirs, base)) return ours;
  if (isSameJson(ours, base)) return theirs;
  throw conflict(`both sides changed "${key}"`);
}

function isSameJson(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b));
}

function conflict(reason: string): NexoError {
  return new NexoError('MERGE_CONFLICT', `The histories cannot be merged: ${reason}.`, {
    hint: 'Put the cycles of both sides into .nexus/history.json by hand, then `git add` it.',
    data: { reason },
  });
}
