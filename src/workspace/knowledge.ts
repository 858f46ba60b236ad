import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

import { assertInside } from '../base/safe-path.ts';
import { NexoError, systemErrorCode } from '../errors.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** A note that agents may want to read: path from the project root, and what its first line says. */
export interface KnowledgeEntry {
  readonly path: string;
  readonly headline: string;
  readonly modifiedMs: number;
}

export const KNOWLEDGE_FOLDERS = ['memory', 'context', 'rules'] as const;

/** Bytes that are read of each note to find its first line. */
const HEAD_BYTES = 512;
/** Longest headline, in characters. */
const MAX_HEADLINE = 80;
/** Most notes of one folder that are looked at. */
const MAX_NOTES = 2000;

/** The Markdown notes directly in `memory/`, `context/` and `rules/`, newest first. Links are passed over. */
export function listKnowledge(workspace: Workspace): KnowledgeEntry[] {
  return KNOWLEDGE_FOLDERS.flatMap((folder) => listFolder(workspace, folder)).sort(
    (a, b) => b.modifiedMs - a.modifiedMs || a.path.localeCompare(b.path, 'en'),
  );
}

/** A note's text up to `maxBytes`, or undefined when there is no such regular file. */
export function readNote(
  path: string,
  maxBytes: number,
): { text: string; bytes: number; modifiedMs: number } | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (systemErrorCode(error) !== undefined) return undefined;
    throw error;
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return undefined;
    const bytes = Buffer.alloc(Math.min(maxBytes, stat.size));
    const length = readSync(descriptor, bytes, 0, bytes.length, 0);
    return { text: bytes.toString('utf8', 0, length), bytes: stat.size, modifiedMs: stat.mtimeMs };
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Names of the Markdown files in a folder of `.nexus/`; none when there is no such folder, or when it leads out of the
 * project: what lies there is nobody's business here.
 */
export function noteFiles(workspace: Workspace, folder: (typeof KNOWLEDGE_FOLDERS)[number]): string[] {
  const path = join(workspacePaths.nexus(workspace.root), folder);
  try {
    assertInside(workspace.root, path);
    return readdirSync(path).filter((name) => name.endsWith('.md'));
  } catch (error) {
    if (error instanceof NexoError || systemErrorCode(error) !== undefined) return [];
    throw error;
  }
}

function listFolder(workspace: Workspace, folder: (typeof KNOWLEDGE_FOLDERS)[number]): KnowledgeEntry[] {
  const path = join(workspacePaths.nexus(workspace.root), folder);
  return noteFiles(workspace, folder)
    .slice(0, MAX_NOTES)
    .flatMap((name) => {
      const note = readNote(join(path, name), HEAD_BYTES);
      if (note === undefined) return [];
      return [
        { path: `.nexus/${folder}/${name}`, headline: headlineOf(note.text), modifiedMs: note.modifiedMs },
      ];
    });
}

/** The first line that says something: no comment, no heading marks. */
export function headlineOf(text: string): string {
  const line = text.split('\n').find((each) => each.trim() !== '' && !each.startsWith('<!--')) ?? '';
  return line
    .replace(/^#+\s*/, '')
    .trim()
    .slice(0, MAX_HEADLINE)
    .toWellFormed();
}
