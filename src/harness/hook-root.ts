import { NexoError } from '../errors.ts';
import { type RootQuestion, resolveProjectRoot } from '../workspace/root.ts';

/**
 * The project that a hook works for. Where none can be told (a session in the home directory), the working directory
 * stands in: nothing is written there unless it has a workspace of its own, and the gate still has a place to judge by.
 */
export function resolveHookRoot(question: RootQuestion): string {
  try {
    return resolveProjectRoot(question).path;
  } catch (error) {
    if (error instanceof NexoError) return question.cwd;
    throw error;
  }
}
