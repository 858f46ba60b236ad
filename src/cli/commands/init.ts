import { initialiseWorkspace } from '../../workspace/initialise.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { yesOrNo } from '../flags.ts';
import { type MergeDriverState, readMergeDriver, setUpMergeDriver } from '../git-merge-driver.ts';
import type { View } from '../render/view.ts';

interface Initialised {
  readonly root: string;
  /** Paths from the root that did not exist before. */
  readonly created: readonly string[];
  readonly mergeDriver: MergeDriverState;
  readonly changed: readonly string[];
}

export default defineCommand({
  description:
    'Makes what is missing of .nexus/ and says what that was; what is there is never touched. ' +
    'In a git repository it offers a merge driver for .nexus/history.json, so that two branches which both closed ' +
    'cycles merge by themselves: one line in .gitattributes, to commit, and two settings of this clone.',
  example: 'nexo init --merge-driver',
  flags: {
    mergeDriver: yesOrNo('set up the git merge driver for the history', 'do not set it up, and do not ask'),
  },
  run: async ({ flags, context }): Promise<Initialised> => {
    const workspace = await context.workspace();
    const { created } = await initialiseWorkspace(workspace);
    const before = await readMergeDriver(workspace.root);
    const wanted = flags.mergeDriver ?? (before === 'missing' && (await wantsMergeDriver(context)));
    if (!wanted) return { root: workspace.root, created, mergeDriver: before, changed: [] };
    const program = { node: process.execPath, main: context.io.program };
    const { state, changed } = await setUpMergeDriver(workspace.root, program);
    return { root: workspace.root, created, mergeDriver: state, changed };
  },
  render: ({ root, created, mergeDriver, changed }, view) => {
    const { ink, marks } = view;
    const lines = [
      created.length === 0
        ? `${ink.good(marks.done)} The workspace in ${root} was complete already.`
        : `${ink.good(marks.done)} The workspace in ${root} is ready.`,
      ...created.map((path) => `  ${ink.dim('made')} ${path}`),
      ...renderMergeDriver(mergeDriver, changed, view),
    ];
    return lines.join('\n');
  },
});

async function wantsMergeDriver({ interactive, io }: CommandContext): Promise<boolean> {
  if (!interactive) return false;
  const answer = await io.ask(
    'Let git merge .nexus/history.json by itself when two branches both closed cycles? [Y/n] ',
  );
  return answer !== undefined && /^\s*(y|yes)?\s*$/i.test(answer);
}

function renderMergeDriver(
  state: MergeDriverState,
  changed: readonly string[],
  { ink, marks }: View,
): string[] {
  if (state === 'no-git') return [ink.dim('  No git repository, so there is no merge to prepare for.')];
  if (state === 'missing') {
    return [
      ink.dim('  git merges .nexus/history.json line by line; nexo init --merge-driver sets Nexo up for it.'),
    ];
  }
  if (changed.length === 0) return [`${ink.good(marks.done)} git merges .nexus/history.json with Nexo.`];
  const commit = changed.includes('.gitattributes') ? ' Commit .gitattributes.' : '';
  return [`${ink.good(marks.done)} git merges .nexus/history.json with Nexo from now on.${commit}`];
}
