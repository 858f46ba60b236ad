import type { DaemonEnd } from '../../../daemon/host.ts';
import { resolveHomePaths } from '../../../home/paths.ts';
import { nexoVersion } from '../../../version.ts';
import { defineCommand } from '../../command.ts';
import { text } from '../../flags.ts';

export default defineCommand({
  description:
    'Runs the daemon of your home in the foreground: the scheduler and whatever else has to go on while nobody ' +
    'types. Ctrl-C or SIGTERM lets runs finish for a while and ends it; a second one ends it at once. SIGHUP reads ' +
    'the settings anew. There is one daemon a home.',
  example: 'nexo daemon run',
  flags: {
    http: text('where to answer /health, /ready and /metrics, instead of what runtime.yaml says', {
      placeholder: 'host:port',
    }),
  },
  stopsItself: 'as-done',
  run: async ({ flags, context: { io, note } }): Promise<DaemonEnd> => {
    const { runDaemon } = await import('../../../daemon/host.ts');
    const { DAEMON_PARTS } = await import('../../../daemon/parts.ts');
    const userHome = io.userHome();
    // A terminal that is closed sends the same signal to what runs in it, and means the end.
    const stopOnHangUp = io.stdinIsTerminal || io.stderr.isTerminal;
    const hungUp = new AbortController();
    return runDaemon({
      paths: resolveHomePaths(io.env, userHome),
      env: io.env,
      userHome,
      version: nexoVersion(),
      program: { node: process.execPath, file: io.program },
      parts: DAEMON_PARTS,
      signal: AbortSignal.any([io.signal, hungUp.signal]),
      onReload: (listener) => io.onHangUp(stopOnHangUp ? () => hungUp.abort() : listener),
      httpAddress: flags.http,
      note: (line) => note(`nexo daemon: ${line}`),
    });
  },
  exitCode: ({ clean }) => (clean ? 0 : 1),
});
