import { describe, expect, it } from 'vitest';

import { parseCommandLine } from './program.ts';
import { createView } from './render/view.ts';
import { readPlainCommandLine } from './request.ts';
import { allCommands } from './table.ts';

const view = createView({ isTerminal: false, columns: undefined, write: () => {} }, {});

describe('a command that has verbs and needs none', () => {
  it.each([
    [['daemon'], ['daemon', 'run']],
    [
      ['daemon', '--json'],
      ['daemon', 'run', '--json'],
    ],
    [
      ['daemon', '--http', 'x'],
      ['daemon', 'run', '--http', 'x'],
    ],
  ])('%j means the same as %j', async (alone, whole) => {
    const [a, b] = await Promise.all([parseCommandLine(alone, view), parseCommandLine(whole, view)]);
    if (a.kind !== 'command' || b.kind !== 'command') throw new Error('both should name a command');
    expect(a.command).toBe(b.command);
    expect(a.raw).toEqual(b.raw);
  });

  it('shows its own flags and its verbs in the help', async () => {
    const help = await parseCommandLine(['daemon', '--help'], view);
    expect(help.kind === 'text' && help.text).toMatch(/--http[\s\S]*Verbs:\n {2}run [\s\S]*Example:/);
  });
});

describe('a plain command line', () => {
  const endings = [[], ['--json'], ['--root', '/p'], ['--json', '--root', '/p'], ['--root', '--json']];
  const lines = allCommands().flatMap(({ path }) => endings.map((ending) => [...path.split(' '), ...ending]));

  it.each(lines.map((line) => [line.join(' '), line] as const))(
    '%s is read as the parser reads it',
    async (_name, line) => {
      const plain = await readPlainCommandLine(line);
      if (plain === undefined) return;
      const parsed = await parseCommandLine(line, view);
      if (plain.kind !== 'command' || parsed.kind !== 'command')
        throw new Error('both should name a command');
      expect(plain.command).toBe(parsed.command);
      expect(plain.words).toEqual(parsed.words);
      expect(plain.root).toBe(parsed.root);
    },
  );

  it.each([
    [['plan']],
    [['status', '--help']],
    [['status', 'extra']],
    [['status', '--root']],
    [['status', '--root', 'a', '--root', 'b']],
    [['task', 'add']],
    [['completions']],
    [[]],
  ])('%j is left to the parser', async (line) => {
    expect(await readPlainCommandLine(line)).toBeUndefined();
  });
});
