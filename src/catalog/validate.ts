import { join } from 'node:path';

import { BODY_FILES, type Body } from './body.ts';
import type { Catalog, CatalogAgent, CatalogSkill, Report } from './catalog.ts';
import { readTextFile } from './files.ts';
import { compareFindings, type Finding } from './finding.ts';
import { HARNESSES, type Harness, type InvocationTemplates } from './invocations/contract.ts';
import { TEMPLATES } from './invocations/templates.ts';
import { META_FILE } from './item.ts';
import type { Layers } from './layers.ts';
import { loadCatalog } from './load.ts';
import { checkMacros, expandMacros, type MacroWords } from './macros/expand.ts';
import { createManifest, manifestPath, renderManifest } from './manifest.ts';
import { findHarnessWords } from './neutral-text.ts';
import { compareOutlines, outlineOf } from './outline.ts';

export interface ValidateOptions {
  /** The version that the manifest has to state. */
  readonly version: string;
  readonly templates?: Readonly<Record<Harness, InvocationTemplates>>;
}

export interface Validation {
  readonly catalog: Catalog;
  /** Everything from loading and from the gates that read the texts, in the order of the files. */
  readonly findings: readonly Finding[];
}

/** Runs every gate over every layer. Writes nothing. */
export function validateCatalog(
  layers: Layers,
  { version, templates = TEMPLATES }: ValidateOptions,
): Validation {
  const catalog = loadCatalog(layers);
  const findings = [...catalog.findings];
  const report: Report = (finding) => {
    findings.push(finding);
  };
  const words = macroWords(catalog);
  for (const item of [...catalog.agents, ...catalog.skills]) {
    // What a pack says was checked when it was installed; it is text, whatever it looks like.
    if (item.layer.kind === 'persona') continue;
    checkNeutral(item, report);
    checkLanguages(item, report);
    for (const body of bodiesOf(item)) checkBodyMacros(body, { words, templates, report });
  }
  checkTemplates(catalog, templates, report);
  checkHelp(catalog, report);
  checkManifest(catalog, version, report);
  return { catalog, findings: findings.sort(compareFindings) };
}

/** What the macros of a body may refer to in this catalog. */
export function macroWords(catalog: Catalog): MacroWords {
  return {
    invocations: catalog.vocabulary.invocations.map(({ entry }) => entry),
    roles: new Set(catalog.agents.map(({ meta }) => meta.id)),
    skills: new Set(catalog.skills.map(({ meta }) => meta.id)),
  };
}

type AnyItem = CatalogAgent | CatalogSkill;

function bodiesOf({ bodies }: AnyItem): Body[] {
  return Object.values(bodies).filter((body) => body !== undefined);
}

/** What is shipped is rendered everywhere; what users write for themselves may be meant for one harness. */
function strictness({ layer }: AnyItem): Finding['level'] {
  return layer.kind === 'built-in' ? 'error' : 'warning';
}

/** G6 and G7. */
function checkNeutral(item: AnyItem, report: Report): void {
  const level = strictness(item);
  const meta = join(item.folder, META_FILE);
  const read = readTextFile(meta);
  const texts = [...bodiesOf(item), ...(read.kind === 'text' ? [{ file: meta, text: read.text }] : [])];
  for (const { file, text } of texts) {
    for (const fault of findHarnessWords(text)) report({ level, file, ...fault });
  }
}

/** N2: Korean says what English says. */
function checkLanguages(item: AnyItem, report: Report): void {
  const { en, ko } = item.bodies;
  if (ko !== undefined) {
    const difference = compareOutlines(outlineOf(en.text), outlineOf(ko.text));
    if (difference === undefined) return;
    const fix = `Bring ${BODY_FILES.ko} and ${BODY_FILES.en} into line.`;
    report({ gate: 'N2', level: strictness(item), file: ko.file, line: 1, message: difference, fix });
  } else if (item.layer.kind === 'built-in') {
    const file = join(item.folder, BODY_FILES.ko);
    report({
      gate: 'N2',
      level: 'error',
      file,
      line: 1,
      message: 'is missing',
      fix: 'Write the body in Korean.',
    });
  }
}

interface MacroCheck {
  readonly words: MacroWords;
  readonly templates: Readonly<Record<Harness, InvocationTemplates>>;
  readonly report: Report;
}

/** N1, and the part of G6 that only warns: an unknown macro stops a rendering, and here it is pointed out. */
function checkBodyMacros(body: Body, { words, templates, report }: MacroCheck): void {
  const faults = checkMacros(body.text, words);
  for (const { kind, line, message, fix } of faults) {
    const unknown = kind === 'unknown-primitive';
    report({
      gate: unknown ? 'G6' : 'N1',
      level: unknown ? 'warning' : 'error',
      file: body.file,
      line,
      message,
      fix,
    });
  }
  if (faults.length > 0) return;
  for (const harness of HARNESSES) {
    const { text } = expandMacros(body.text, { words, templates: templates[harness], lang: body.lang });
    const left = outlineOf(text).macros;
    if (left.length === 0) continue;
    report({
      gate: 'N1',
      level: 'error',
      file: body.file,
      line: 1,
      message: `still has a macro after it was rendered for ${harness}: ${left.join('; ')}`,
      fix: 'Give the harness a template for it, and keep braces out of here-documents.',
    });
  }
}

function checkTemplates(
  { vocabulary }: Catalog,
  templates: Readonly<Record<Harness, InvocationTemplates>>,
  report: Report,
): void {
  for (const { entry, file, line } of vocabulary.invocations) {
    const without = HARNESSES.filter((harness) => templates[harness].render[entry.id] === undefined);
    if (without.length === 0) continue;
    report({
      gate: 'N1',
      level: 'error',
      file,
      line,
      message: `the primitive ${entry.id} has no rendering for ${without.join(', ')}`,
      fix: 'Add one to src/catalog/invocations/.',
    });
  }
}

/** N5: every harness has the same help. */
function checkHelp({ vocabulary, layers }: Catalog, report: Report): void {
  const file = join(layers[0].folder, 'vocabulary', 'harness-docs.yml');
  const keys = new Set(Object.values(vocabulary.harnessDocs).flatMap((docs) => Object.keys(docs)));
  for (const harness of HARNESSES) {
    const missing = [...keys].filter((key) => vocabulary.harnessDocs[harness]?.[key] === undefined);
    if (missing.length === 0) continue;
    report({
      gate: 'N5',
      level: 'error',
      file,
      line: 1,
      message: `${harness} lacks ${missing.join(', ')}`,
      fix: 'Write the text for it, in both languages.',
    });
  }
}

/** N4: the manifest is what the folders give. */
function checkManifest(catalog: Catalog, version: string, report: Report): void {
  const assets = catalog.layers[0].folder;
  const manifest = createManifest(catalog, version);
  if (manifest === undefined) return;
  const file = manifestPath(assets);
  const read = readTextFile(file);
  if (read.kind === 'text' && read.text === renderManifest(manifest)) return;
  report({
    gate: 'N4',
    level: 'error',
    file,
    line: read.kind === 'text' ? firstDifference(read.text, renderManifest(manifest)) : 1,
    message: read.kind === 'text' ? 'is not what the catalog gives today' : 'is missing',
    fix: 'Run scripts/manifest.ts; in an installed package, install it again.',
  });
}

function firstDifference(a: string, b: string): number {
  const other = b.split('\n');
  const at = a.split('\n').findIndex((line, index) => line !== other[index]);
  return at === -1 ? a.split('\n').length : at + 1;
}
