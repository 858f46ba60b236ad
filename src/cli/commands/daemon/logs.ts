import { followLines, type LogLine, readLastLines } from '../../../daemon/logs.ts';
import { daemonPaths } from '../../../daemon/paths.ts';
import { NexoError } from '../../../errors.ts';
import { resolveHomePaths } from '../../../home/paths.ts';
import { defineCommand } from '../../command.ts';
import { toggle, wholeNumber } from '../../flags.ts';
import { printable } from '../../render/printable.ts';
import type { View } from '../../render/view.ts';
import { pad } from '../../render/width.ts';

const DEFAULT_LINES = 30;

export default defineCommand({
  description:
    'Shows what the daemon of your home has written last, and with --follow what it writes from now on, until Ctrl-C.',
  example: 'nexo daemon logs --lines 20',
  flags: {
    lines: wholeNumber(`how many of the last lines (default ${DEFAULT_LINES})`, 'count'),
    follow: toggle('go on with what is written from now on'),
  },
  stopsItself: 'as-done',
  run: async ({ flags: { lines: count = DEFAULT_LINES, follow }, context }) => {
    if (follow && context.json) {
      throw new NexoError('USAGE', '--follow has no end, and --json prints one document.', {
        hint: 'The file itself has one JSON object a line; nexo daemon status --json names it.',
      });
    }
    const { io } = context;
    const path = daemonPaths(resolveHomePaths(io.env, io.userHome())).log;
    const lines = readLastLines(path, count);
    if (!follow) return { path, lines };
    for (const line of lines) context.stream(`${renderLine(printable(line), context.view)}\n`);
    for await (const line of followLines(path, io.signal)) {
      context.stream(`${renderLine(printable(line), context.view)}\n`);
    }
    return { path, lines: [] };
  },
  render: ({ lines }, view) => lines.map((line) => renderLine(line, view)).join('\n'),
});

/** `2026-11-21 08:31:34  info   the daemon runs  part=scheduler`, times in UTC. */
function renderLine({ time, level, message, fields }: LogLine, { ink }: View): string {
  if (level === '') return message;
  const paint = level === 'error' ? ink.bad : level === 'warn' ? ink.warn : ink.dim;
  const { pid: _pid, ...rest } = fields;
  const told = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const when = `${time.slice(0, 10)} ${time.slice(11, 19)}`;
  return [`${ink.dim(when)}  ${paint(pad(level, 5))}  ${message}`, ink.dim(told.join(' '))]
    .join('  ')
    .trimEnd();
}
