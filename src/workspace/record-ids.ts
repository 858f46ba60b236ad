import { isUsableId, nextId } from '../base/ids.ts';
import { NexoError } from '../errors.ts';
import type { StateFile } from './state-files.ts';

/**
 * The record with this id, or undefined. Throws STATE_DUPLICATE_ID when several have it, and STATE_ID_INVALID when it
 * is no number that can tell records apart: nobody can say which one is meant.
 */
export function findById<Item extends { readonly id: number }>(
  file: StateFile,
  items: readonly Item[],
  id: number,
): { index: number; item: Item } | undefined {
  const index = items.findIndex((item) => item.id === id);
  const item = items[index];
  if (item === undefined) return undefined;
  if (!isUsableId(id)) {
    throw new NexoError('STATE_ID_INVALID', `${file.relativePath} has a record with the unusable id ${id}.`, {
      hint: 'Nothing was changed. Give each record a positive whole number in that file.',
      data: { path: file.relativePath, id },
    });
  }
  if (items.some((other, at) => at !== index && other.id === id)) {
    throw new NexoError('STATE_DUPLICATE_ID', `${file.relativePath} has more than one record ${id}.`, {
      hint: 'Nothing was changed. Give each record its own id in that file.',
      data: { path: file.relativePath, id },
    });
  }
  return { index, item };
}

/** The number for a new record. Throws STATE_ID_INVALID when the file has used up all that there are. */
export function nextFreeId(file: StateFile, used: readonly number[]): number {
  const id = nextId(used);
  if (id !== undefined) return id;
  throw new NexoError('STATE_ID_INVALID', `${file.relativePath} has no free number after its largest id.`, {
    hint: 'Nothing was changed. Give that record a smaller id.',
    data: { path: file.relativePath },
  });
}
