import { expect } from 'vitest';

import type { ModelRequest, Turn } from '../../src/harness/probe/script.ts';
import type { Shell } from './gated.ts';
import {
  all,
  type ClientProject,
  isTold,
  resultHas,
  runScripted,
  type ScriptedResult,
} from './scripted-run.ts';

export interface SubagentCalls {
  readonly shell: Shell;
  /** Starts architect with this text. */
  spawn(message: string): Turn;
  /** Waits for its end, where the client does not wait by itself; gets the answer to `spawn`. */
  wait?(spawned: ModelRequest): Record<string, unknown>;
}

interface TrackedAgent {
  readonly agent_name: string;
  readonly status: string;
  readonly last_message?: string;
}

/** Lead starts a real subagent: it is tracked, told what it should know, refused what it may not do, and ends. */
export async function runSubagent(project: ClientProject, calls: SubagentCalls): Promise<ScriptedResult> {
  project.write('kept.txt', 'as it was\n');
  project.write('.nexus/memory/pattern-greeting.md', '# Greetings are lower case\n');
  project.write('.nexus/rules/architect.md', 'Judge greetings by their warmth.\n');
  const tracker = (): unknown => {
    const file = `.nexus/state/${project.installed.client.harness}-nexo/agent-tracker.json`;
    return project.has(file) ? project.json(file) : [];
  };
  const tracked =
    (status: string, more: Partial<TrackedAgent> = {}) =>
    (): string | undefined => {
      const agents = tracker();
      try {
        expect(agents).toMatchObject([{ agent_name: 'architect', status, ...more }]);
        return undefined;
      } catch {
        return `the tracker is ${JSON.stringify(agents)}`;
      }
    };
  const ended = tracked('completed', { last_message: 'It is warm enough.' });
  const { wait } = calls;
  const result = await runScripted(project, {
    prompt: 'LEAD ask the architect',
    conversations: [
      {
        marker: 'CHILD-TASK',
        turns: [
          {
            expect: all(
              isTold('pattern-greeting.md: Greetings are lower case', 'Judge greetings by their warmth.'),
              tracked('running'),
            ),
            ...calls.shell('echo changed > kept.txt'),
          },
          { expect: resultHas('Refused by no_file_edit'), ...calls.shell('cat kept.txt') },
          { expect: resultHas('as it was'), say: 'It is warm enough.' },
        ],
      },
      {
        marker: 'LEAD',
        turns: [
          calls.spawn('CHILD-TASK judge the greeting'),
          ...(wait === undefined ? [] : [{ call: 'wait_agent', input: wait }]),
          { expect: all(resultHas('It is warm enough.'), ended), ...calls.shell('echo lead > mine.txt') },
          { say: 'Asked.' },
        ],
      },
    ],
  });
  expect(project.text('kept.txt')).toBe('as it was\n');
  expect(project.text('mine.txt')).toBe('lead\n');
  // The end of the session empties the tracker.
  expect(tracker()).toEqual([]);
  return result;
}
