import { NexoError } from '../../errors.ts';
import { resolveHomePaths } from '../../home/paths.ts';
import { runStdio } from '../../mcp/stdio.ts';
import { DEFAULT_TOOLSETS, parseToolsets } from '../../mcp/toolsets.ts';
import { defineCommand } from '../command.ts';
import { optionalText, text, texts } from '../flags.ts';

export default defineCommand({
  description:
    'Serves the workspace to MCP clients. Without --http it serves one client on standard input and output; ' +
    'clients start it so themselves. With --http it listens, on 127.0.0.1 and a free port unless told otherwise, ' +
    'and every request has to bring the token from the token file. --toolsets workspace,home adds your own scripts, ' +
    'schedules, skills and plugins.',
  example: 'nexo mcp --root .',
  flags: {
    toolsets: text('what to offer, of workspace and home, by commas; workspace unless told otherwise', {
      placeholder: 'list',
    }),
    http: optionalText('serve over HTTP instead', 'host:port'),
    tokenFile: text('file with the token; needed to listen where other machines can reach it', {
      placeholder: 'path',
      completes: 'file',
    }),
    allowedHost: texts('more names that clients may use for this machine', 'name'),
    allowedOrigin: texts('origin of web pages that may use the server', 'origin'),
  },
  stdout: 'protocol',
  stopsItself: true,
  run: async ({ flags, context: { io, rootFlag, note } }) => {
    const launch = {
      toolsets: flags.toolsets === undefined ? DEFAULT_TOOLSETS : parseToolsets(flags.toolsets),
      root: rootFlag,
      env: io.env,
      cwd: io.cwd(),
      userHome: io.userHome(),
      signal: io.signal,
      log: (line: string) => note(`nexo mcp: ${line}`),
    };
    const { http, tokenFile, allowedHost = [], allowedOrigin = [] } = flags;
    if (http === undefined) {
      if (tokenFile !== undefined || allowedHost.length > 0 || allowedOrigin.length > 0) {
        throw new NexoError('USAGE', '--token-file, --allowed-host and --allowed-origin go with --http.', {
          hint: 'Add --http, or leave them out to serve on standard input and output.',
        });
      }
      await runStdio(launch);
      return {};
    }
    const { DEFAULT_LISTEN_ADDRESS, parseListenAddress } = await import('../../base/listen-address.ts');
    const { runHttp } = await import('../../mcp/http.ts');
    await runHttp({
      ...launch,
      ...(http === true ? DEFAULT_LISTEN_ADDRESS : parseListenAddress(http)),
      tokenFile,
      stateFolder: resolveHomePaths(io.env, launch.userHome).state,
      allowedHosts: allowedHost,
      allowedOrigins: allowedOrigin,
    });
    return {};
  },
});
