import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { NexoError } from '../errors.ts';
import { parseInput } from './input.ts';

const schema = z.strictObject({
  title: z.string().min(1).max(5),
  id: z.int().positive().optional(),
  status: z.enum(['pending', 'completed']).optional(),
  deps: z.array(z.int()).optional(),
});

function refusalOf(input: unknown): string {
  try {
    parseInput('task_add', schema, input);
  } catch (error) {
    if (error instanceof NexoError) return `${error.code}: ${error.message}`;
  }
  throw new Error('it was taken');
}

describe('arguments that cannot be used', () => {
  it.each([
    [{}, 'title is missing: add title, a string.'],
    [null, 'title is missing: add title, a string.'],
    [[], 'the arguments must be an object.'],
    [{ title: 1 }, 'title must be a string.'],
    [{ title: '' }, 'title is too short: give it at least 1 character.'],
    [{ title: 'far too long' }, 'title is too long: keep it to 5 characters.'],
    [{ title: 't', id: 1.5 }, 'id must be a whole number.'],
    [
      { title: 't', status: 'done' },
      'status has a value that is not allowed: use one of pending, completed.',
    ],
    [{ title: 't', deps: [1, 'x'] }, 'deps.1 must be a number.'],
    [{ title: 't', titel: 1 }, 'titel is no field of these arguments: remove it, or correct its spelling.'],
  ])('%j are told by field, fault and what is expected', (input, sentence) => {
    expect(refusalOf(input)).toBe(`INPUT_INVALID: task_add cannot use these arguments. ${sentence}`);
  });

  it('are told all at once', () => {
    expect(refusalOf({ id: 'x', deps: 3 })).toBe(
      'INPUT_INVALID: task_add cannot use these arguments. title is missing: add title, a string. ' +
        'id must be a number. deps must be a list.',
    );
  });
});
