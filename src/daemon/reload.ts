import * as z from 'zod';

import { NexoError } from '../errors.ts';
import type { HomePaths } from '../home/paths.ts';
import { callDaemon } from './client.ts';
import { daemonPaths } from './paths.ts';

const ReloadedSchema = z.object({
  applied: z.array(z.string()),
  rejected: z.array(z.object({ part: z.string(), reason: z.string() })),
});

/** Which parts took what is new, and which kept what they had. */
export type Reloaded = z.infer<typeof ReloadedSchema>;

/** How long somebody who has just changed a schedule waits for the daemon to hear of it, in milliseconds. */
const TELL_MS = 1_000;

/**
 * Has the daemon read its settings anew and every part look at what is its own. Throws DAEMON_NOT_RUNNING,
 * DAEMON_UNREACHABLE, and CONFIG_INVALID, where everything stays as it was.
 */
export async function reloadDaemon(paths: HomePaths, signal?: AbortSignal): Promise<Reloaded> {
  const answer = await callDaemon(daemonPaths(paths), 'reload', signal && { signal });
  return ReloadedSchema.parse(answer);
}

/**
 * Has the daemon, where one runs, look at the schedules now; by itself it does so within 20 seconds. Never throws for a
 * daemon that cannot be asked: what changed is in the database, and it finds it there.
 */
export async function tellScheduler(paths: HomePaths): Promise<void> {
  try {
    await callDaemon(daemonPaths(paths), 'reload', { params: { parts: ['scheduler'] }, timeoutMs: TELL_MS });
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
  }
}
