import { parse } from 'node:path';

import { NexoError } from '../../../errors.ts';
import { HARNESS_NAMES, type HarnessName } from '../../../harness/contract.ts';
import type { DoctorPlace } from '../../../harness/doctor/contract.ts';
import type { InstallPlace, Scope } from '../../../harness/install/contract.ts';
import { isHarnessName } from '../../../harness/registry.ts';
import { resolveHomePaths } from '../../../home/paths.ts';
import type { CommandContext } from '../../command.ts';
import type { View } from '../../render/view.ts';

/** The harness that was named; throws USAGE. */
export function harnessWord(words: readonly string[]): HarnessName {
  const [name = ''] = words;
  if (isHarnessName(name)) return name;
  throw new NexoError('USAGE', `"${name}" is no harness that Nexo knows.`, {
    hint: `Name one of: ${HARNESS_NAMES.join(', ')}.`,
  });
}

/** A user's installation needs no project, so that it works in a home directory as well. */
export async function placeOf(context: CommandContext, scope: Scope): Promise<InstallPlace> {
  const projectRoot = scope === 'project' ? (await context.root()).path : context.io.cwd();
  const { env } = context.io;
  const home = context.io.userHome();
  return { scope, home, projectRoot, env, stateFolder: resolveHomePaths(env, home).state };
}

/** The places that hold an installation: the user's, and that of the project, where there is one. */
export async function doctorPlaces(context: CommandContext, scope?: Scope): Promise<DoctorPlace[]> {
  const machine = { systemRoot: parse(process.execPath).root, platform: process.platform };
  const scopes: readonly Scope[] = scope === undefined ? ['user', 'project'] : [scope];
  const places: DoctorPlace[] = [];
  for (const each of scopes) {
    try {
      places.push({ ...(await placeOf(context, each)), ...machine });
    } catch (error) {
      // Outside of any project there is no installation for one; who asks for it hears so.
      if (scope !== undefined || !(error instanceof NexoError)) throw error;
    }
  }
  return places;
}

export interface StepLine {
  readonly file: string;
  readonly action: string;
  readonly detail?: string;
}

/** One line for each step that does something; what is the same for several entries of a file is said once. */
export function renderSteps(steps: readonly StepLine[], view: View): string[] {
  const lines = steps
    .filter(({ action }) => action !== 'unchanged')
    .map(({ file, action, detail }) => {
      const what = `${action.padEnd(9)} ${file}${detail === undefined ? '' : ` (${detail})`}`;
      return action === 'conflict' ? view.ink.bad(what) : what;
    });
  return [...new Set(lines)];
}

/** What to do about entries that were left alone. */
export function renderConflicts(steps: readonly StepLine[], verb: string, view: View): string[] {
  const conflicts = steps.filter(({ action }) => action === 'conflict').length;
  if (conflicts === 0) return [];
  const what = conflicts === 1 ? '1 entry was' : `${conflicts} entries were`;
  const text = `${what} left alone. Put right what stands in the way, then ${verb} again.`;
  return view.paragraph(text, `${view.marks.arrow} `);
}
