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
  const problem = idProblem(
    file,
    items.filter((other) => other.id === id),
  );
  if (problem !== undefined) throw problem;
  return { index, item };
}

/** Why a record cannot be told from the others by its id, for the first of which that is so. */
export function idProblem(file: StateFile, items: readonly { readonly id: number }[]): NexoError | undefined {
  const seen = new Set<number>();
  for (const { id } of items) {
    const data = { path: file.relativePath, id };
    if (!isUsableId(id)) {
      return new NexoError(
        'STATE_ID_INVALID',
        `${file.relativePath} has a record with the unusable id ${id}.`,
        {
          hint: 'Nothing was changed. Give each record a positive whole number in that file.',
          data,
        },
      );
    }
    if (seen.has(id)) {
      return new NexoError('STATE_DUPLICATE_ID', `${file.relativePath} has more than one record ${id}.`, {
        hint: 'Nothing was changed. Give each record its own id in that file.',
        data,
      });
    }
    seen.add(id);
  }
  return undefined;
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
