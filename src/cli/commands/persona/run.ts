import { resolve } from 'node:path';

import { nexoVersion } from '../../../version.ts';
import { defineCommand } from '../../command.ts';
import { text } from '../../flags.ts';
import { CONFIG_FLAG, homePathsFor, toldWhenItFails } from '../../pack-door.ts';
import { printable, printableText } from '../../render/printable.ts';

export default defineCommand({
  description:
    'Runs the daemon in the foreground with a pack under development: its folder is searched first, and it wins over ' +
    'every other pack of its id. Changes of its files count at once. Ctrl-C ends it. With --json the pack is told in ' +
    'one line before the daemon starts.',
  example: 'nexo persona run ./my-persona',
  flags: {
    ...CONFIG_FLAG,
    http: text('where to answer /health, /ready and /metrics', { placeholder: 'host:port' }),
  },
  positionals: [
    {
      name: 'path',
      description: 'the folder of a pack, or its persona.toml',
      required: true,
      completes: 'folder',
    },
  ],
  // What goes there is told before the daemon starts, and not at its end.
  stdout: 'protocol',
  stopsItself: 'as-done',
  run: async ({ words: [path = ''], flags, context }) => {
    const { io, json, note } = context;
    const env = flags.config === undefined ? io.env : { ...io.env, NEXO_CONFIG_DIR: flags.config };
    const paths = homePathsFor(context, flags.config);
    const userHome = io.userHome();
    note(printableText(`nexo persona run: looking at ${path}`));
    const pack = await toldWhenItFails(context, async () => {
      const { prepareRun } = await import('../../../personas/author/run-pack.ts');
      return prepareRun(resolve(io.cwd(), path), { paths, env, userHome, nexoVersion: nexoVersion() });
    });
    note(printableText(`nexo persona run: ${pack.id}@${pack.version} is valid`));
    note(printableText(`nexo persona run: starting the daemon with ${pack.search_path_inject}`));
    if (json) io.stdout.write(`${JSON.stringify(printable({ ok: true, ...pack, next: 'daemon-boot' }))}\n`);
    const [{ runDaemon }, { DAEMON_PARTS }, { createPersonasPart }] = await Promise.all([
      import('../../../daemon/host.ts'),
      import('../../../daemon/parts.ts'),
      import('../../../daemon/personas-part.ts'),
    ]);
    const own = createPersonasPart({ pinned: pack.persona_root });
    const stopOnHangUp = io.stdinIsTerminal || io.stderr.isTerminal;
    const hungUp = new AbortController();
    return runDaemon({
      paths,
      env,
      userHome,
      version: nexoVersion(),
      program: { node: process.execPath, file: io.program },
      parts: DAEMON_PARTS.map((part) => (part.name === own.name ? own : part)),
      signal: AbortSignal.any([io.signal, hungUp.signal]),
      onReload: (listener) => io.onHangUp(stopOnHangUp ? () => hungUp.abort() : listener),
      httpAddress: flags.http,
      note: (line) => note(`nexo persona run: ${line}`),
    });
  },
  exitCode: ({ clean }) => (clean ? 0 : 1),
});
