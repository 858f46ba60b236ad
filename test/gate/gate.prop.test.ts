import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { decideToolCall } from '../../src/hooks/gate/decide-tool-call.ts';
import { diskWorld } from '../../src/hooks/gate/disk-world.ts';
import { createCall, createYard, type Yard } from './corpus.ts';
import { createRandom, wrappedWrite } from './grammar.ts';

let yard: Yard;
beforeAll(() => {
  yard = createYard();
});
afterAll(() => yard.dispose());

const harness = fc.constantFrom('claude' as const, 'codex' as const, 'opencode' as const);
const capability = fc.constantFrom(
  'no_file_edit',
  'no_task_create',
  'no_task_update',
  'no_task_close',
  'no_shell_exec',
  'no_subagent_spawn',
  'no_user_question',
  'no_such_thing',
);
const tool = fc.oneof(
  fc.constantFrom(
    'Bash',
    'Write',
    'Edit',
    'apply_patch',
    'batch',
    'exec',
    'task',
    'mcp__x__write_file',
    'nexo_nx_task_add',
  ),
  fc.string(),
);
const shellPiece = fc.constantFrom(
  'rm',
  'ls',
  ' ',
  '\n',
  ';',
  '|',
  '&',
  '&&',
  '$(',
  ')',
  '`',
  '"',
  "'",
  '\\',
  '{',
  '}',
  '(',
  '<<E',
  'E',
  '>',
  '>>',
  '<(',
  '$',
  'x',
  '$x',
  '${',
  'if',
  'then',
  'fi',
  'do',
  'done',
  'for',
  'in',
  '[[',
  ']]',
  '((',
  '))',
  '#',
  '=',
  '*',
  '[',
  ']',
  '!',
  'function',
  'case',
  'esac',
  'eval',
  'sh',
  '-c',
  'a.txt',
  '\u0000',
  '\ufdd0',
  'é',
);

describe('any input', () => {
  it('ends in a decision of the documented form', async () => {
    await fc.assert(
      fc.asyncProperty(
        harness,
        tool,
        fc.anything({ maxDepth: 4 }),
        fc.array(capability, { maxLength: 4 }),
        async (name, toolName, input, capabilities) => {
          const decision = await decideToolCall(
            createCall(yard, name, capabilities, toolName, input),
            diskWorld,
          );
          if (decision.decision === 'deny') {
            expect(Object.keys(decision).sort()).toEqual(['capability', 'decision', 'reason', 'rule']);
            expect(decision.rule).not.toBe('gate-failure');
          } else expect(decision).toEqual({ decision: 'allow' });
          if (capabilities.length === 0) expect(decision.decision).toBe('allow');
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('is judged without a fault of the gate when it is shell-like text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(shellPiece, { maxLength: 30 }),
        fc.constantFrom('no_file_edit', 'no_task_create'),
        async (pieces, held) => {
          const call = createCall(yard, 'claude', [held], 'Bash', { command: pieces.join(' ') });
          const decision = await decideToolCall(call, diskWorld);
          if (decision.decision === 'deny') expect(decision.rule).not.toBe('gate-failure');
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

describe('capabilities', () => {
  it('only ever take away: what is refused stays refused when another one is added', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), capability, capability, async (seed, first, second) => {
        const command = wrappedWrite(createRandom(seed));
        const less = await decideToolCall(createCall(yard, 'codex', [first], 'Bash', { command }), diskWorld);
        const more = await decideToolCall(
          createCall(yard, 'codex', [first, second], 'Bash', { command }),
          diskWorld,
        );
        if (less.decision === 'deny') expect(more.decision).toBe('deny');
      }),
      { numRuns: 500 },
    );
  });
});

describe('paths', () => {
  it('that end inside are open to an agent that may edit, and others are not, however they are spelled', async () => {
    const inside = fc.constantFrom('src', 'test', 'build', '.', 'src/deep');
    const detour = fc.constantFrom('', './', 'src/../', 'build/.././', 'inlink/../', './/');
    await fc.assert(
      fc.asyncProperty(
        fc.array(detour, { maxLength: 4 }),
        inside,
        fc.nat(3),
        async (detours, folder, ups) => {
          const depth = folder === '.' ? 0 : folder.split('/').length;
          const path = `${detours.join('')}${folder}/${'../'.repeat(ups)}new.txt`;
          const call = createCall(yard, 'claude', ['no_task_create'], 'Write', {
            file_path: path,
            content: '',
          });
          const { decision } = await decideToolCall(call, diskWorld);
          expect(decision, path).toBe(ups <= depth ? 'allow' : 'deny');
        },
      ),
      { numRuns: 500 },
    );
  });
});
