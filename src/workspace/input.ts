import type { z } from 'zod';

import { checkSchema } from '../base/schema-faults.ts';
import { NexoError } from '../errors.ts';

/** Checks what came through a door against a schema; throws INPUT_INVALID that lists every problem. */
export function parseInput<T>(name: string, schema: z.ZodType<T>, input: unknown): T {
  const checked = checkSchema(input ?? {}, schema, { whole: 'these arguments' });
  if (checked.ok) return checked.data;
  // Of a wrong type the message itself says what is expected.
  const problems = checked.faults.map(({ message, fix }) =>
    message.includes(' must be ') ? message : `${message}: ${toClause(fix)}`,
  );
  throw new NexoError(
    'INPUT_INVALID',
    `${name} cannot use these arguments. ${problems.map(toSentence).join(' ')}`,
    {
      hint: 'Correct them and call again; nothing was written.',
      data: { name, problems },
    },
  );
}

/** `Add title, a string.` behind a colon. A field's name is never changed: it stands first only in sentences. */
function toClause(fix: string): string {
  return fix.charAt(0).toLowerCase() + fix.slice(1).replace(/\.$/, '');
}

function toSentence(problem: string): string {
  return `${problem}.`;
}
