import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';

/** What can be told of a project at first sight: the material of the tour's little cycle. */
export interface Survey {
  readonly name: string;
  readonly files: number;
  /** File kinds by number, most first: `['.ts', 120]`. */
  readonly kinds: readonly (readonly [string, number])[];
  /** What a newcomer reads first. */
  readonly readFirst: string | undefined;
  /** How its tests are run, as far as its manifest tells. */
  readonly testCommand: string | undefined;
}

const SKIPPED = new Set(['.git', '.nexus', 'node_modules']);
const READ_FIRST = ['README.md', 'README', 'README.rst', 'README.txt', 'AGENTS.md', 'CONTRIBUTING.md'];

/** Looks at a folder of a bounded size; reads names, and one manifest. */
export function surveyProject(folder: string, name: string): Survey {
  const kinds = new Map<string, number>();
  let files = 0;
  for (const path of listFiles(folder)) {
    files += 1;
    const kind = extname(path) || basename(path);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const top = readdirSync(folder);
  return {
    name,
    files,
    kinds: [...kinds].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 5),
    readFirst: READ_FIRST.find((wanted) => top.includes(wanted)),
    testCommand: findTestCommand(folder, top),
  };
}

/** The survey as the note that the tour's cycle produces. */
export function renderNote({ name, files, kinds, readFirst, testCommand }: Survey): string {
  return [
    `# Finding your way in ${name}`,
    '',
    `- ${files} files: ${kinds.map(([kind, number]) => `${number} ${kind}`).join(', ') || 'none yet'}`,
    `- Read first: ${readFirst ?? 'nothing yet; a README.md would be a good first task'}`,
    `- Run the tests: ${testCommand === undefined ? 'no command found' : `\`${testCommand}\``}`,
    '',
  ].join('\n');
}

function findTestCommand(folder: string, top: readonly string[]): string | undefined {
  if (top.includes('package.json') && hasTestScript(join(folder, 'package.json'))) return 'npm test';
  if (top.includes('Cargo.toml')) return 'cargo test';
  if (top.includes('go.mod')) return 'go test ./...';
  if (top.includes('pyproject.toml') || top.includes('pytest.ini')) return 'pytest';
  if (top.includes('mix.exs')) return 'mix test';
  return top.includes('Makefile') ? 'make test' : undefined;
}

function hasTestScript(path: string): boolean {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const scripts =
      typeof manifest === 'object' && manifest !== null && 'scripts' in manifest ? manifest.scripts : {};
    return typeof scripts === 'object' && scripts !== null && 'test' in scripts;
  } catch {
    return false; // a broken manifest is the project's own affair
  }
}

function* listFiles(folder: string): Generator<string> {
  const folders = [folder];
  for (let current = folders.pop(); current !== undefined; current = folders.pop()) {
    for (const entry of readdirSync(current, { withFileTypes: true })) {
      if (SKIPPED.has(entry.name)) continue;
      if (entry.isDirectory()) folders.push(join(current, entry.name));
      else yield join(current, entry.name);
    }
  }
}
