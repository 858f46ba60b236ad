import { describe, expect, it } from 'vitest';

import { parseCommandLine } from './program.ts';
import { createView } from './render/view.ts';
import { readPlainCommandLine } from './request.ts';
import { allCommands } from './table.ts';

const view = createView({ isTerminal: false, columns: undefined, write: () => {} }, {});

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
