import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { parseCommand, splitCommand } from './command-line.ts';

it.each([
  ['node server.js', ['node', 'server.js']],
  ['  node   server.js\t--flag ', ['node', 'server.js', '--flag']],
  ['"/my path/node" \'my server.js\'', ['/my path/node', 'my server.js']],
  ['node "a \'b\' c" \'d "e" f\'', ['node', "a 'b' c", 'd "e" f']],
  ['node my\\ server.js', ['node', 'my server.js']],
  ['node "a\\"b\\\\c"', ['node', 'a"b\\c']],
  ["node 'a\\b'", ['node', 'a\\b']],
  ['node "C:\\tools\\x"', ['node', 'C:\\tools\\x']],
  ['node ""', ['node', '']],
  ['node pre"mid dle"post', ['node', 'premid dlepost']],
  ['node $HOME `id` a|b;c *', ['node', '$HOME', '`id`', 'a|b;c', '*']],
])('%s is split into its words, and nothing is expanded', (command, words) => {
  expect(splitCommand(command, '--server')).toEqual(words);
});

it.each(['', '   ', '""', 'node "open', "node 'open"])('%j is refused', (command) => {
  expect(() => splitCommand(command, '--server')).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

it('a word that names a file is found from the folder of whoever typed it', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'command-'));
  mkdirSync(join(cwd, 'dist'));
  for (const name of ['dist/main.js', 'server.py', 'mcp', '-x.js']) writeFileSync(join(cwd, name), '');
  const parse = (command: string): readonly string[] => parseCommand(command, '--server', cwd);
  expect(parse('node dist/main.js mcp')).toEqual(['node', join(cwd, 'dist/main.js'), 'mcp']);
  expect(parse('./server.py dist gone.js -x.js')).toEqual([
    join(cwd, 'server.py'),
    'dist',
    'gone.js',
    '-x.js',
  ]);
});
