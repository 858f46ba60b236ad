import {
  createRecord,
  decodeUtf8,
  type JsonDocument,
  JsonFault,
  type JsonRecord,
  parseDocument,
  renderDocument,
} from '../base/json-document.ts';
import { NexoError } from '../errors.ts';
import { HISTORY_FILE } from './state-files.ts';
import { CycleReadSchema } from './state-schemas.ts';

export interface MergeInput {
  readonly base: Buffer;
  readonly ours: Buffer;
  readonly theirs: Buffer;
}

/**
 * Merges two histories that grew apart: what both have comes first, then the cycles that each side added, in order of
 * closing. A plan that both sides numbered alike keeps its number on our side and gets the next free one on theirs.
 * Throws MERGE_CONFLICT when a side changed or dropped cycles that it shared, or is not a history.
 */
export function mergeHistory({ base, ours, theirs }: MergeInput): string {
  const ourSide = parseSide('our', ours);
  const theirSide = parseSide('their', theirs);
  const shared = base.length === 0 ? [] : parseSide('the common', base).records;
  const ourNew = addedTo(shared, ourSide.records, 'our');
  const theirNew = addedTo(shared, theirSide.records, 'their').filter(
    (record) => !ourNew.some((other) => isSameCycle(other, record)),
  );
  const records = [...shared, ...inOrderOfClosing(ourNew, renumbered(ourSide.records, theirNew))];
  const document: JsonDocument = {
    members: new Map([...theirSide.members, ...ourSide.members]),
    listKey: HISTORY_FILE.listKey,
    records,
  };
  return renderDocument(document);
}

function parseSide(side: string, bytes: Buffer): JsonDocument {
  try {
    return parseDocument(decodeUtf8(bytes), HISTORY_FILE.listKey);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw conflict(`${side} side ${error.message}`);
  }
}

/** The records after the shared ones; the history is append-only, so anything else is a conflict. */
function addedTo(shared: readonly JsonRecord[], side: readonly JsonRecord[], name: string): JsonRecord[] {
  const isIntact = shared.every((record, index) => {
    const other = side[index];
    return other !== undefined && isSameCycle(record, other);
  });
  if (!isIntact) throw conflict(`${name} side changed or dropped cycles that both had`);
  return side.slice(shared.length);
}

function isSameCycle(a: JsonRecord, b: JsonRecord): boolean {
  return a.text === b.text || JSON.stringify(a.value) === JSON.stringify(b.value);
}

/** Their new cycles, with plan ids that our side does not use. Cycles that share one plan id keep sharing it. */
function renumbered(taken: readonly JsonRecord[], records: readonly JsonRecord[]): JsonRecord[] {
  const used = new Set(taken.map(planIdOf).filter((id) => id !== undefined));
  const theirs = records.map(planIdOf).filter((id) => id !== undefined);
  let next = Math.max(0, ...used, ...theirs);
  const renamed = new Map<number, number>();
  return records.map((record) => {
    const id = planIdOf(record);
    if (id === undefined || !used.has(id)) return record;
    if (!renamed.has(id)) {
      next += 1;
      renamed.set(id, next);
    }
    return withPlanId(record, renamed.get(id) ?? next);
  });
}

function planIdOf({ value }: JsonRecord): number | undefined {
  const parsed = CycleReadSchema.safeParse(value);
  return parsed.success ? parsed.data.plan?.id : undefined;
}

function withPlanId({ value }: JsonRecord, id: number): JsonRecord {
  const cycle = CycleReadSchema.parse(value);
  return createRecord({ ...cycle, plan: { ...cycle.plan, id } }, HISTORY_FILE.listKey);
}

/** Both sequences keep their own order; between them the earlier closing comes first. */
function inOrderOfClosing(ours: readonly JsonRecord[], theirs: readonly JsonRecord[]): JsonRecord[] {
  const merged: JsonRecord[] = [];
  let taken = 0;
  for (const record of ours) {
    for (
      let other = theirs[taken];
      other !== undefined && closedAt(other) < closedAt(record);
      other = theirs[taken]
    ) {
      merged.push(other);
      taken += 1;
    }
    merged.push(record);
  }
  return [...merged, ...theirs.slice(taken)];
}

function closedAt({ value }: JsonRecord): string {
  const parsed = CycleReadSchema.safeParse(value);
  return (parsed.success ? parsed.data.completed_at : undefined) ?? '';
}

function conflict(reason: string): NexoError {
  return new NexoError('MERGE_CONFLICT', `The histories cannot be merged: ${reason}.`, {
    hint: 'Put the cycles of both sides into .nexus/history.json by hand, then `git add` it.',
    data: { reason },
  });
}
