import { join, resolve } from 'node:path';

import { preparePluginRun, runPlugin } from '../../../personas/author/run-plugin.ts';
import { readInstallEnvironment } from '../../../personas/install/environment.ts';
import { readOperatorConfig } from '../../../personas/plugin-configs.ts';
import { pluginEnvironment } from '../../../plugins/launch.ts';
import { nexoVersion } from '../../../version.ts';
import { defineCommand } from '../../command.ts';
import { toggle } from '../../flags.ts';
import { CONFIG_FLAG, homePathsFor, toldWhenItFails } from '../../pack-door.ts';
import { printable, printableText } from '../../render/printable.ts';

export default defineCommand({
  description:
    'Starts a plugin pack in the foreground for its author, as a host would: handshake, its configuration from ' +
    'plugins/<id>.yaml, then whatever it logs and asks for, until Ctrl-C. It is code, and has your rights.',
  example: 'nexo plugin run ./my-plugin',
  flags: { noDaemonConfig: toggle('without your configuration of it'), ...CONFIG_FLAG },
  positionals: [
    {
      name: 'path',
      description: 'the folder of a plugin, or its plugin.toml',
      required: true,
      completes: 'folder',
    },
  ],
  // What is started is told before it runs, and not at its end.
  stdout: 'protocol',
  stopsItself: 'as-done',
  run: async ({ words: [path = ''], flags, context }) => {
    const { io, json, note } = context;
    const paths = homePathsFor(context, flags.config);
    const plugin = await toldWhenItFails(context, async () =>
      preparePluginRun(resolve(io.cwd(), path), nexoVersion()),
    );
    const { id, version, manifest_path, plugin_root, env } = plugin;
    const told = { id, version, manifest_path, plugin_root, no_daemon_config: flags.noDaemonConfig };
    if (json)
      io.stdout.write(`${JSON.stringify(printable({ ok: true, ...told, next: 'plugin-foreground' }))}\n`);
    const say = (line: string): void => note(printableText(`nexo plugin run: ${line}`));
    say(`starting ${id}@${version}`);
    const configuration = flags.noDaemonConfig ? undefined : configurationOf(paths.config, id, say);
    const code = await runPlugin(plugin, {
      env: { ...pluginEnvironment({ env: io.env, home: paths.home }, env.wanted), ...env.set },
      ...(configuration !== undefined && { configuration }),
      nexoVersion: nexoVersion(),
      initTimeoutMs: readInstallEnvironment(io.env).pluginInitTimeoutMs,
      signal: io.signal,
      onEvent: (event) => {
        if (event.kind === 'ready') say(`${id} is ready; Ctrl-C ends it`);
        else if (event.kind === 'log') note(printableText(event.line));
        else say(`${event.kind === 'stray' ? 'no message' : 'it asks'}: ${event.line.slice(0, 500)}`);
      },
    });
    say(code === null ? `${id} was stopped` : `${id} ended with exit code ${code}`);
    return { clean: code === null || code === 0 };
  },
  exitCode: ({ clean }) => (clean ? 0 : 1),
});

function configurationOf(config: string, id: string, say: (line: string) => void): unknown {
  const { value, fault } = readOperatorConfig(config, id);
  if (fault !== undefined) say(`${join(config, 'plugins', `${id}.yaml`)} is left out: it ${fault.message}`);
  return value;
}
