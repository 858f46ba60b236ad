import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What should become of a generated folder. */
export type Expected = 'imported' | 'warned' | 'refused';

interface Variant {
  readonly name: string;
  readonly expected: Expected;
  /** The SKILL.md for a skill called `id`; undefined writes none. */
  text(id: string): string | Buffer;
  extra?(folder: string): void;
}

const head = (id: string, more = ''): string =>
  `---\nname: ${id}\ndescription: Does ${id}. Use it when asked.\n${more}---\n\n`;
const BODY = '# Title\n\n1. First.\n2. Then.\n';

/** The shapes in which public skills come: tidy ones, and the mistakes that people make again and again. */
const VARIANTS: readonly Variant[] = [
  { name: 'the smallest one', expected: 'imported', text: (id) => `${head(id)}${BODY}` },
  {
    name: 'Windows line ends',
    expected: 'imported',
    text: (id) => `${head(id)}${BODY}`.replaceAll('\n', '\r\n'),
  },
  { name: 'a byte order mark', expected: 'imported', text: (id) => `\uFEFF${head(id)}${BODY}` },
  {
    name: 'every field of the standard',
    expected: 'imported',
    text: (id) =>
      `${head(id, 'license: MIT\ncompatibility: needs git\nallowed-tools: Read Grep\nmetadata:\n  author: ada\n  version: "1.0"\n')}${BODY}`,
  },
  {
    name: 'fields of one client',
    expected: 'imported',
    text: (id) =>
      `${head(id, 'disable-model-invocation: true\nargument-hint: "[file]"\nmodel: opus\ncontext: fork\n')}${BODY}`,
  },
  {
    name: 'tools as a list',
    expected: 'imported',
    text: (id) => `${head(id, 'allowed-tools:\n  - Read\n  - Bash(git *)\n')}${BODY}`,
  },
  {
    name: 'a folded description',
    expected: 'imported',
    text: (id) => `---\nname: ${id}\ndescription: >-\n  Does things.\n  Over two lines.\n---\n${BODY}`,
  },
  {
    name: 'a literal description',
    expected: 'imported',
    text: (id) => `---\nname: ${id}\ndescription: |\n  Does things.\n  - and more\n---\n${BODY}`,
  },
  {
    name: 'another language',
    expected: 'imported',
    text: (id) => `---\nname: ${id}\ndescription: 릴리스를 검토한다. 요청이 있을 때 쓴다.\n---\n# 제목\n`,
  },
  { name: 'blank lines before the head', expected: 'imported', text: (id) => `\n\n${head(id)}${BODY}` },
  {
    name: 'a line of dashes in the text',
    expected: 'imported',
    text: (id) => `${head(id)}${BODY}\n---\n\nmore\n`,
  },
  {
    name: 'numbers and dates in metadata',
    expected: 'imported',
    text: (id) =>
      `${head(id, 'metadata:\n  version: 1.2\n  date: 2026-01-01\n  nested: {a: [1, 2]}\n')}${BODY}`,
  },
  {
    name: 'scripts and references',
    expected: 'imported',
    text: (id) => `${head(id)}${BODY}See [more](references/more.md).\n`,
    extra: (folder) => {
      mkdirSync(join(folder, 'scripts'));
      mkdirSync(join(folder, 'references'));
      writeFileSync(join(folder, 'scripts', 'run.py'), 'print(1)\n', { mode: 0o755 });
      writeFileSync(join(folder, 'references', 'more.md'), '# More\n');
    },
  },
  {
    name: 'a colon in a bare description',
    expected: 'warned',
    text: (id) => `---\nname: ${id}\ndescription: Use it when: the user asks: now\n---\n${BODY}`,
  },
  {
    name: 'a bare description that begins with a bracket',
    expected: 'warned',
    text: (id) => `---\nname: ${id}\ndescription: [beta] does things: sometimes\n---\n${BODY}`,
  },
  {
    name: 'a name in title case',
    expected: 'warned',
    text: (id) => `---\nname: ${id.toUpperCase()} Skill\ndescription: Does it.\n---\n${BODY}`,
  },
  {
    name: 'a name unlike its folder',
    expected: 'warned',
    text: (id) => `---\nname: other-${id}\ndescription: Does it.\n---\n${BODY}`,
  },
  { name: 'no name', expected: 'warned', text: () => `---\ndescription: Does it.\n---\n${BODY}` },
  { name: 'nothing below the head', expected: 'warned', text: (id) => head(id) },
  {
    name: 'a description that is far too long',
    expected: 'warned',
    text: (id) => `---\nname: ${id}\ndescription: ${'word '.repeat(400)}\n---\n${BODY}`,
  },
  { name: 'no head', expected: 'refused', text: () => BODY },
  {
    name: 'a head without an end',
    expected: 'refused',
    text: (id) => `---\nname: ${id}\ndescription: Does it.\n\n${BODY}`,
  },
  { name: 'no description', expected: 'refused', text: (id) => `---\nname: ${id}\n---\n${BODY}` },
  {
    name: 'an empty description',
    expected: 'refused',
    text: (id) => `---\nname: ${id}\ndescription: ""\n---\n${BODY}`,
  },
  {
    name: 'a description that is a list',
    expected: 'refused',
    text: (id) => `---\nname: ${id}\ndescription:\n  - a\n  - b\n---\n${BODY}`,
  },
  { name: 'an empty file', expected: 'refused', text: () => '' },
  { name: 'bytes that are no text', expected: 'refused', text: () => Buffer.from([0, 159, 146, 150, 0, 1]) },
  { name: 'a head that is a list', expected: 'refused', text: () => `---\n- a\n- b\n---\n${BODY}` },
  {
    name: 'aliases that multiply',
    expected: 'warned',
    text: (id) =>
      `---\nname: ${id}\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ndescription: Does it.\n  - ]\n---\n${BODY}`,
  },
  {
    name: 'a file too large to be a guide',
    expected: 'refused',
    text: (id) => `${head(id)}${'x'.repeat(1024 * 1024)}`,
  },
  {
    name: 'a link out of the folder',
    expected: 'refused',
    text: (id) => `${head(id)}${BODY}`,
    extra: (folder) => symlinkSync('/etc/passwd', join(folder, 'secrets.txt')),
  },
  {
    name: 'a name without a usable letter',
    expected: 'refused',
    text: () => '---\nname: "검토"\ndescription: Does it.\n---\nbody\n',
  },
];

export interface GeneratedSkill {
  readonly folder: string;
  readonly variant: string;
  readonly expected: Expected;
}

/** Writes `count` skill folders of differing quality below `root`, all variants in turn. */
export function writeSkillFolders(root: string, count: number): readonly GeneratedSkill[] {
  return Array.from({ length: count }, (_, index) => {
    const variant = VARIANTS[index % VARIANTS.length] as Variant; // the list is not empty
    const id = `skill-${String(index).padStart(4, '0')}`;
    const folder = join(root, id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'SKILL.md'), variant.text(id));
    variant.extra?.(folder);
    return { folder, variant: variant.name, expected: variant.expected };
  });
}
