import type { z } from 'zod';

import { NexoError } from '../errors.ts';

/** Checks what came through a door against a schema; throws INPUT_INVALID that lists every problem. */
export function parseInput<T>(name: string, schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`,
  );
  throw new NexoError('INPUT_INVALID', `${name} cannot use these arguments: ${problems.join('; ')}.`, {
    hint: 'Correct them and call again; nothing was written.',
    data: { name, problems },
  });
}
