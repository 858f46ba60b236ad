import { ARTIFACTS } from '../../../advise/decide.ts';
import { verifyArtifact } from '../../../advise/verify/verify.ts';
import { NexoError } from '../../../errors.ts';
import { packageRoot } from '../../../version.ts';
import { defineCommand } from '../../command.ts';
import { homePaths } from '../../scripts-door.ts';

export default defineCommand({
  description:
    'Goes through the checklist of one artifact, item by item, and says what holds and what does not. A script, skill ' +
    'or plugin is named as its own commands name it, a schedule by its id or its script, a core change by a file in ' +
    'the repository. Exit code 1 when anything fails.',
  example: 'nexo artifacts verify plugin crm-bridge',
  positionals: [
    { name: 'kind', description: 'what it is', required: true, choices: ARTIFACTS },
    { name: 'name', description: 'which one', required: true },
  ],
  flags: {},
  run: async ({ words: [kind, name = ''], context }) => {
    const { io } = context;
    const chosen = ARTIFACTS.find((each) => each === kind);
    if (chosen === undefined)
      throw new NexoError('USAGE', `${kind ?? ''} is no kind of artifact.`, {
        hint: `One of ${ARTIFACTS.join(', ')}.`,
      });
    const world = {
      home: await homePaths(context),
      env: io.env,
      userHome: io.userHome(),
      cwd: io.cwd(),
      code: packageRoot(),
    };
    return verifyArtifact(world, chosen, name);
  },
  failed: ({ ok }) => !ok,
  render: ({ items }, view) =>
    items
      .flatMap(({ item, passed, detail }) => [
        `${passed ? view.ink.good(view.marks.done) : view.ink.bad(view.marks.failure)} ${item}`,
        ...(detail === '' ? [] : view.paragraph(detail, '    ').map(view.ink.dim)),
      ])
      .join('\n'),
});
