import * as z from 'zod';

import { closeLock } from '../base/lock.ts';
import { NexoError } from '../errors.ts';
import { recordAgentComplete, recordAgentResume, recordAgentSpawn } from '../workspace/agent-tracker.ts';
import { parseInput } from '../workspace/input.ts';
import { endSession } from '../workspace/session.ts';
import { OWN_HARNESS_ID, openWorkspace, type Workspace, workspacePaths } from '../workspace/workspace.ts';
import { EVENT_TYPES, type EventType } from './fixture.ts';

/** One lifecycle event as it is handed to an event command: one JSON object on its standard input. */
export const LifecycleEventSchema = z.strictObject({
  type: z.enum(EVENT_TYPES),
  params: z.record(z.string(), z.unknown()).default({}),
  harness_id: z.string().default(OWN_HARNESS_ID),
  /** Absolute path of the project. */
  root: z.string().min(1),
});
export type LifecycleEvent = z.infer<typeof LifecycleEventSchema>;

/** What our own hooks do on such an event. Throws INPUT_INVALID, HARNESS_ID_INVALID or the workspace's errors. */
export async function applyEvent(
  input: unknown,
): Promise<{ readonly applied: EventType; readonly harness_id: string }> {
  const { type, params, harness_id, root } = parseInput('event', LifecycleEventSchema, input);
  const workspace = openWorkspace(root, { harnessId: harness_id });
  try {
    // Each of these checks its own parameters; the cast only says that there are some.
    await HANDLERS[type](workspace, params as never);
  } finally {
    closeLock(workspacePaths.lock(root));
  }
  return { applied: type, harness_id };
}

/** Reads the event from the text on standard input. Throws INPUT_INVALID. */
export function parseEventText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NexoError('INPUT_INVALID', 'Standard input is not one JSON object.', {
      hint: 'Pipe an event in: {"type":"session_end","params":{},"harness_id":"my-harness","root":"/path"}',
      cause: error,
    });
  }
}

const SessionEndParams = z.strictObject({ harness_id: z.string().optional() });

const HANDLERS = {
  agent_spawn: recordAgentSpawn,
  agent_complete: recordAgentComplete,
  agent_resume: recordAgentResume,
  session_end: (workspace: Workspace, params: object) =>
    endSession(workspace, parseInput('session end', SessionEndParams, params)),
} as const satisfies Record<EventType, (...args: never[]) => Promise<void>>;
