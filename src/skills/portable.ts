import { stringify } from 'yaml';

import { METADATA_KEYS, METADATA_SEPARATOR } from './agent-skill.ts';
import { type SkillDefinition, skillSlug } from './definition.ts';

/** A skill in the open Agent Skills format, as any client reads it. */
export interface PortableSkill {
  /** Name and folder, 1 to 64 of a-z, 0-9 and single hyphens. */
  readonly name: string;
  /** The whole `SKILL.md`. */
  readonly text: string;
  /** Files beside it: name in the folder → where it is copied from. */
  readonly files: readonly { readonly path: string; readonly from: string }[];
}

const MAX_NAME = 64;
const MAX_DESCRIPTION = 1024;

/** Writes a skill in the open format. What only Nexo knows goes into `metadata`, so that it comes back on import. */
export function toPortable(skill: SkillDefinition): PortableSkill {
  const name = portableName(skill);
  const metadata: Record<string, string> = {
    ...skill.metadata,
    [METADATA_KEYS.id]: skill.id,
    ...(skill.name === name ? {} : { [METADATA_KEYS.name]: skill.name }),
    [METADATA_KEYS.level]: skill.level,
    ...(skill.tags.length === 0 ? {} : { [METADATA_KEYS.tags]: skill.tags.join(METADATA_SEPARATOR) }),
    ...(skill.triggers.length === 0
      ? {}
      : { [METADATA_KEYS.triggers]: skill.triggers.join(METADATA_SEPARATOR) }),
  };
  const head = {
    name,
    description: describe(skill),
    ...(skill.license === undefined ? {} : { license: skill.license }),
    ...(skill.compatibility === undefined ? {} : { compatibility: skill.compatibility }),
    ...(skill.allowedTools === undefined ? {} : { 'allowed-tools': skill.allowedTools }),
    metadata,
  };
  const program = skill.executable;
  return {
    name,
    text: `---\n${stringify(head, { lineWidth: 0 })}---\n\n${bodyOf(skill, name)}\n`,
    files: program === undefined ? [] : [{ path: `scripts/${fileName(program)}`, from: program }],
  };
}

function portableName({ id }: SkillDefinition): string {
  return skillSlug(id.replace(/^SK-/, '')).slice(0, MAX_NAME).replace(/-+$/, '');
}

/** Clients choose a skill by its description alone, so that the phrases that call for it belong there. */
function describe({ description, name, triggers }: SkillDefinition): string {
  const what = description === '' ? name : description;
  const when = triggers.length === 0 ? '' : ` Use it for: ${triggers.slice(0, 8).join(', ')}.`;
  const whole = what.includes(when.trim()) ? what : `${what.trim()}${when}`;
  return whole.slice(0, MAX_DESCRIPTION);
}

function bodyOf(skill: SkillDefinition, name: string): string {
  const { content, steps, gotchas, executable } = skill;
  const parts = [content.trim()];
  if (steps.length > 0 && !steps.every((step) => content.includes(step))) {
    parts.push(`## Steps\n\n${steps.map((step, index) => `${index + 1}. ${step}`).join('\n')}`);
  }
  if (gotchas.length > 0 && !gotchas.every((gotcha) => content.includes(gotcha))) {
    parts.push(`## Careful\n\n${gotchas.map((gotcha) => `- ${gotcha}`).join('\n')}`);
  }
  if (executable !== undefined && !content.includes('scripts/')) {
    parts.push(
      `## Program\n\n\`scripts/${fileName(executable)}\` belongs to this skill; with Nexo at hand, \`nexo skills apply ${skill.id}\` runs it under its approval.`,
    );
  }
  const body = parts.filter((part) => part !== '').join('\n\n');
  return body === '' ? `# ${name}` : body;
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
