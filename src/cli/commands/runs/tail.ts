import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { EVENTS_FILE, runsFolder } from '../../../runner/event-file.ts';
import { EventFollower } from '../../../runner/read-events.ts';
import { openRunRecords } from '../../../runner/records/best-effort.ts';
import { defineCommand } from '../../command.ts';
import { printable } from '../../render/printable.ts';
import { renderEvent, renderRunLine } from '../../render/runs.ts';
import { runWorld } from '../../run-door.ts';

/** How often we look for more, in milliseconds. */
const LOOK_MS = 200;

export default defineCommand({
  description: 'Follows a run while it goes on and ends with it; Ctrl-C leaves the run alone.',
  example: 'nexo runs tail last',
  stopsItself: true,
  flags: {},
  positionals: [{ name: 'id', description: 'the run, the beginning of its id, or last', required: true }],
  run: async ({ words: [id = ''], context }) => {
    const world = runWorld(context);
    const records = await openRunRecords(world);
    try {
      const first = records.find(id);
      const follower = new EventFollower(join(runsFolder(world.paths), first.id, EVENTS_FILE));
      for (;;) {
        records.reconcile();
        // Before the events: what was written until the end is read after it.
        const run = records.find(first.id);
        for (const event of follower.more())
          context.stream(`${renderEvent(printable(event), context.view)}\n`);
        const isOpen = run.status === 'running' || run.status === 'queued';
        if (!isOpen || context.io.signal.aborted) return { run };
        try {
          await delay(LOOK_MS, undefined, { signal: context.io.signal });
        } catch {
          // Interrupted: the next look is the last.
        }
      }
    } finally {
      records.close();
    }
  },
  render: ({ run }, view) => renderRunLine(run, view),
});
