import { readable } from '../marks.ts';
import { judgeBuildTool } from './build-tools.ts';
import { judgeGit } from './git.ts';
import { judgeInterpreter } from './interpreters.ts';
import { judgeNexo } from './nexo-command.ts';
import { judgePackageManager } from './package-managers.ts';
import { judgeReader } from './readers.ts';
import { judgeRemote } from './remote.ts';
import type { Run } from './run.ts';
import { judgeRunner } from './runners.ts';
import { judgeTextTool } from './text-tools.ts';
import { judgeWrapper } from './wrappers.ts';
import { judgeWriter } from './writers.ts';

/** A family judges the command and says so, or leaves it to the next. */
export type Family = (name: string, args: readonly string[], run: Run) => boolean;

const FAMILIES: readonly Family[] = [
  judgeReader,
  judgeWrapper,
  judgeTextTool,
  judgeWriter,
  judgeGit,
  judgeInterpreter,
  judgePackageManager,
  judgeRunner,
  judgeBuildTool,
  judgeNexo,
  judgeRemote,
];

/** Folders whose programs are what their names say. */
const PROGRAM_FOLDERS =
  /^(?:\/(?:usr\/)?(?:local\/)?s?bin\/|\/opt\/homebrew\/(?:bin|sbin)\/|(?:.*\/)?node_modules\/\.bin\/|(?:\.\/)?\.?venv\/bin\/|(?:\.\/)?vendor\/bin\/)([^/]+)$/;

const AGENT_PROGRAMS: ReadonlySet<string> = new Set([
  'claude',
  'codex',
  'opencode',
  'gemini',
  'aider',
  'cursor-agent',
  'goose',
  'amp',
  'qwen',
  'copilot',
  'crush',
  'droid',
  'kimi',
  'cline',
  'llm',
  'mods',
  'q',
]);

/** Judges one program call by its name. What no family knows is unknown. */
export function describeProgram(given: string, args: readonly string[], run: Run): void {
  const known = given.includes('/') ? (PROGRAM_FOLDERS.exec(given)?.[1] ?? localTool(given)) : given;
  const name = known?.replace(/\.(?:exe|cmd)$/i, '');
  if (name === undefined) {
    if (/(?:^|\/)nexo$/.test(given) && judgeNexo('nexo', args, run)) return;
    run.unknown('unknown-program', `what ${readable(given)} changes cannot be told`);
    return;
  }
  if (AGENT_PROGRAMS.has(name)) {
    if (args.length === 1 && /^(?:--version|-v|-V|--help|-h)$/.test(args[0] ?? '')) return;
    run.agent(`${name} starts an agent that has no gate`);
    return;
  }
  if (
    args.length === 1 &&
    /^(?:--version|--help)$/.test(args[0] ?? '') &&
    /^[a-z][\w.-]*$/i.test(name) &&
    given === name
  )
    return;
  if (FAMILIES.some((family) => family(name, args, run))) return;
  run.unknown('unknown-program', `what ${readable(given)} changes cannot be told`);
}

/** Build wrappers that lie in a project under a fixed name. */
function localTool(given: string): string | undefined {
  const match = /^\.\/(gradlew|mvnw)$/.exec(given);
  return match?.[1];
}
