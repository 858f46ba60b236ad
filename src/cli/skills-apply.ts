import type { ApplyReport } from '../skills/apply.ts';
import { SKILL_MODES, type SkillMode } from '../skills/definition.ts';
import type { CommandContext } from './command.ts';
import { choice, text } from './flags.ts';
import { renderPrompt } from './render/catalog.ts';
import type { View } from './render/view.ts';
import { parseParams, withSkills } from './skills-door.ts';

/** Flags of `apply` and `test`, which are one thing with and without the run. */
export const APPLY_FLAGS = {
  params: text('values for its parameters, a JSON object', { placeholder: 'json' }),
  mode: choice(['auto', ...SKILL_MODES], 'what to do of it'),
  context: text('what it is applied to; skills that work in several contexts earn trust', {
    placeholder: 'words',
  }),
};

interface ApplyFlags {
  readonly params: string | undefined;
  readonly mode: 'auto' | SkillMode | undefined;
  readonly context: string | undefined;
}

/** Applies a skill from the command line; at a terminal a missing approval is asked for. */
export async function applyFromCommandLine(
  id: string,
  flags: ApplyFlags,
  context: CommandContext,
  { dryRun }: { readonly dryRun: boolean },
): Promise<ApplyReport> {
  const { applySkill } = await import('../skills/apply.ts');
  const params = parseParams(flags.params);
  return withSkills(context, (library) =>
    applySkill(library, id, {
      params,
      dryRun,
      env: context.io.env,
      cwd: context.io.cwd(),
      signal: context.io.signal,
      ...(flags.mode === undefined ? {} : { mode: flags.mode }),
      ...(flags.context === undefined ? {} : { context: flags.context }),
      ...(context.interactive ? { confirm: (question: string) => ask(context, question) } : {}),
    }),
  );
}

async function ask({ io }: CommandContext, question: string): Promise<boolean> {
  return /^\s*y(es)?\s*$/i.test((await io.ask(`${question} [y/N] `)) ?? '');
}

export function renderApplied(report: ApplyReport, view: View): string {
  const { ink, marks } = view;
  const { execution_result: result, script_command: command, usage_recorded: usage } = report;
  return [
    ...(report.guide === undefined
      ? [ink.bold(`${report.skill_name} (${report.skill_id})`)]
      : [renderPrompt(report.guide)]),
    ...(command === undefined
      ? []
      : ['', `${ink.dim(report.dry_run === true ? 'would run' : 'ran')} ${command.map(shown).join(' ')}`]),
    ...(result === undefined
      ? []
      : [renderPrompt(result.stdout), renderPrompt(result.stderr)].filter((part) => part !== '')),
    ...(usage === undefined
      ? []
      : [
          ink.dim(
            `trust ${usage.trust_score}, ${usage.level}${usage.promotion === '' ? '' : `: ${usage.promotion}`}`,
          ),
        ]),
    ...(report.error === undefined ? [] : [`${ink.bad(marks.failure)} ${report.error}`]),
  ].join('\n');
}

/** An argument as it could be typed; only for people, for no shell ever sees it. */
function shown(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
