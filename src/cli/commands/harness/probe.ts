import { probeClients } from '../../../harness/probe/probe.ts';
import { defineCommand } from '../../command.ts';

export default defineCommand({
  description:
    'Starts each harness on this machine for real, without a person, an account or the network: against a scripted ' +
    'model on loopback, in a home and a project of its own. Says whether the server is called, notices reach the ' +
    'model, edits are logged and forbidden ones refused. Takes half a minute. Codex and OpenCode; your own ' +
    'configuration is neither read nor changed.',
  example: 'nexo harness probe --json',
  flags: {},
  run: async ({ context }) => ({ clients: await probeClients(context.io.env) }),
  failed: ({ clients }) =>
    clients.every(({ program }) => program === undefined) ||
    clients.some(({ checks }) => checks.some(({ status }) => status === 'fail')),
  render: ({ clients }, view) =>
    clients
      .flatMap(({ harness, program, version, checks }) => [
        program === undefined
          ? `${harness}: not found on PATH`
          : `${harness} ${version ?? '(unknown version)'}  ${program}`,
        ...checks.map(({ name, status, detail }) =>
          status === 'pass'
            ? `  pass  ${name}`
            : view.ink.bad(`  fail  ${name}${detail === undefined ? '' : `: ${detail}`}`),
        ),
      ])
      .join('\n'),
});
