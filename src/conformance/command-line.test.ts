import { expect, it } from 'vitest';

import { splitCommand } from './command-line.ts';

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
