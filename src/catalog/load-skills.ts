import { join } from 'node:path';

import type { CatalogSkill, CatalogTag, Report } from './catalog.ts';
import { type Item, itemFolders, readItem } from './item.ts';
import type { CatalogLayer } from './layers.ts';
import { type SkillMeta, SkillMetaSchema } from './schemas.ts';
import type { Vocabulary } from './vocabulary.ts';

interface Load {
  readonly layer: CatalogLayer;
  /** All skills so far; those of this layer are added. */
  readonly skills: Map<string, CatalogSkill>;
  readonly tags: readonly CatalogTag[];
  readonly vocabulary: Vocabulary;
  readonly report: Report;
}

/** Adds the skills of one layer. */
export function loadSkills(load: Load): void {
  const { layer, skills, report } = load;
  for (const folder of itemFolders(join(layer.folder, 'skills'), report)) {
    const item = readItem(folder, SkillMetaSchema, report);
    if (item === undefined) continue;
    const fits = [isFree(item, load), hasSkillTags(item, load), hasHelp(item, load)];
    if (fits.includes(false)) continue;
    skills.set(item.meta.id, { meta: item.meta, bodies: item.bodies, layer, folder: folder.path });
  }
}

/** N3. */
function isFree({ meta, file }: Item<SkillMeta>, { skills, report }: Load): boolean {
  const owner = skills.get(meta.id);
  if (owner === undefined) return true;
  report({
    gate: 'N3',
    level: 'error',
    file: file.file,
    line: file.source.lineOf(['id']),
    message: `the skill ${meta.id} is defined by the layer ${owner.layer.name} already`,
    fix: 'Give yours another id.',
  });
  return false;
}

/** G5: what triggers a skill is a tag that activates this very skill. */
function hasSkillTags({ meta, file }: Item<SkillMeta>, { tags, report }: Load): boolean {
  const mine = tags.flatMap(({ entry }) =>
    entry.type === 'skill' && entry.skill === meta.id ? [entry.id] : [],
  );
  const strangers = (meta.triggers ?? []).flatMap((id, at) => (mine.includes(id) ? [] : [{ id, at }]));
  for (const { id, at } of strangers) {
    const tag = tags.find(({ entry }) => entry.id === id)?.entry;
    const found =
      tag === undefined
        ? 'there is no tag'
        : tag.type === 'skill'
          ? `the tag activates ${tag.skill}:`
          : 'the tag activates no skill:';
    report({
      gate: 'G5',
      level: 'error',
      file: file.file,
      line: file.source.lineOf(['triggers', at]),
      message: `${found} ${id}`,
      fix: `Name a tag of type skill whose skill is ${meta.id}, or set manual_only: true and leave triggers out.`,
    });
  }
  return strangers.length === 0;
}

/** N5: help that a skill wants to show is there for every harness. */
function hasHelp({ meta, file }: Item<SkillMeta>, { vocabulary, report }: Load): boolean {
  const harnesses = Object.entries(vocabulary.harnessDocs);
  const gaps = (meta.harness_docs_refs ?? []).flatMap((key, at) => {
    const without = harnesses.filter(([, docs]) => docs[key] === undefined).map(([harness]) => harness);
    return without.length === 0 ? [] : [{ key, at, without }];
  });
  for (const { key, at, without } of gaps) {
    report({
      gate: 'N5',
      level: 'error',
      file: file.file,
      line: file.source.lineOf(['harness_docs_refs', at]),
      message: `there is no help ${key} for ${without.join(', ')}`,
      fix: 'Use a key of vocabulary/harness-docs.yml.',
    });
  }
  return gaps.length === 0;
}
