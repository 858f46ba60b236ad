import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Tally } from '../tally.ts';
import { toEvent } from './events.ts';
import { BACKENDS } from './registry.ts';

/** Words that the streams of the real programs use, so that random objects come close to them. */
const words = fc.constantFrom(
  ...[
    'type',
    'kind',
    'item',
    'part',
    'state',
    'status',
    'message',
    'content',
    'usage',
    'tokens',
    'cache',
    'error',
    'data',
  ],
  ...[
    'session_id',
    'sessionID',
    'thread_id',
    'result',
    'subtype',
    'is_error',
    'text',
    'tool',
    'name',
    'cost',
    'id',
  ],
  ...[
    'assistant',
    'user',
    'system',
    'init',
    'result',
    'item.completed',
    'item.started',
    'turn.completed',
    'turn.failed',
  ],
  ...[
    'step_finish',
    'tool_use',
    'agent_message',
    'mcp_tool_call',
    'usage',
    'total',
    'failure',
    'answer',
    'session',
  ],
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    words,
    fc.string(),
    fc.double(),
    fc.constant(null),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(words, tie('value'), { maxKeys: 6 }),
  ),
}));
const line = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.dictionary(words, value, { maxKeys: 8 }).map((object) => JSON.stringify(object)),
  },
  { weight: 1, arbitrary: fc.string() },
);
const exit = fc.record({ code: fc.constantFrom(0, 1, 75, null), stderr: fc.string() });

describe.each(Object.values(BACKENDS).map((backend) => [backend.name, backend] as const))(
  'the reader of %s',
  (_name, backend) => {
    it('turns whatever is printed into events of the one form, or into nothing', () => {
      fc.assert(
        fc.property(fc.array(line, { maxLength: 12 }), exit, (lines, end) => {
          const reader = backend.reader();
          const tally = new Tally('model', {});
          for (const event of [...lines.flatMap((each) => [...reader.line(each)]), ...reader.end(end)]) {
            // Through JSON, as it goes into the file of the run: it is read there as what it is here.
            expect(toEvent(JSON.parse(JSON.stringify(event)))).toEqual(event);
            tally.add(event);
          }
          const { inputTokens, outputTokens, costUsd } = tally.spent;
          expect(
            [inputTokens, outputTokens, costUsd ?? 0].every((each) => Number.isFinite(each) && each >= 0),
          ).toBe(true);
        }),
        { numRuns: 300 },
      );
    });
  },
);
