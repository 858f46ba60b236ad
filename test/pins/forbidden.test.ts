import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const source = join(import.meta.dirname, '..', '..', 'src');

/** What no file of the program may do; each with a line that shows it is found. */
const FORBIDDEN: readonly [what: string, pattern: RegExp, example: string][] = [
  [
    'a shell',
    /node:child_process'[\s\S]*\bshell:\s*(?!false\b)/,
    `import { spawn } from 'node:child_process'; spawn(file, args, { shell: true })`,
  ],
  [
    'a shell',
    /\bimport\s*(?:type\s*)?\{[^}]*\b(?:exec|execSync)\b[^}]*\}\s*from 'node:child_process'/,
    `import { exec, spawn } from 'node:child_process'`,
  ],
  ['code made from text', /\beval\(|\bnew Function\(|\brunIn\w+Context\(|\bnew vm\./, `eval(text)`],
  ['code loaded by a computed name', /\bimport\((?!\s*['"])/, 'import(name)'],
  [
    'code loaded from an address',
    /\bimport\s*\(?\s*['"](?:https?|data):|from ['"](?:https?|data):/,
    `import('https://host/x.js')`,
  ],
  ['a test switch', /process\.env\.(?:\w*TEST\w*|VITEST|NODE_ENV)\b/, 'process.env.NODE_ENV'],
];

/** The ends of the process belong to the edge. */
const MAY_EXIT = ['main.ts', 'cli/lifecycle.ts', 'harness/hook-main.ts', 'helper/day-of-month.ts'];

const files = globSync('**/*.ts', { cwd: source })
  .filter((file) => !/\.test\.ts$/.test(file))
  .map((file) => ({
    file: file.replaceAll('\\', '/'),
    text: withoutComments(readFileSync(join(source, file), 'utf8')),
  }));

function withoutComments(text: string): string {
  return text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');
}

describe('the program', () => {
  it.each(FORBIDDEN)('uses no %s (%s)', (_, pattern, example) => {
    expect(example).toMatch(pattern);
    expect(files.filter(({ text }) => pattern.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it('ends the process only at its edge', () => {
    const ending = files
      .filter(({ text }) => /\bprocess\.(exit|abort|reallyExit)\(/.test(text))
      .map(({ file }) => file);
    expect(ending.filter((file) => !MAY_EXIT.includes(file))).toEqual([]);
    expect(ending).toContain('cli/lifecycle.ts');
  });
});
