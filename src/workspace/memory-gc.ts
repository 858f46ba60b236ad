import { NexoError } from '../errors.ts';
import { findNote, listMemoryNotes } from './memory.ts';
import { dropMemoryAccess } from './memory-access.ts';
import { checkForgettable, forgetNote } from './memory-forget.ts';
import {
  type GcThresholds,
  type JudgedNote,
  judgeNote,
  KEEP_TAG,
  type MemoryUse,
  readMemoryUse,
} from './memory-signals.ts';
import type { Workspace } from './workspace.ts';

export interface CollectOptions {
  /** `list` only judges; `apply` deletes the named notes; `auto` deletes the candidates. */
  readonly mode: 'list' | 'apply' | 'auto';
  /** Names of notes; without any, `list` shows the candidates. */
  readonly words: readonly string[];
  readonly dryRun: boolean;
  readonly thresholds: GcThresholds;
  /** Stops between two notes, never in the middle of one. */
  readonly signal?: AbortSignal;
}

export interface CollectResult {
  readonly mode: CollectOptions['mode'];
  readonly dry_run: boolean;
  readonly thresholds: GcThresholds;
  readonly tracking: { readonly since: string | null; readonly problem: string | null };
  readonly notes: readonly JudgedNote[];
  /** Null for the commit and the way back in a dry run. */
  readonly forgotten: readonly {
    readonly name: string;
    readonly commit: string | null;
    readonly restore: string | null;
  }[];
  readonly refused: readonly {
    readonly name: string;
    readonly code: string;
    readonly message: string;
    readonly hint: string | null;
  }[];
}

/**
 * Judges the notes and, when told to, deletes some: each in a commit of its own; one that cannot be deleted safely is
 * refused and the others go on. Throws INPUT_INVALID for a name that is no note; then nothing was deleted.
 */
export async function collectMemory(workspace: Workspace, options: CollectOptions): Promise<CollectResult> {
  const { mode, words, dryRun, thresholds } = options;
  const notes = listMemoryNotes(workspace);
  const named = [...new Set(words.map((word) => findNote(notes, word)))];
  const use = readMemoryUse(workspace, notes);
  const judged = notes.map((note) => judgeNote(note, use, thresholds));
  const chosen =
    named.length > 0
      ? judged.filter(({ note }) => named.includes(note))
      : judged.filter(({ candidate }) => candidate);
  const problem = trackingProblem(use);
  const forgotten: CollectResult['forgotten'][number][] = [];
  const refused: CollectResult['refused'][number][] = [];
  for (const each of mode === 'list' ? [] : chosen) {
    const { name } = each.note;
    if (options.signal?.aborted === true) {
      throw new NexoError('INTERRUPTED', `Stopped after ${forgotten.length} of ${chosen.length} notes.`, {
        hint: 'git log shows which are deleted; start again for the others.',
      });
    }
    try {
      assertMayGo(each, mode === 'auto' ? problem : undefined);
      if (dryRun) {
        await checkForgettable(workspace, each.note);
        forgotten.push({ name, commit: null, restore: null });
      } else {
        const reasons = each.signals.map((signal) => signal.says);
        const by = mode === 'auto' ? 'deleted automatically' : 'deleted by name';
        forgotten.push(await forgetNote(workspace, each.note, [by, ...reasons]));
        await dropMemoryAccess(workspace, each.note.path);
      }
    } catch (error) {
      if (!(error instanceof NexoError)) throw error;
      refused.push({ name, code: error.code, message: error.message, hint: error.hint ?? null });
    }
  }
  const since = use.trackedSince === undefined ? null : new Date(use.trackedSince).toISOString();
  return {
    mode,
    dry_run: dryRun,
    thresholds,
    tracking: { since, problem: problem ?? null },
    notes: chosen,
    forgotten,
    refused,
  };
}

function assertMayGo({ note, kept }: JudgedNote, problem: string | undefined): void {
  if (kept)
    throw new NexoError('INPUT_INVALID', `${note.name} stays: it has the tag "${KEEP_TAG}".`, {
      hint: 'Take the tag out of its first line and commit that, if it may go.',
    });
  if (problem !== undefined)
    throw new NexoError('INPUT_INVALID', `${note.name} stays: ${problem}`, {
      hint: `Delete it by name: nexo memory gc --apply ${note.name}`,
    });
}

/** Why the reads that were seen are not all there were. */
function trackingProblem({ trackedSince, blindHarnesses }: MemoryUse): string | undefined {
  if (trackedSince === undefined)
    return 'No harness here reports which notes agents read, so nothing is a candidate.';
  if (blindHarnesses.length === 0) return undefined;
  return `These harnesses do not report which notes agents read: ${blindHarnesses.join(', ')}.`;
}
