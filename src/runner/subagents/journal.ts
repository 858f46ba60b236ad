import { closeSync, fsyncSync, openSync } from 'node:fs';
import { join } from 'node:path';

import { isoTime } from '../../base/clock.ts';
import { ensureFolder } from '../../base/folder.ts';
import { appendJsonl, readJsonl } from '../../base/jsonl.ts';
import type { ProcessIdentity } from '../../base/process-identity.ts';
import { type Workspace, workspacePaths } from '../../workspace/workspace.ts';
import type { EndedStep, StepKind, StepResult } from './plan-task.ts';

/**
 * What happens in the executions of a project, one line a moment, written before anything is acted upon. No text of
 * anybody is in it. A task is named by its number and the moment it was made, so that the numbers of the next cycle do
 * not stand for those of this one.
 */
export type Entry =
  /** An execution begins; those before it are over, and what was blocked may be tried again. */
  | { readonly t: 'begin'; readonly at: string; readonly by: ProcessIdentity; readonly fresh: boolean }
  /** The task is ours from here on. */
  | { readonly t: 'begun'; readonly at: string; readonly task: number; readonly key: string }
  | StepEntry
  /** The backend has named the conversation. */
  | {
      readonly t: 'session';
      readonly at: string;
      readonly run: string;
      readonly session: string;
      readonly backend: string;
      readonly resumed: boolean;
    }
  | EndEntry
  /** The execution has come to its end, and was not merely stopped. */
  | { readonly t: 'end'; readonly at: string };

export interface StepEntry {
  readonly t: 'step';
  readonly at: string;
  readonly task: number;
  readonly key: string;
  readonly run: string;
  readonly kind: StepKind;
  readonly role: string;
  readonly about: number;
}

interface EndEntry {
  readonly t: 'ended';
  readonly at: string;
  readonly run: string;
  readonly result: StepResult;
  readonly cancelled: boolean;
  readonly files: readonly string[];
}

/** What is said of an entry where it is written; the moment is added. */
export type NewEntry = Entry extends infer E ? (E extends Entry ? Omit<E, 'at'> : never) : never;

export interface Journal {
  readonly path: string;
  read(): readonly Entry[];
  /** Returns once it is on the disk. */
  write(entry: NewEntry): void;
}

export const JOURNAL_FILE = 'execution.jsonl';

export function openJournal(workspace: Workspace): Journal {
  const folder = workspacePaths.own(workspace.root);
  const path = join(folder, JOURNAL_FILE);
  return {
    path,
    // Our own lines, whole or torn; those that are torn are passed over.
    read: () => readJsonl(workspace.fs, path).values.filter(isEntry),
    write: (entry) => {
      ensureFolder(workspace.fs, folder);
      appendJsonl(workspace.fs, path, { ...entry, at: isoTime(workspace.clock) });
      const descriptor = openSync(path, 'r');
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

/** A run of the journal, from its first line to its last. */
export interface JournalRun extends StepEntry {
  readonly session: string | undefined;
  readonly backend: string;
  readonly end: EndEntry | undefined;
  /** Its place among all runs; later ones have higher numbers. */
  readonly order: number;
  /** How often its conversation had been gone on with by then. */
  readonly resumes: number;
  /** It belongs to the execution that goes on. */
  readonly isCurrent: boolean;
}

export function runsOf(entries: readonly Entry[]): JournalRun[] {
  const runs = new Map<string, JournalRun>();
  const uses = new Map<string, number>();
  for (const [order, entry] of entries.entries()) {
    if (entry.t === 'begin' && entry.fresh)
      for (const [id, run] of runs) runs.set(id, { ...run, isCurrent: false });
    if (entry.t === 'step')
      runs.set(entry.run, {
        ...entry,
        order,
        session: undefined,
        backend: '',
        end: undefined,
        resumes: 0,
        isCurrent: true,
      });
    const run = entry.t === 'session' || entry.t === 'ended' ? runs.get(entry.run) : undefined;
    if (run === undefined) continue;
    if (entry.t === 'session') {
      const resumes = (uses.get(entry.session) ?? -1) + 1;
      uses.set(entry.session, resumes);
      runs.set(entry.run, { ...run, session: entry.session, backend: entry.backend, resumes });
    } else if (entry.t === 'ended') runs.set(entry.run, { ...run, end: entry, order });
  }
  return [...runs.values()];
}

/** Whether the last execution was stopped or killed before its end. */
export function isUnfinished(entries: readonly Entry[]): boolean {
  const last = entries.findLast(({ t }) => t === 'begin' || t === 'end');
  return last?.t === 'begin';
}

/** The steps that have ended, by task, of the execution that goes on. */
export function pastOf(
  runs: readonly JournalRun[],
  keys: ReadonlyMap<number, string>,
): Map<number, EndedStep[]> {
  const past = new Map<number, EndedStep[]>();
  const ended = runs.filter(
    ({ isCurrent, end, key, task }) => isCurrent && end !== undefined && keys.get(task) === key,
  );
  for (const { task, kind, role, about, end } of ended.sort((a, b) => a.order - b.order)) {
    if (end === undefined) continue;
    const { result, cancelled, files } = end;
    past.set(task, [...(past.get(task) ?? []), { kind, role, about, result, cancelled, files }]);
  }
  return past;
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null || !('t' in value)) return false;
  const entry = value as Record<string, unknown>;
  const hasTexts = (...names: string[]): boolean => names.every((name) => typeof entry[name] === 'string');
  switch (entry.t) {
    case 'begin':
    case 'end':
      return true;
    case 'begun':
      return hasTexts('key') && Number.isFinite(entry.task);
    case 'step':
      return (
        hasTexts('run', 'key', 'kind', 'role') && Number.isFinite(entry.task) && Number.isFinite(entry.about)
      );
    case 'session':
      return hasTexts('run', 'session', 'backend');
    case 'ended':
      return hasTexts('run', 'result') && Array.isArray(entry.files);
    default:
      return false;
  }
}
