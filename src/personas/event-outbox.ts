import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';

import { type Clock, isoTime } from '../base/clock.ts';
import { removeFileDurable, writeFileDurable } from '../base/durable-file.ts';
import { ensureFolder } from '../base/folder.ts';
import { readJsonl } from '../base/jsonl.ts';
import { withLock } from '../base/lock.ts';
import { createRedactor } from '../base/redact.ts';
import type { PackEvent, PackEventSink } from './events.ts';
import type { PackFamily } from './paths.ts';

/** An event as a broker carries it. `id` is given once, so that one that comes twice can be told. */
export const EventEnvelopeSchema = z.looseObject({
  id: z.uuid(),
  timestamp: z.string(),
  topic: z.string().min(1),
  source: z.string(),
  session_id: z.null(),
  payload: z.looseObject({}),
});
export type EventEnvelope = z.infer<typeof EventEnvelopeSchema>;

/** Events that wait while no daemon takes them; the oldest go first. */
const MAX_WAITING = 1000;
/** A command does not wait longer than this for another one that writes, in milliseconds. */
const LOCK_TIMEOUT_MS = 1500;

/**
 * Leaves events for the daemon, which publishes them: a command ends whether or not one runs, and an event survives
 * both. Free of secrets. The sink answers with true once the event is on disk.
 */
export function createOutboxSink(
  file: string,
  { clock, secrets }: { clock: Clock; secrets: readonly string[] },
): PackEventSink {
  return async (family, event) => {
    const written = createRedactor(secrets)(JSON.stringify(toEnvelope(family, event, clock)));
    const envelope: unknown = JSON.parse(written);
    ensureFolder(fs, dirname(file));
    await withLock(
      lockOf(file),
      () => {
        const waiting = [...readJsonl(fs, file).values, envelope].slice(-MAX_WAITING);
        writeFileDurable(fs, file, waiting.map((value) => `${JSON.stringify(value)}\n`).join(''));
      },
      { timeoutMs: LOCK_TIMEOUT_MS },
    );
    return true;
  };
}

/**
 * Hands every waiting event to `publish`, in their order, and then empties the outbox. When the process is ended in
 * between they come once more. What is no event is dropped. Answers with how many there were.
 */
export async function drainOutbox(file: string, publish: (event: EventEnvelope) => void): Promise<number> {
  if (!fs.existsSync(file)) return 0;
  return withLock(lockOf(file), () => {
    const events = readJsonl(fs, file).values.flatMap((value) => {
      const parsed = EventEnvelopeSchema.safeParse(value);
      return parsed.success ? [parsed.data] : [];
    });
    for (const event of events) publish(event);
    removeFileDurable(fs, file);
    return events.length;
  });
}

function lockOf(file: string): string {
  return `${file}.lock`;
}

function toEnvelope(family: PackFamily, event: PackEvent, clock: Clock): EventEnvelope {
  return {
    id: randomUUID(),
    timestamp: isoTime(clock),
    topic: topicOf(family, event),
    source: `${family}.cli`,
    session_id: null,
    payload: family === 'persona' ? { ...event } : pluginPayload(event),
  };
}

function topicOf(family: PackFamily, { kind, id }: PackEvent): string {
  // A repository's name may hold a dot, which would be one more level of the topic.
  return family === 'persona'
    ? `nexo.persona.${kind}`
    : `plugin.lifecycle.${id.replaceAll(/[^\w-]/g, '_')}.${kind}`;
}

function pluginPayload(event: PackEvent): Record<string, unknown> {
  const common = { plugin_id: event.id, source: 'plugin.cli' };
  if (event.kind === 'install_failed')
    return { ...common, coords: event.coords, reason: event.reason, failed_at: event.failed_at };
  return {
    ...common,
    version: event.version,
    plugin_dir: event.install_root,
    ...(event.kind === 'installed' && { was_already_present: false }),
  };
}
