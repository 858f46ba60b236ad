import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

import { type DoctorSubject, type HarnessFault, installCommand } from './contract.ts';

/** Commands of ours whose program, or whose script, is no longer there: the Node or the Nexo that was installed. */
export function findProgramFaults({ harness, place, inspector, hooks }: DoctorSubject): HarnessFault[] {
  const server = inspector.findServer(place);
  const commands = [
    ...hooks.map(({ file, words }) => ({ file, words: words ?? [], user: 'hook' })),
    ...(server === undefined ? [] : [{ ...server, user: 'server' }]),
  ];
  const missing = new Map<string, { file: string; path: string; users: string[] }>();
  for (const { file, words, user } of commands) {
    for (const path of missingParts(words, place.env)) {
      const key = `${file}\0${path}`;
      const known = missing.get(key) ?? { file, path, users: [] };
      missing.set(key, { ...known, users: [...known.users, user] });
    }
  }
  return [...missing.values()].map(({ file, path, users }) => ({
    id: 'program-missing',
    severity: 'error',
    file,
    what: `${path} is not there, and ${describeUsers(users)} it.`,
    next: `Install Nexo again, then: ${installCommand(harness, place.scope)}`,
  }));
}

/** What of a command cannot be started: the program, or the script that stands first among its arguments. */
export function missingParts([program, script]: readonly string[], env: NodeJS.ProcessEnv): string[] {
  const missing: string[] = [];
  if (program !== undefined && !isProgram(program, env)) missing.push(program);
  if (script !== undefined && isAbsolute(script) && !existsSync(script)) missing.push(script);
  return missing;
}

function isProgram(program: string, env: NodeJS.ProcessEnv): boolean {
  if (isAbsolute(program)) return canRun(program);
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => canRun(join(folder, program)));
}

function canRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Whatever the reason: the harness gets no further either.
    return false;
  }
}

function describeUsers(users: readonly string[]): string {
  const hooks = users.filter((user) => user === 'hook').length;
  const parts = [
    ...(hooks === 0 ? [] : [hooks === 1 ? 'one hook' : `${hooks} hooks`]),
    ...(users.includes('server') ? ['the MCP server'] : []),
  ];
  return `${parts.join(' and ')} ${users.length === 1 ? 'starts' : 'start'}`;
}
