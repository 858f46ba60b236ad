import { describe, expect, it } from 'vitest';

import { flagName } from './flags.ts';
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

  it.each(allCommands().map(({ path, entry }) => [path, entry] as const))(
    'every flag of %s is read as the parser reads it',
    async (path, entry) => {
      const { flags } = (await entry.load()).default;
      const plainFlags = Object.entries(flags).filter(([, flag]) => flag.valueIsOptional !== true);
      const words = plainFlags.flatMap(([key, { placeholder, repeatable }]) => {
        const name = flagName(key);
        if (placeholder === undefined) return [name];
        return repeatable ? [name, 'one', `${name}=two=2`, name, '--three'] : [`${name}=a b`];
      });
      const line = [...path.split(' '), ...words, '--json'];
      const plain = await readPlainCommandLine(line);
      if (plain?.kind !== 'command') return;
      const parsed = await parseCommandLine(line, view);
      if (parsed.kind !== 'command') throw new Error('both should name a command');
      expect({ ...plain.raw, json: true }).toEqual(parsed.raw);
    },
  );

  it.each([
    [['plan']],
    [['status', '--help']],
    [['status', 'extra']],
    [['status', '--root']],
    [['status', '--root', 'a', '--root', 'b']],
    [['task', 'add']],
    [['run', '--prompt']],
    [['run', '--prompt', 'a', 'word']],
    [['run', '--no-such-flag', 'a']],
    [['run', '-h']],
    [['run', '--json=yes']],
    [['init', '--no-merge-driver']],
    [['mcp', '--http', '127.0.0.1:0']],
    [['completions']],
    [[]],
  ])('%j is left to the parser', async (line) => {
    expect(await readPlainCommandLine(line)).toBeUndefined();
  });
});
