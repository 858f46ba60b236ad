import { runStdio } from '../../mcp/stdio.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  description:
    'Serves the workspace to one MCP client on standard input and output; clients start it themselves. ' +
    'docs/mcp.md shows how to connect Claude Code, Codex and OpenCode.',
  example: 'nexo mcp --root .',
  flags: {},
  stdout: 'protocol',
  stopsItself: true,
  run: async ({ context: { io, rootFlag, note } }) => {
    await runStdio({
      root: rootFlag,
      env: io.env,
      cwd: io.cwd(),
      userHome: io.userHome(),
      signal: io.signal,
      log: (line) => note(`nexo mcp: ${line}`),
    });
    return {};
  },
});
