import { appendFileSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { createOutboxSink, drainOutbox, type EventEnvelope } from './event-outbox.ts';
import type { PackEvent } from './events.ts';

const at = '2026-01-02T03:04:05.000Z';
const clock = { now: () => Date.parse(at) };
const installed: PackEvent = {
  kind: 'installed',
  id: 'cody',
  version: '1.0.0',
  install_root: '/packs/cody-1.0.0',
  installed_at: at,
  source_repo: 'acme/persona-cody',
};

function outbox(secrets: readonly string[] = []) {
  const file = join(mkdtempSync(join(tmpdir(), 'nexo-outbox-')), 'events.jsonl');
  const events: EventEnvelope[] = [];
  return {
    file,
    events,
    sink: createOutboxSink(file, { clock, secrets }),
    drain: () => drainOutbox(file, (event) => events.push(event)),
  };
}

describe('the outbox of events', () => {
  it('hands on what happened, in its order, once', async () => {
    const { sink, drain, events, file } = outbox();
    expect(await sink('persona', installed)).toBe(true);
    await sink('persona', {
      kind: 'removed',
      id: 'cody',
      version: '1.0.0',
      install_root: '/p',
      removed_at: at,
    });
    expect(await drain()).toBe(2);
    expect(events.map(({ topic }) => topic)).toEqual(['nexo.persona.installed', 'nexo.persona.removed']);
    expect(events[0]).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/),
      timestamp: at,
      topic: 'nexo.persona.installed',
      source: 'persona.cli',
      session_id: null,
      payload: installed,
    });
    expect(existsSync(file)).toBe(false);
    expect(await drain()).toBe(0);
  });

  it('speaks of plugins as the plugin host does', async () => {
    const { sink, drain, events } = outbox();
    await sink('plugin', installed);
    await sink('plugin', { kind: 'install_failed', id: 'a.b', coords: 'o/a.b', reason: 'no', failed_at: at });
    await drain();
    expect(events.map(({ topic, payload }) => [topic, payload])).toEqual([
      [
        'plugin.lifecycle.cody.installed',
        {
          plugin_id: 'cody',
          version: '1.0.0',
          plugin_dir: '/packs/cody-1.0.0',
          source: 'plugin.cli',
          was_already_present: false,
        },
      ],
      [
        'plugin.lifecycle.a_b.install_failed',
        { plugin_id: 'a.b', coords: 'o/a.b', reason: 'no', failed_at: at, source: 'plugin.cli' },
      ],
    ]);
  });

  it('loses none of what several write at once', async () => {
    const { sink, drain, events } = outbox();
    await Promise.all(
      Array.from({ length: 20 }, (_, count) => sink('persona', { ...installed, id: `pack-${count}` })),
    );
    await drain();
    expect(new Set(events.map(({ payload }) => payload.id)).size).toBe(20);
  });

  it('keeps events that could not be published, and passes over what is none', async () => {
    const { sink, drain, events, file } = outbox();
    await sink('persona', installed);
    appendFileSync(file, '{"torn": \n[]\n');
    await expect(
      drainOutbox(file, () => {
        throw new Error('no broker');
      }),
    ).rejects.toThrow('no broker');
    expect(await drain()).toBe(1);
    expect(events).toHaveLength(1);
  });

  it('keeps the newest when nobody takes them, and no secret', async () => {
    const { sink, file } = outbox(['s3cr3t-token']);
    await sink('persona', { ...installed, source_repo: 'acme/s3cr3t-token' });
    expect(readFileSync(file, 'utf8')).not.toContain('s3cr3t-token');
    const line = readFileSync(file, 'utf8');
    appendFileSync(file, line.repeat(1200));
    await sink('persona', { ...installed, id: 'newest' });
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect([lines.length, lines.at(-1)]).toEqual([1000, expect.stringContaining('newest')]);
  });
});
