import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

import { findGit } from '../../base/git-branch.ts';
import { NexoError, systemErrorCode } from '../../errors.ts';
import { existingFolder, isAmbiguousRoot } from '../../workspace/root.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { text, toggle } from '../flags.ts';
import { copyProject } from '../tour/copy-project.ts';
import { runCycle } from '../tour/cycle.ts';
import { createNarrator } from '../tour/narrator.ts';

export default defineCommand({
  description:
    'Walks through one whole cycle on a copy of a project: plan, decisions, tasks, two agents at once, close. ' +
    'It starts the real server, talks to it as an MCP client, and shows every call and every state file as it ' +
    'changes. Your project is only read. The copy stays for you to look at.',
  example: 'nexo tour',
  flags: {
    into: text('empty or new folder for the copy; a temporary one unless said', {
      placeholder: 'dir',
      completes: 'folder',
    }),
    execute: toggle('have agents carry out the tasks, on the scripted backend'),
  },
  positionals: [
    { name: 'dir', description: 'project to copy; the current one unless said', completes: 'folder' },
  ],
  stopsItself: true,
  run: async ({ flags, words, context }) => {
    const { io } = context;
    const source = await chooseSource(words[0], context);
    const target = makeTarget(flags.into, source, context);
    try {
      const narrator = createNarrator(context, target.folder);
      narrator.title(`A tour of Nexo: one cycle of work on a copy of ${basename(source)}`);
      narrator.step('A copy to work in');
      const copy = await copyProject(source, target.folder, io.signal);
      const options = { source, root: target.folder, copy, narrator, context };
      if (flags.execute) {
        const { runExecutedCycle } = await import('../tour/execute-cycle.ts');
        return {
          source,
          copy: target.folder,
          kind: copy.kind,
          remarks: copy.remarks,
          ...(await runExecutedCycle(options)),
        };
      }
      const result = await runCycle(options);
      return { source, copy: target.folder, ...result };
    } catch (error) {
      if (!io.signal.aborted) throw error;
      // Nobody waits for the copy of a tour that was stopped.
      if (target.isTemporary) rmSync(target.parent, { recursive: true, force: true, maxRetries: 10 });
      throw new NexoError('INTERRUPTED', 'The tour was stopped.');
    }
  },
});

async function chooseSource(word: string | undefined, context: CommandContext): Promise<string> {
  if (word === undefined) return (await context.root()).path;
  const folder = existingFolder(resolve(context.io.cwd(), word));
  const source = findGit(folder)?.topLevel ?? folder;
  if (!isAmbiguousRoot(source, context.io.userHome())) return source;
  throw new NexoError('PROJECT_ROOT_AMBIGUOUS', `${source} is no project, and too much to copy.`, {
    hint: 'Name the folder of one project.',
  });
}

interface Target {
  /** Where the copy goes; does not exist yet, or is empty. */
  readonly folder: string;
  readonly parent: string;
  readonly isTemporary: boolean;
}

function makeTarget(into: string | undefined, source: string, { io }: CommandContext): Target {
  if (into === undefined) {
    const parent = realpathSync(mkdtempSync(join(tmpdir(), 'nexo-tour-')));
    return { folder: join(parent, basename(source) || 'project'), parent, isTemporary: true };
  }
  const folder = resolve(io.cwd(), into);
  if (!isEmptyOrMissing(folder)) {
    throw new NexoError('USAGE', `${folder} is not empty.`, { hint: 'Name a new folder with --into.' });
  }
  mkdirSync(folder, { recursive: true });
  return { folder: realpathSync(folder), parent: folder, isTemporary: false };
}

function isEmptyOrMissing(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return true;
    if (systemErrorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}
