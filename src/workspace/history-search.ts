import * as z from 'zod';

import type { FileIdentity } from '../base/durable-file.ts';
import { identifyFile, isSameIdentity } from '../base/durable-file.ts';
import {
  type JsonDocument,
  JsonFault,
  type JsonRecord,
  readFollowingRecords,
} from '../base/json-document.ts';
import { NexoError } from '../errors.ts';
import { settleBeforeReading } from './change.ts';
import { findMatches, type SearchEntry } from './history-haystack.ts';
import { parseState, readStateBytes, salvageState, statePath } from './state-files.ts';
import { HISTORY_FILE } from './state-kinds.ts';
import { type CycleRead, CycleReadSchema } from './state-schemas.ts';
import type { Workspace } from './workspace.ts';

export const HistorySearchInput = z.strictObject({
  query: z.string().optional(),
  last_n: z.number().optional().describe('Default 10'),
});

export interface CycleSummary {
  readonly completed_at: string;
  readonly branch: string;
  readonly topic?: string;
  readonly decisions?: readonly { readonly title: string; readonly decision: string }[];
  readonly task_count: number;
}

/** The searched form of one version of the history, so that an unchanged file is not read and a grown one not parsed. */
interface SearchCache {
  readonly identity: FileIdentity;
  /** Bytes from the file's start to the end of its last cycle; undefined when the file could not be read whole. */
  readonly prefix: Buffer | undefined;
  readonly entries: readonly SearchEntry[];
  /** Why these are not all cycles. */
  readonly problem?: NexoError;
}

const CACHE_KEY = 'history-search';
const DEFAULT_LAST_N = 10;

/** Cycles whose JSON text holds the query, in any case; the newest `last_n` of them, newest first. */
export async function searchHistory(
  workspace: Workspace,
  { query = '', last_n = DEFAULT_LAST_N }: z.infer<typeof HistorySearchInput>,
): Promise<{ total: number; showing: number; cycles: CycleSummary[] }> {
  await settleBeforeReading(workspace);
  const { entries } = loadSearch(workspace);
  const wanted = query.toLowerCase();
  const matches = wanted === '' ? entries : findMatches(entries, wanted);
  const count = Math.min(matches.length, Math.max(0, Math.trunc(last_n)));
  const cycles = matches
    .slice(matches.length - count)
    .reverse()
    .map(({ text }) => summariseCycle(JSON.parse(text)));
  return { total: matches.length, showing: cycles.length, cycles };
}

/** Why a search finds less than is there; costs one look at an unchanged file. */
export function historySearchProblem(workspace: Workspace): NexoError | undefined {
  return loadSearch(workspace).problem;
}

export function summariseCycle(value: unknown): CycleSummary {
  const cycle: CycleRead = CycleReadSchema.parse(value);
  const decided = (cycle.plan?.issues ?? []).filter(({ status }) => status === 'decided');
  return {
    completed_at: cycle.completed_at ?? '',
    branch: cycle.branch ?? 'unknown',
    ...(cycle.plan
      ? {
          topic: cycle.plan.topic ?? '',
          decisions: decided.map(({ title, decision }) => ({
            title: toText(title),
            decision: toText(decision),
          })),
        }
      : {}),
    task_count: cycle.tasks?.length ?? 0,
  };
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function loadSearch(workspace: Workspace): Pick<SearchCache, 'entries' | 'problem'> {
  const path = statePath(workspace, HISTORY_FILE);
  const cached = workspace.cache.get(CACHE_KEY) as SearchCache | undefined;
  if (cached !== undefined && isSameIdentity(identifyFile(workspace.fs, path), cached.identity))
    return cached;
  workspace.cache.delete(CACHE_KEY);
  let file: ReturnType<typeof readStateBytes>;
  try {
    file = readStateBytes(workspace, HISTORY_FILE);
  } catch (error) {
    // A link or a folder in its place: there is no history to search.
    if (error instanceof NexoError) return { entries: [], problem: error };
    throw error;
  }
  if (file === undefined) return { entries: [] };
  const fresh = extendCache(cached, file) ?? buildCache(file);
  workspace.cache.set(CACHE_KEY, fresh);
  return fresh;
}

/** When the file is the cached one with cycles added, parses only those. */
function extendCache(
  cached: SearchCache | undefined,
  { bytes, identity }: { bytes: Buffer; identity: FileIdentity },
): SearchCache | undefined {
  const prefix = cached?.prefix;
  if (cached === undefined || prefix === undefined || cached.entries.length === 0) return undefined;
  if (bytes.length < prefix.length || bytes.compare(prefix, 0, prefix.length, 0, prefix.length) !== 0)
    return undefined;
  try {
    const { records, tail } = readFollowingRecords(bytes.toString('utf8', prefix.length));
    const entries = [...cached.entries, ...records.map(toEntry)];
    return { identity, prefix: bytes.subarray(0, bytes.length - Buffer.byteLength(tail.text)), entries };
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

function buildCache({ bytes, identity }: { bytes: Buffer; identity: FileIdentity }): SearchCache {
  try {
    const { document } = parseState(HISTORY_FILE, bytes);
    return { identity, prefix: prefixOf(bytes, document), entries: document.records.map(toEntry) };
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    const { records } = salvageState(HISTORY_FILE, bytes.toString('utf8'));
    return { identity, prefix: undefined, entries: records.map(toEntry), problem: error };
  }
}

/** The bytes up to the end of the last cycle, when the list is the file's last member and so easily found again. */
function prefixOf(bytes: Buffer, { members, listKey, records }: JsonDocument): Buffer | undefined {
  const last = records.at(-1);
  if (last === undefined || [...members.keys()].at(-1) !== listKey) return undefined;
  const text = bytes.toString('utf8');
  const end = text.lastIndexOf(last.text) + last.text.length;
  return bytes.subarray(0, bytes.length - Buffer.byteLength(text.slice(end)));
}

function toEntry({ value }: JsonRecord): SearchEntry {
  const text = JSON.stringify(value);
  return { text, lower: text.toLowerCase() };
}
