import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { nodeFileSystem, writeFileDurable } from '../base/durable-file.ts';
import { ensureFolder } from '../base/folder.ts';
import { NexoError } from '../errors.ts';
import { type ExecutionLevel, type SkillLevel, type SkillMode, skillId, skillSlug } from './definition.ts';
import type { SkillLibrary } from './library.ts';

export interface NewSkill {
  /** Any name; the id is made from it, or given with `id`. */
  readonly name: string;
  readonly id?: string;
  readonly description?: string;
  readonly mode?: SkillMode;
  readonly level?: SkillLevel;
  readonly executionLevel?: ExecutionLevel;
  readonly tags?: readonly string[];
  readonly triggers?: readonly string[];
  readonly steps?: readonly string[];
  readonly gotchas?: readonly string[];
  readonly content?: string;
  readonly program?: { readonly file: string; readonly text: string };
}

export interface CreatedSkill {
  readonly id: string;
  readonly folder: string;
  readonly files: readonly string[];
}

/**
 * Writes a personal skill that syncs without a complaint. Throws SKILL_INVALID for a name that makes no id, and
 * SKILL_EXISTS when the id, the name or the folder is taken; then nothing is written.
 */
export function createSkill(library: SkillLibrary, wanted: NewSkill): CreatedSkill {
  const id = skillId(wanted.id ?? wanted.name);
  if (id === undefined) {
    throw new NexoError(
      'SKILL_INVALID',
      `"${wanted.name.slice(0, 60)}" makes no id: it has no letter or digit of a-z, 0-9.`,
      {
        hint: 'Give another name, or an id with --id.',
      },
    );
  }
  library.sync();
  assertFree(library, id, wanted.name);
  const folder = join(library.paths.skills, skillSlug(id));
  if (existsSync(folder)) {
    throw new NexoError('SKILL_EXISTS', `${folder} is there already.`, {
      hint: 'Change it, or choose another name.',
    });
  }
  const files = filesOf(id, wanted);
  ensureFolder(nodeFileSystem, folder);
  // The definition comes last: until it is there, the folder is no skill, and nothing half written is read.
  for (const { name, text, mode } of [...files].reverse()) {
    writeFileDurable(nodeFileSystem, join(folder, name), text, mode === undefined ? {} : { mode });
  }
  return { id, folder, files: files.map(({ name }) => name) };
}

function assertFree(library: SkillLibrary, id: string, name: string): void {
  const wanted = skillSlug(name);
  for (const { skill } of library.known().values()) {
    const clash =
      skill.id === id
        ? `the id ${id}`
        : wanted !== '' && skillSlug(skill.name) === wanted
          ? `the name "${skill.name}"`
          : undefined;
    if (clash === undefined) continue;
    throw new NexoError(
      'SKILL_EXISTS',
      `A ${skill.sourceName} skill has ${clash} already: ${skill.folder}.`,
      {
        hint: 'Change that one, or choose another name.',
        data: { id: skill.id, source: skill.sourceName },
      },
    );
  }
}

interface NewFile {
  readonly name: string;
  readonly text: string;
  readonly mode?: number;
}

function filesOf(id: string, wanted: NewSkill): readonly NewFile[] {
  const mode = wanted.mode ?? (wanted.program === undefined ? 'guide' : 'hybrid');
  const program =
    mode === 'guide' ? undefined : (wanted.program ?? { file: 'script.sh', text: programTemplate(id) });
  const name = wanted.name.replace(/^sk-/i, '');
  const definition = {
    id,
    name,
    description: wanted.description ?? `What ${name} is for, in one sentence that names when to use it.`,
    level: wanted.level ?? 'draft',
    mode,
    execution_level: mode === 'guide' ? 'none' : (wanted.executionLevel ?? 'read-only'),
    tags: wanted.tags ?? [],
    trigger_patterns: wanted.triggers ?? [name.replaceAll('-', ' ')],
    steps: wanted.steps ?? [],
    gotchas: wanted.gotchas ?? [],
    params_schema: {},
    ...(program === undefined
      ? {}
      : { executable_entry: program.file, command_template: { argv: ['{{file_path}}'] } }),
    stable_after_uses: 10,
  };
  return [
    { name: 'skill.json', text: `${JSON.stringify(definition, null, 2)}\n` },
    { name: 'guide.md', text: wanted.content ?? guideTemplate(name, wanted) },
    ...(program === undefined ? [] : [{ name: program.file, text: program.text, mode: 0o755 }]),
  ];
}

function guideTemplate(name: string, { steps = [], gotchas = [] }: NewSkill): string {
  const list =
    steps.length > 0 ? steps : ['What to look at first.', 'What to do.', 'How to tell that it worked.'];
  return [
    `# ${name}`,
    '',
    '## When',
    '',
    'Use this when …; leave it when ….',
    '',
    '## Steps',
    '',
    ...list.map((step, index) => `${index + 1}. ${step}`),
    '',
    '## Careful',
    '',
    ...(gotchas.length > 0 ? gotchas : ['What goes wrong most often, and how to see it.']).map(
      (each) => `- ${each}`,
    ),
    '',
    '## Done when',
    '',
    '- …',
    '',
  ].join('\n');
}

function programTemplate(id: string): string {
  return `#!/usr/bin/env bash
# nexo: name=${skillSlug(id)}
# nexo: description=gathers what the guide of ${id} works on
# nexo: runtime=shell
set -euo pipefail

# Print what the guide needs to know; everything on standard output is shown to the agent.
echo "gathered for \${NEXO_SKILL_ID:-${id}}"
`;
}
