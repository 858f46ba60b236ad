import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { nodeFileSystem, readRegularFile } from '../base/durable-file.ts';
import { NexoError, systemErrorCode } from '../errors.ts';

/** Largest file of a catalog, in bytes: several times what a model can use as a prompt. */
const MAX_CATALOG_FILE_BYTES = 256 * 1024;

export type TextFile =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'bad'; readonly message: string; readonly fix: string };

/** A text file of the catalog. What is wrong with it is an answer, not an error: the other files still count. */
export function readTextFile(path: string): TextFile {
  try {
    const found = readRegularFile(nodeFileSystem, path, MAX_CATALOG_FILE_BYTES);
    if (found === undefined) return { kind: 'missing' };
    try {
      return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(found.bytes) };
    } catch {
      return { kind: 'bad', message: 'is not UTF-8 text', fix: 'Save it as UTF-8.' };
    }
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    return { kind: 'bad', message: error.message, fix: error.hint ?? 'Replace it by a regular file.' };
  }
}

/** The entries of a folder by name, without hidden ones; none when there is no such folder. */
export function readFolder(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith('.'))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new NexoError('IO_FAILED', `The folder ${path} cannot be read: ${code ?? String(error)}.`, {
      hint: 'Check its permissions and try again.',
      cause: error,
    });
  }
}

/** Whether anything of that name is there, a dangling link included. */
export function isPresent(...path: string[]): boolean {
  return lstatSync(join(...path), { throwIfNoEntry: false }) !== undefined;
}
