import { applyEvent, parseEventText } from '../../../conformance/apply-event.ts';
import { defineCommand } from '../../command.ts';

export default defineCommand({
  description:
    'Applies one lifecycle event to a project, as our hooks would. Reads a JSON object from standard input: type ' +
    '(agent_spawn, agent_complete, agent_resume or session_end), params, harness_id, and root, the folder of the ' +
    'project. Made for: nexo conformance run --server … --events "nexo conformance event".',
  example: `echo '{"type":"session_end","root":"."}' | nexo conformance event`,
  flags: {},
  run: async ({ context: { io } }) =>
    applyEvent(parseEventText(Buffer.from(await io.readStdin()).toString('utf8'))),
  render: ({ applied, harness_id }, { ink, marks }) =>
    `${ink.good(marks.done)} ${applied} applied for ${harness_id}`,
});
