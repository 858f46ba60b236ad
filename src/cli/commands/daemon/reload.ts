import { reloadDaemon } from '../../../daemon/reload.ts';
import { resolveHomePaths } from '../../../home/paths.ts';
import { defineCommand } from '../../command.ts';

export default defineCommand({
  description:
    'Has the running daemon read runtime.yaml anew and look at schedules and packs at once. A mistake in the settings ' +
    'is told, and everything stays as it was. Exit code 1 when a part keeps what it had.',
  example: 'nexo daemon reload || nexo daemon start',
  flags: {},
  run: ({ context: { io } }) => reloadDaemon(resolveHomePaths(io.env, io.userHome()), io.signal),
  render: ({ applied, rejected }, { ink, marks }) =>
    [
      `${ink.good(marks.done)} Looked anew: ${applied.length === 0 ? 'nothing' : applied.join(', ')}`,
      ...rejected.map(({ part, reason }) => `${ink.bad(marks.failure)} ${part} keeps what it had: ${reason}`),
    ].join('\n'),
  failed: ({ rejected }) => rejected.length > 0,
});
