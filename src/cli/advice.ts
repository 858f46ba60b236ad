import { type Advice, advise } from '../advise/advise.ts';
import type { Artifact, Need } from '../advise/decide.ts';
import { existingThings } from '../advise/existing.ts';
import { NexoError } from '../errors.ts';
import { resolveHomePaths } from '../home/paths.ts';
import type { CommandContext } from './command.ts';
import { text, toggle } from './flags.ts';
import type { View } from './render/view.ts';

/** Exit code of a need that the words do not settle; there are questions then. */
const UNDECIDED = 3;

/** What can be said outright instead of in words. */
export const NEED_FLAGS = {
  forAllUsers: toggle('it should be part of the product, for everybody'),
  needsMcpTool: toggle('a model has to call it as a tool'),
  procedure: toggle('it is a way of working that an agent follows'),
  autonomous: toggle('it works by itself, with nobody at the terminal'),
  scheduled: toggle('it has a time of its own'),
  script: text('the script that does the work already', { placeholder: 'name' }),
};

interface NeedFlags {
  readonly forAllUsers: boolean;
  readonly needsMcpTool: boolean;
  readonly procedure: boolean;
  readonly autonomous: boolean;
  readonly scheduled: boolean;
  readonly script: string | undefined;
}

/** Answers a need from the command line. Throws USAGE when no need is given. */
export function adviseOn(words: string, flags: NeedFlags, context: CommandContext): Advice {
  const isSaid = Object.values(flags).some((value) => value !== false && value !== undefined);
  if (words.trim() === '' && !isSaid) {
    throw new NexoError('USAGE', 'No need is given.', {
      hint: 'Say it in words: nexo advise "send me a sales report each morning at 8"',
    });
  }
  const { script, ...said } = flags;
  const need: Need = { text: words, ...said, ...(script === undefined ? {} : { script }) };
  const paths = resolveHomePaths(context.io.env, context.io.userHome());
  return advise(need, existingThings(paths), paths);
}

/** Exit code of an answer. */
export function adviceExitCode({ artifact }: Advice): number {
  return artifact === null ? UNDECIDED : 0;
}

const ARTIFACT_NAMES: Readonly<Record<Artifact, string>> = {
  script: 'a personal script',
  skill: 'a skill',
  plugin: 'a plugin',
  schedule: 'a schedule for a script that is there',
  core: 'a change of the product itself',
};

export function renderAdvice(advice: Advice, view: View): string {
  const { ink, marks } = view;
  const { artifact, companions, reasons, existingMatches, antiPatterns, questions } = advice;
  const companionNames = companions.map((kind) =>
    kind === 'schedule' ? 'a schedule' : ARTIFACT_NAMES[kind],
  );
  const title =
    artifact === null
      ? `${ink.warn(marks.warning)} The words do not settle it.`
      : `${ink.good(marks.done)} Make ${ink.bold([ARTIFACT_NAMES[artifact], ...companionNames].join(' with '))}.`;
  return [
    title,
    ...reasons.flatMap((reason) => view.paragraph(reason, '  ')),
    ...(advice.path === null ? [] : ['', `  ${ink.dim('where')} ${advice.path}`]),
    ...part('Next', advice.nextCommands, view),
    ...part('In its header', artifact === 'script' ? advice.header : [], view),
    ...(advice.selfGate === null
      ? []
      : view.paragraph(
          `A schedule knows no such days: it runs daily, and the script passes unless it is ${advice.selfGate}.`,
          '  ',
        )),
    ...part(
      'There already',
      existingMatches.map(({ kind, name, score }) => `${kind} ${name} (${Math.round(score * 100)} %)`),
      view,
    ),
    ...antiPatterns.flatMap(({ found, instead }) => [
      '',
      `${ink.warn(marks.warning)} “${found}”`,
      ...view.paragraph(instead, '  '),
    ]),
    ...part('Questions', questions, view),
    ...part('Done when', advice.checklist, view),
  ].join('\n');
}

function part(heading: string, lines: readonly string[], view: View): string[] {
  if (lines.length === 0) return [];
  return ['', view.ink.bold(heading), ...lines.map((line) => `  ${line}`)];
}
