import { join } from 'node:path';

import { NexoError } from '../../errors.ts';
import { type HomePaths, resolveHomePaths } from '../../home/paths.ts';
import { packageRoot } from '../../version.ts';
import { workspacePaths } from '../../workspace/workspace.ts';
import { type ChosenRoot, type CommandContext, defineCommand } from '../command.ts';
import type { View } from '../render/view.ts';
import { pad } from '../render/width.ts';

interface ProjectPaths extends ChosenRoot {
  readonly nexus: string;
  readonly plan: string;
  readonly tasks: string;
  readonly history: string;
  readonly artifacts: string;
  readonly memory: string;
  readonly context: string;
  readonly rules: string;
}

interface Paths {
  /** Null where no project can be told; `projectProblem` says why. */
  readonly project: ProjectPaths | null;
  readonly projectProblem?: string;
  readonly home: HomePaths;
  readonly program: { readonly package: string; readonly node: string };
}

export default defineCommand({
  description:
    'Prints where everything lives: the project and its state files, your own Nexo folder with its logs, ' +
    'and the program. Touches nothing; a path that is printed need not exist yet.',
  example: 'nexo paths --json',
  flags: {},
  run: async ({ context }): Promise<Paths> => ({
    ...(await projectPaths(context)),
    home: resolveHomePaths(context.io.env, context.io.userHome()),
    program: { package: packageRoot(), node: process.execPath },
  }),
  render: ({ project, projectProblem, home, program }, view) =>
    [
      ...(project === null
        ? [view.ink.bold('Project'), ...view.paragraph(projectProblem ?? '', '  ')]
        : section('Project', project, view)),
      ...section('Home', home, view),
      ...section('Program', program, view),
    ].join('\n'),
});

async function projectPaths(context: CommandContext): Promise<Pick<Paths, 'project' | 'projectProblem'>> {
  try {
    const { path, source } = await context.root();
    const nexus = workspacePaths.nexus(path);
    const state = workspacePaths.state(path);
    const project = {
      path,
      source,
      nexus,
      plan: join(state, 'plan.json'),
      tasks: join(state, 'tasks.json'),
      history: join(nexus, 'history.json'),
      artifacts: workspacePaths.artifacts(path),
      memory: join(nexus, 'memory'),
      context: join(nexus, 'context'),
      rules: join(nexus, 'rules'),
    };
    return { project };
  } catch (error) {
    // In a home directory there is no project, and the other paths are still worth printing.
    if (error instanceof NexoError) return { project: null, projectProblem: error.message };
    throw error;
  }
}

function section(heading: string, paths: object, view: View): string[] {
  const entries = Object.entries(paths).filter(([key]) => key !== 'source');
  return [view.ink.bold(heading), ...entries.map(([key, path]) => `  ${pad(key, 10)} ${path}`)];
}
