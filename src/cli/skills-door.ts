import { join } from 'node:path';

import { NexoError } from '../errors.ts';
import { resolveHomePaths } from '../home/paths.ts';
import type { SkillIssue } from '../skills/definition.ts';
import type { SkillLibrary } from '../skills/library.ts';
import { packageRoot } from '../version.ts';
import type { CommandContext } from './command.ts';

/** Opens the operator's skills, does the work, and closes them again. */
export async function withSkills<T>(
  { io }: CommandContext,
  work: (library: SkillLibrary) => T | Promise<T>,
): Promise<T> {
  const { SkillLibrary } = await import('../skills/library.ts');
  const library = await SkillLibrary.open({
    paths: resolveHomePaths(io.env, io.userHome()),
    assets: join(packageRoot(), 'assets'),
  });
  try {
    return await work(library);
  } finally {
    library.close();
  }
}

/** Reads `--params '{"who": "bob"}'`. Throws USAGE for anything but a JSON object. */
export function parseParams(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new NexoError('USAGE', '--params is no JSON object.', {
    hint: `Write it like --params '{"name": "value"}'.`,
  });
}

/** `a, b` → `['a', 'b']`. */
export function commaList(text: string | undefined): readonly string[] | undefined {
  return text
    ?.split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** One line for a fault of a skill's folder. */
export function issueLine({ file, message, fix }: SkillIssue): string {
  return `${file} ${message}. ${fix}`;
}
