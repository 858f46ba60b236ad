import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { NexoError } from '../errors.ts';
import { loadLastCycles } from './history.ts';
import { listKnowledge, readNote } from './knowledge.ts';
import type { MemoryNote } from './memory.ts';
import { MEMORY_ACCESS_LOG } from './memory-access.ts';
import { readMemoryAccess } from './memory-report.ts';
import { listNamespaces } from './namespaces.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** What has to come together before a note may be forgotten; each says nothing alone. */
export interface GcThresholds {
  /** Days without a read or a change. */
  readonly idleDays: number;
  /** Cycles closed since the last read or change. */
  readonly idleCycles: number;
  /** Reads ever, at most. */
  readonly maxReads: number;
}

export const DEFAULT_THRESHOLDS: GcThresholds = { idleDays: 90, idleCycles: 5, maxReads: 1 };

/** Never fewer: a single sign, or two, are no reason to delete what somebody found worth keeping. */
export const MIN_SIGNALS = 3;

/** A note with this tag is never a candidate. */
export const KEEP_TAG = 'keep';

export type SignalName = 'idle-days' | 'idle-cycles' | 'few-reads' | 'unreferenced';

export interface Signal {
  readonly name: SignalName;
  readonly says: string;
}

export interface JudgedNote {
  readonly note: MemoryNote;
  readonly signals: readonly Signal[];
  readonly kept: boolean;
  readonly candidate: boolean;
}

/** What is known about the use of a project's memory as a whole. */
export interface MemoryUse {
  readonly now: number;
  /** Since when reads are seen, epoch ms; undefined when no harness here reports reads. */
  readonly trackedSince: number | undefined;
  /** Harnesses that run agents here and do not report what they read. */
  readonly blindHarnesses: readonly string[];
  /** When cycles were closed, epoch ms; undefined when the history cannot be read. */
  readonly closedAt: readonly number[] | undefined;
  /** Names of notes that another note, a context page or a rule mentions. */
  readonly referenced: ReadonlySet<string>;
}

/** Bytes that are read of each page to find mentions. */
const MAX_PAGE_BYTES = 256 * 1024;

/** Gathers what the signals need. Reads only. */
export function readMemoryUse(workspace: Workspace, notes: readonly MemoryNote[]): MemoryUse {
  const namespaces = listNamespaces(workspace).map((id) => ({
    id,
    folder: workspacePaths.harness(workspace.root, id),
  }));
  const seeing = namespaces.filter(({ folder }) => existsSync(join(folder, MEMORY_ACCESS_LOG)));
  const blind = namespaces.filter(
    (each) => !seeing.includes(each) && existsSync(join(each.folder, 'agent-tracker.json')),
  );
  const reads = readMemoryAccess(workspace).map(({ last_accessed_ts }) => Date.parse(last_accessed_ts));
  const since = [...reads, ...seeing.map(({ folder }) => statSync(folder).birthtimeMs)].filter(
    (time) => time > 0,
  );
  return {
    now: workspace.clock.now(),
    trackedSince: seeing.length === 0 ? undefined : Math.min(workspace.clock.now(), ...since),
    blindHarnesses: blind.map(({ id }) => id),
    closedAt: readClosingTimes(workspace),
    referenced: findReferenced(workspace, notes),
  };
}

/** The signals of one note. Decides on plain data only. */
export function judgeNote(note: MemoryNote, use: MemoryUse, thresholds: GcThresholds): JudgedNote {
  const { now, trackedSince, closedAt, referenced } = use;
  const kept = note.tags.includes(KEEP_TAG);
  const signals: Signal[] = [];
  if (!referenced.has(note.name))
    signals.push({ name: 'unreferenced', says: 'no other note, context page or rule mentions it' });
  // A read that nobody could have seen is no proof of disuse: without tracking nothing is known of reads, and with it
  // the count starts when reads began to be seen.
  if (trackedSince === undefined) return { note, signals, kept, candidate: false };
  const read = note.last_read === null ? undefined : Date.parse(note.last_read);
  const touched = Math.max(Date.parse(note.modified), read ?? trackedSince);
  const days = Math.floor((now - touched) / 86_400_000);
  const cycles = closedAt?.filter((time) => time > touched).length ?? 0;
  const since = read === undefined ? 'no read seen and no change' : 'neither read nor changed';
  if (days >= thresholds.idleDays) signals.push({ name: 'idle-days', says: `${since} for ${days} days` });
  if (closedAt !== undefined && cycles >= thresholds.idleCycles)
    signals.push({ name: 'idle-cycles', says: `${cycles} cycles closed since then` });
  if (note.reads <= thresholds.maxReads)
    signals.push({
      name: 'few-reads',
      says: `read ${note.reads === 1 ? 'once' : `${note.reads} times`} in all`,
    });
  return { note, signals, kept, candidate: !kept && signals.length >= MIN_SIGNALS };
}

function readClosingTimes(workspace: Workspace): number[] | undefined {
  try {
    return loadLastCycles(workspace, Number.POSITIVE_INFINITY)
      .map(({ completed_at }) => Date.parse(completed_at ?? ''))
      .filter((time) => !Number.isNaN(time));
  } catch (error) {
    // A damaged history gives no signal; `nexo repair` is who mends it.
    if (error instanceof NexoError) return undefined;
    throw error;
  }
}

function findReferenced(workspace: Workspace, notes: readonly MemoryNote[]): Set<string> {
  const pages = listKnowledge(workspace).map(({ path }) => ({
    path,
    text: readNote(join(workspace.root, path), MAX_PAGE_BYTES)?.text ?? '',
  }));
  const isMentioned = ({ name, path }: MemoryNote): boolean =>
    pages.some((page) => page.path !== path && page.text.includes(name.replace(/\.md$/, '')));
  return new Set(notes.filter(isMentioned).map(({ name }) => name));
}
