import { listMemoryNotes } from './memory.ts';
import { checkNoteName, type MemoryFinding } from './memory-names.ts';
import { findMergeablePairs } from './memory-similar.ts';
import type { Workspace } from './workspace.ts';

/** Bytes from where on a note is no longer one lesson; agents read notes whole. */
export const MAX_NOTE_BYTES = 16 * 1024;

/** What is wrong with the notes: names, sizes, and pairs that say the same; of one file only, if it is named. */
export function checkMemory(workspace: Workspace, only?: string): MemoryFinding[] {
  const notes = listMemoryNotes(workspace);
  const names = only === undefined ? notes.map(({ name }) => name) : [only];
  const findings = names.flatMap(checkNoteName);
  for (const { name, bytes } of notes) {
    if (bytes <= MAX_NOTE_BYTES || !names.includes(name)) continue;
    findings.push({
      rule: 'size',
      level: 'warning',
      file: name,
      message: `The note has ${bytes} bytes, more than ${MAX_NOTE_BYTES}.`,
      fix: 'Shorten it, or move what describes the project to .nexus/context/.',
    });
  }
  for (const { note, into } of findMergeablePairs(notes)) {
    if (!names.includes(note.name) && !names.includes(into.name)) continue;
    findings.push({
      rule: 'similar',
      level: 'warning',
      file: note.name,
      message: `It seems to be about the same as ${into.name}: ${into.matches.map(({ word }) => word).join(', ')}.`,
      fix: `Merge the two, then nexo memory gc --apply ${note.name}`,
    });
  }
  return findings;
}
