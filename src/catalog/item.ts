import { join } from 'node:path';
import type * as z from 'zod';

import { BODY_FILES, type Bodies, type Body, LANGS, type Lang, normaliseBody } from './body.ts';
import type { Report } from './catalog.ts';
import { readFolder, readTextFile } from './files.ts';
import { checkValue, type ParsedFile, readYamlFile } from './parse-file.ts';

export const META_FILE = 'meta.yml';
/** In place of all other files: what a later layer adds to an agent of an earlier one. */
export const EXTENSION_FILE = 'extend.yml';

export interface ItemFolder {
  readonly name: string;
  readonly path: string;
}

/** An item whose files could be read, before anything it refers to is checked. */
export interface Item<Meta> {
  readonly meta: Meta;
  readonly bodies: Bodies;
  readonly file: ParsedFile;
}

/** The folders of `agents/` or `skills/`. Anything else in there is reported. */
export function itemFolders(folder: string, report: Report): ItemFolder[] {
  return readFolder(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return [{ name: entry.name, path }];
    report({
      gate: 'G9',
      level: 'error',
      file: path,
      line: 1,
      message: entry.isSymbolicLink() ? 'is a symbolic link, and links are not followed' : 'is not a folder',
      fix: 'Keep here one folder for each item, with its files in it.',
    });
    return [];
  });
}

/** Reads `meta.yml` and the bodies of one folder; undefined when one of them is missing or does not fit. */
export function readItem<T extends z.ZodType<{ id: string }>>(
  folder: ItemFolder,
  schema: T,
  report: Report,
): Item<z.infer<T>> | undefined {
  checkEntries(folder, [META_FILE, ...Object.values(BODY_FILES)], report);
  const file = readYamlFile(join(folder.path, META_FILE), report);
  const bodies = readBodies(folder, report);
  if (file === undefined) return undefined;
  const meta = checkValue(file, file.source.value, schema, report);
  if (meta === undefined || bodies === undefined) return undefined;
  if (meta.id === folder.name) return { meta, bodies, file };
  report({
    gate: 'G10',
    level: 'error',
    file: file.file,
    line: file.source.lineOf(['id']),
    message: `the id ${meta.id} is not the name of the folder, ${folder.name}`,
    fix: 'Rename one of them.',
  });
  return undefined;
}

/** Files that are run and not read. */
const CODE = /\.(?:[cm]?[jt]sx?|sh|bash|zsh|fish|ps1|py|rb|pl|php|lua|wasm|exe|bat|cmd)$/i;

/** G8 and G9: nothing to run, and nothing besides the files that are read. */
export function checkEntries(folder: ItemFolder, expected: readonly string[], report: Report): void {
  for (const entry of readFolder(folder.path)) {
    if (entry.isFile() && expected.includes(entry.name)) continue;
    const isCode = CODE.test(entry.name);
    report({
      gate: isCode ? 'G8' : 'G9',
      level: 'error',
      file: join(folder.path, entry.name),
      line: 1,
      message: isCode ? 'is code, and a catalog holds text only' : 'does not belong here',
      fix: isCode
        ? 'Make it a script of your own and let the body name it.'
        : `Keep here only ${expected.join(', ')}.`,
    });
  }
}

function readBodies(folder: ItemFolder, report: Report): Bodies | undefined {
  const found = LANGS.flatMap((lang): Body[] => {
    const body = readBody(folder, lang, report);
    return body === undefined ? [] : [body];
  });
  const en = found.find(({ lang }) => lang === 'en');
  return en === undefined ? undefined : { ...Object.fromEntries(found.map((body) => [body.lang, body])), en };
}

function readBody(folder: ItemFolder, lang: Lang, report: Report): Body | undefined {
  const file = join(folder.path, BODY_FILES[lang]);
  const fault = (message: string, fix: string, gate: 'G1' | 'G8' | 'G9' = 'G1'): undefined => {
    report({ gate, level: 'error', file, line: 1, message, fix });
    return undefined;
  };
  const read = readTextFile(file);
  if (read.kind === 'missing')
    return lang === 'en' ? fault('is missing', 'Write the prompt there.', 'G9') : undefined;
  if (read.kind === 'bad') return fault(read.message, read.fix, 'G9');
  const text = normaliseBody(read.text);
  if (text.trim() === '') return fault('is empty', 'Write the prompt there.');
  if (text.startsWith('#!')) return fault('begins like a program', 'Begin with a heading.', 'G8');
  if (/^---\n/.test(text)) return fault('begins with front matter', `Move the fields to ${META_FILE}.`);
  return { lang, file, text };
}
