import { NexoError } from '../errors.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { ChosenRoot, CommandContext } from './command.ts';
import type { Io } from './io.ts';
import { createView } from './render/view.ts';

interface ContextOptions {
  readonly io: Io;
  readonly json: boolean;
  /** The value of `--root`. */
  readonly root: string | undefined;
}

/** What a command gets to see; the workspace code is loaded only when a command asks for it. */
export function createContext({ io, json, root }: ContextOptions): CommandContext {
  const output = json ? io.stderr : io.stdout;
  let chosen: Promise<ChosenRoot> | undefined;
  let workspace: Promise<Workspace> | undefined;
  const context: CommandContext = {
    io,
    json,
    view: createView(output, io.env),
    interactive: io.stdinIsTerminal && io.stderr.isTerminal && !json && !isSet(io.env.CI),
    rootFlag: root,
    root: () => (chosen ??= chooseRoot(io, root)),
    workspace: () => (workspace ??= openChosen(context)),
    note: (line) => io.stderr.write(`${line}\n`),
    stream: (text) => output.write(text),
  };
  return context;
}

async function chooseRoot(io: Io, flag: string | undefined): Promise<ChosenRoot> {
  const { resolveProjectRoot } = await import('../workspace/root.ts');
  if (flag === undefined) return resolveProjectRoot({ env: io.env, cwd: io.cwd(), home: io.userHome() });
  if (flag.trim() === '')
    throw new NexoError('USAGE', '--root is empty.', { hint: 'Pass the folder of a project.' });
  const env = { ...io.env, NEXO_PROJECT_ROOT: flag };
  return { path: resolveProjectRoot({ env, cwd: io.cwd(), home: io.userHome() }).path, source: 'flag' };
}

async function openChosen(context: CommandContext): Promise<Workspace> {
  const { openWorkspace } = await import('../workspace/workspace.ts');
  return openWorkspace((await context.root()).path);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
