import { join } from 'node:path';

import { NexoError } from '../errors.ts';
import { headlineOf, noteFiles, readNote } from './knowledge.ts';
import { type MemoryCategory, parseNoteName } from './memory-names.ts';
import { readMemoryAccess } from './memory-report.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** A note in `.nexus/memory/`, and what is known of its use. */
export interface MemoryNote {
  /** File name, `flaky-tests.md`. */
  readonly name: string;
  /** Path from the project root. */
  readonly path: string;
  readonly category: MemoryCategory | null;
  readonly headline: string;
  /** From a first line `<!-- tags: a, b -->`. */
  readonly tags: readonly string[];
  readonly bytes: number;
  readonly modified: string;
  /** Content reads that were seen, in all harnesses. */
  readonly reads: number;
  readonly last_read: string | null;
  readonly last_reader: string | null;
}

/** Bytes that are read of each note for its tags and its first line. */
const HEAD_BYTES = 2048;

/** Every note directly in `.nexus/memory/`, by name. Links and folders are passed over. */
export function listMemoryNotes(workspace: Workspace): MemoryNote[] {
  const access = new Map(readMemoryAccess(workspace).map((record) => [record.path, record]));
  return noteFiles(workspace, 'memory')
    .sort()
    .flatMap((name) => {
      const note = readNote(notePath(workspace, name), HEAD_BYTES);
      if (note === undefined) return [];
      const path = `.nexus/memory/${name}`;
      const record = access.get(path);
      return [
        {
          name,
          path,
          category: parseNoteName(name).category ?? null,
          headline: headlineOf(note.text),
          tags: tagsOf(note.text),
          bytes: note.bytes,
          modified: new Date(note.modifiedMs).toISOString(),
          reads: record?.access_count ?? 0,
          last_read: record?.last_accessed_ts ?? null,
          last_reader: record?.last_agent ?? null,
        },
      ];
    });
}

/** Absolute path of a note. */
export function notePath(workspace: Workspace, name: string): string {
  return join(workspacePaths.nexus(workspace.root), 'memory', name);
}

/** The note that a person means: its file name, with or without the ending, or a path to it. Throws INPUT_INVALID. */
export function findNote(notes: readonly MemoryNote[], word: string): MemoryNote {
  const name = toNoteName(word);
  const found = notes.find((note) => note.name === name);
  if (found !== undefined) return found;
  throw new NexoError('INPUT_INVALID', `There is no note ${name} in .nexus/memory/.`, {
    hint: 'nexo memory list shows the notes.',
  });
}

/** `flaky-tests`, `flaky-tests.md` and `.nexus/memory/flaky-tests.md` name the same note. */
export function toNoteName(word: string): string {
  const name = word.split(/[\\/]/).at(-1) ?? word;
  return name.includes('.') ? name : `${name}.md`;
}

function tagsOf(text: string): string[] {
  const list = /^<!--\s*tags:([^\n]*?)-->/.exec(text)?.[1] ?? '';
  return list
    .split(',')
    .map((tag) => tag.trim().toLowerCase())
    .filter((tag) => tag !== '');
}
