import { join } from 'node:path';

import type { CatalogSkill, CatalogTag, Report } from './catalog.ts';
import { isPresent, readFolder } from './files.ts';
import type { CatalogLayer } from './layers.ts';
import { type Tag, TagSchema } from './schemas.ts';
import { loadList, type Placed, TAGS_FILE, type Vocabulary } from './vocabulary.ts';

/** The tags of all layers. A later layer may add tags for skills; the rest of the vocabulary is the built-in one's. */
export function loadTags(
  layers: readonly CatalogLayer[],
  vocabulary: Vocabulary,
  report: Report,
): CatalogTag[] {
  const tags: CatalogTag[] = [];
  for (const layer of layers) {
    const own = layer.kind === 'built-in' ? vocabulary.tags : foreignTags(layer, report);
    for (const tag of own) {
      const fits = [hasItsTrigger(tag, report), isFree(tag, tags, report), isForSkill(tag, layer, report)];
      if (!fits.includes(false)) tags.push({ ...tag, layer });
    }
  }
  return tags;
}

/** G5: the skill of every tag exists, and lists the tag unless it is manual only. */
export function checkTagTargets(
  tags: readonly CatalogTag[],
  skills: ReadonlyMap<string, CatalogSkill>,
  report: Report,
): void {
  for (const { entry, file, line } of tags) {
    if (entry.type !== 'skill') continue;
    const skill = skills.get(entry.skill)?.meta;
    if (skill?.manual_only === true || skill?.triggers?.includes(entry.id) === true) continue;
    report({
      gate: 'G5',
      level: 'error',
      file,
      line,
      message:
        skill === undefined
          ? `the tag ${entry.id} activates ${entry.skill}, which is no skill`
          : `the skill ${entry.skill} does not list the tag ${entry.id} in its triggers`,
      fix:
        skill === undefined
          ? 'Name an existing skill; if it has a fault of its own, mend that first.'
          : `Add ${entry.id} to the triggers of ${entry.skill}.`,
    });
  }
}

/** The text of a tag or a variant by the rule of G11. */
export function triggerOf(id: string, variant?: string): string {
  const name = id.replaceAll('-', ':');
  if (variant === undefined) return `[${name}]`;
  return `[${name}:${variant === '*' ? '<any>' : variant}]`;
}

function foreignTags(layer: CatalogLayer, report: Report): Placed<Tag>[] {
  const folder = join(layer.folder, 'vocabulary');
  for (const { name } of readFolder(folder)) {
    if (name === TAGS_FILE) continue;
    report({
      gate: 'N3',
      level: 'error',
      file: join(folder, name),
      line: 1,
      message: 'is not read: a later layer adds tags to the vocabulary, and nothing else',
      fix: 'Remove it.',
    });
  }
  return isPresent(folder, TAGS_FILE) ? loadList(join(folder, TAGS_FILE), TagSchema, report) : [];
}

function hasItsTrigger({ entry, file, lineOf }: Placed<Tag>, report: Report): boolean {
  const texts = [
    { written: entry.trigger, expected: triggerOf(entry.id), path: ['trigger'] },
    ...(entry.variants ?? []).map(({ id, trigger }, at) => ({
      written: trigger,
      expected: triggerOf(entry.id, id),
      path: ['variants', at, 'trigger'],
    })),
  ];
  const wrong = texts.filter(({ written, expected }) => written !== expected);
  for (const { written, expected, path } of wrong) {
    report({
      gate: 'G11',
      level: 'error',
      file,
      line: lineOf(path),
      message: `the trigger of ${entry.id} is written ${JSON.stringify(written)}`,
      fix: `Write ${JSON.stringify(expected)}: the id in brackets, with ":" for "-".`,
    });
  }
  return wrong.length === 0;
}

function isFree({ entry, file, line }: Placed<Tag>, tags: readonly CatalogTag[], report: Report): boolean {
  const texts = triggersOf(entry);
  const owner = tags.find((tag) => triggersOf(tag.entry).some((text) => texts.includes(text)));
  if (owner === undefined) return true;
  report({
    gate: 'N3',
    level: 'error',
    file,
    line,
    message: `the tag ${entry.id} is typed like the tag ${owner.entry.id} of the layer ${owner.layer.name}`,
    fix: 'Give it another id.',
  });
  return false;
}

function triggersOf({ trigger, variants = [] }: Tag): string[] {
  return [trigger, ...variants.map((variant) => variant.trigger)];
}

/** Handlers are part of the program, so that only the built-in layer can name one. */
function isForSkill({ entry, file, line }: Placed<Tag>, layer: CatalogLayer, report: Report): boolean {
  if (layer.kind === 'built-in' || entry.type === 'skill') return true;
  report({
    gate: 'N3',
    level: 'error',
    file,
    line,
    message: `the tag ${entry.id} names a handler, and those are part of the program`,
    fix: 'Make it a tag of type skill.',
  });
  return false;
}
