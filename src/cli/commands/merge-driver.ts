import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

import { NexoError } from '../../errors.ts';
import { mergeHistory } from '../../workspace/merge-history.ts';
import { defineCommand } from '../command.ts';

export default defineCommand({
  description:
    'Merges two versions of .nexus/history.json and writes the result over ours. ' +
    'Called by git; nexo init --merge-driver sets that up.',
  example: 'nexo merge-driver base.json ours.json theirs.json',
  flags: {},
  stdout: 'protocol',
  positionals: [
    { name: 'base', description: 'the common ancestor', required: true },
    { name: 'ours', description: 'our version, and where the result goes', required: true },
    { name: 'theirs', description: 'their version', required: true },
  ],
  run: async ({ words: [base = '', ours = '', theirs = ''] }) => {
    try {
      const merged = mergeHistory({
        base: readFileSync(base),
        ours: readFileSync(ours),
        theirs: readFileSync(theirs),
      });
      // A temporary file of git's own, which git takes over once we are done.
      writeFileSync(ours, merged);
      return {};
    } catch (error) {
      // Left as it is, the file would look merged while it lacks their cycles: git's own merge leaves markers in it.
      if (error instanceof NexoError)
        spawnSync('git', ['merge-file', ours, base, theirs], { stdio: 'ignore' });
      throw error;
    }
  },
});
