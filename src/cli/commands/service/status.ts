import { defineCommand } from '../../command.ts';
import { serviceOptionsOf } from '../../service-door.ts';

export default defineCommand({
  description:
    'Says whether the daemon of your home is installed as a service, and what the system says of it. Exit code 1 ' +
    'when it is installed and not in order.',
  example: 'nexo service status',
  flags: {},
  stopsItself: true,
  run: async ({ context: { io } }) => {
    const { readService } = await import('../../../daemon/service/service.ts');
    return readService(await serviceOptionsOf(io));
  },
  render: ({ manager, path, owner, current, state, scratch }, { ink, marks }) => {
    if (owner === 'missing')
      return `${marks.ready} No service is installed.\n${marks.arrow} nexo service install`;
    if (owner === 'foreign') return `${ink.warn(marks.warning)} ${path} is not ours.`;
    if (owner === 'other-home')
      return `${ink.warn(marks.warning)} ${path} is the service of another Nexo folder.`;
    const loaded = state?.loaded === true;
    return [
      `${loaded ? ink.good(marks.done) : ink.warn(marks.warning)} Installed under ${manager}: ${path}`,
      `  ${state === null ? `the system was not asked: ${scratch ?? ''}` : `${state.detail}${state.pid === null ? '' : `, process ${state.pid}`}`}`,
      ...(current
        ? []
        : [
            `${ink.warn(marks.warning)} The file is not what this program would write.`,
            `${marks.arrow} nexo service install`,
          ]),
    ].join('\n');
  },
  failed: ({ owner, state, current }) =>
    owner !== 'missing' && (owner !== 'ours' || !current || state?.loaded === false),
});
