import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { type DocFinding, lintDocument } from '../../../advise/lint-docs.ts';
import { nodeFileSystem, readRegularFile } from '../../../base/durable-file.ts';
import { ioError } from '../../../base/file-errors.ts';
import { NexoError } from '../../../errors.ts';
import { defineCommand } from '../../command.ts';
import { count } from '../../render/words.ts';

/** Largest document that is read, in bytes, and most documents of one folder. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_FILES = 10_000;
const DOCUMENT = /\.(md|mdx|markdown|txt)$/i;
const SKIPPED = new Set(['node_modules', '.git', '.nexus']);

interface FileFinding extends DocFinding {
  readonly file: string;
}

export default defineCommand({
  description:
    'Looks through Markdown and text files for schedules that the parser refuses, such as cron expressions in a ' +
    'script’s header, and that the document presents as if they worked. Exit code 1 when there are any.',
  example: 'nexo artifacts lint-docs .',
  positionals: [{ name: 'path', description: 'a document or a folder', required: true, completes: 'file' }],
  flags: {},
  run: async ({ words: [path = '.'], context }) => {
    const files = documentsIn(resolve(context.io.cwd(), path));
    const findings = files.flatMap((file): FileFinding[] => {
      const read = readRegularFile(nodeFileSystem, file, MAX_BYTES);
      return read === undefined
        ? []
        : lintDocument(read.bytes.toString()).map((finding) => ({ file, ...finding }));
    });
    return { files: files.length, findings };
  },
  render: ({ files, findings }, { ink, marks }) =>
    [
      ...findings.flatMap(({ file, line, found, message, hint }) => [
        `${ink.bad(marks.failure)} ${file}:${line}: ${found}`,
        `  ${message} ${ink.dim(hint)}`,
      ]),
      findings.length === 0
        ? `${ink.good(marks.done)} ${count(files, 'document')}, no schedule that the parser refuses.`
        : `${count(findings.length, 'schedule')} that the parser refuses, in ${count(files, 'document')}.`,
    ].join('\n'),
  failed: ({ findings }) => findings.length > 0,
});

function documentsIn(path: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    throw new NexoError('INPUT_INVALID', `There is no ${path}.`, { hint: 'Name a document or a folder.' });
  }
  if (!stat.isDirectory()) return [path];
  const found: string[] = [];
  collect(path, found);
  return found;
}

function collect(folder: string, found: string[]): void {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw ioError(folder, 'read', error);
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (found.length >= MAX_FILES) {
      throw new NexoError('INPUT_INVALID', `${folder} is among more than ${MAX_FILES} documents.`, {
        hint: 'Name a smaller folder.',
      });
    }
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED.has(entry.name)) collect(path, found);
    else if (entry.isFile() && DOCUMENT.test(entry.name)) found.push(path);
  }
}
