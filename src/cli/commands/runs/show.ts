import { join } from 'node:path';

import { NexoError } from '../../../errors.ts';
import { runsFolder } from '../../../runner/event-file.ts';
import { readEvents } from '../../../runner/read-events.ts';
import { openRunRecords } from '../../../runner/records/best-effort.ts';
import { defineCommand } from '../../command.ts';
import { renderEvent, renderRun } from '../../render/runs.ts';
import { runWorld } from '../../run-door.ts';

export default defineCommand({
  description:
    'One run: what was asked for and what was really used, why it ended, and what it did. Words of the prompt and ' +
    'secrets are nowhere in it.',
  example: 'nexo runs show last',
  flags: {},
  positionals: [{ name: 'id', description: 'the run, the beginning of its id, or last', required: true }],
  run: async ({ words: [id = ''], context }) => {
    const world = runWorld(context);
    if (id === '') throw new NexoError('USAGE', 'The id is empty.');
    const records = await openRunRecords(world);
    try {
      records.reconcile();
      const run = records.find(id);
      const eventFile = join(runsFolder(world.paths), run.id, 'events.jsonl');
      return { run, eventFile, ...readEvents(eventFile) };
    } finally {
      records.close();
    }
  },
  render: ({ run, events }, view) =>
    [...renderRun(run, view), ...events.map((event) => renderEvent(event, view))].join('\n'),
});
