import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { NEXO, nexoJson, runNexo, runProgram, temporaryFolder } from '../support/run-nexo.ts';

let project: string;
let env: Record<string, string>;

beforeAll(async () => {
  project = temporaryFolder();
  mkdirSync(join(project, 'bin'));
  symlinkSync(NEXO, join(project, 'bin', 'nexo'));
  env = { PATH: `${join(project, 'bin')}:${join(process.execPath, '..')}:${process.env.PATH}` };
  for (const title of ['First', 'Second $(touch pwned)']) {
    await nexoJson(['task', 'add', '--title', title, '--context', 'c'], { cwd: project });
  }
});

const has = async (shell: string) => (await runProgram('sh', ['-c', `command -v ${shell}`])).code === 0;

describe('completion in bash', () => {
  /** Calls the completion function as readline does: the line, the cursor, and the words as bash splits them. */
  async function complete(line: string, words: readonly string[]): Promise<string[]> {
    const script = `
      eval "$(nexo completions bash)"
      COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
      COMP_LINE=$1; COMP_POINT=\${#1}; shift
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      _nexo "$1"
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const ran = await runProgram('bash', ['--norc', '-c', script, 'bash', line, ...words], {
      cwd: project,
      env,
    });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    return ran.stdout.split('\n').filter((word) => word !== '');
  }

  it.each([
    ['commands', 'nexo pl', ['nexo', 'pl'], ['plan', 'plugins', 'plugin']],
    ['verbs', 'nexo task ', ['nexo', 'task', ''], ['add', 'list', 'update', 'close']],
    ['flags', 'nexo task update --s', ['nexo', 'task', 'update', '--s'], ['--status']],
    ['values', 'nexo task update --status c', ['nexo', 'task', 'update', '--status', 'c'], ['completed']],
    [
      'values behind an equals sign',
      'nexo task update --status=c',
      ['nexo', 'task', 'update', '--status', '=', 'c'],
      ['completed'],
    ],
    ['tasks', 'nexo task update --id ', ['nexo', 'task', 'update', '--id', ''], ['1', '2']],
    ['nothing for free text', 'nexo task add --title ', ['nexo', 'task', 'add', '--title', ''], []],
  ] as const)('offers %s', async (_name, line, words, expected) => {
    expect(await complete(line, words)).toEqual(expected);
  });

  it('runs nothing that is only typed', async () => {
    const typed = '$(touch pwned)';
    await complete(`nexo task add --title ${typed} --c`, ['nexo', 'task', 'add', '--title', typed, '--c']);
    expect(existsSync(join(project, 'pwned'))).toBe(false);
  });

  it('leaves no variable behind and can be loaded twice', async () => {
    const script =
      'set -u; before=$(set -o posix; set | wc -l); for i in 1 2; do eval "$(nexo completions bash)"; done; complete -p nexo';
    const ran = await runProgram('bash', ['--norc', '-c', script], { cwd: project, env });
    expect(ran).toMatchObject({ code: 0, stderr: '', stdout: 'complete -o default -F _nexo nexo\n' });
  });
});

describe('completion in fish', () => {
  it('offers verbs, values, tasks and files', async (context) => {
    if (!(await has('fish'))) context.skip('fish is not installed');
    writeFileSync(join(project, 'notes.md'), '');
    const script = `nexo completions fish | source
      complete -C "nexo plan "; complete -C "nexo task update --status=c"; complete -C "nexo task update --id "
      complete -C "nexo artifact write --file not"`;
    const ran = await runProgram('fish', ['--no-config', '-c', script], { cwd: project, env });
    const words = ran.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')[0]);
    expect(words.sort()).toEqual(
      ['1', '2', '--status=completed', 'decide', 'execute', 'notes.md', 'start', 'status', 'update'].sort(),
    );
  });
});

describe('completion in zsh', () => {
  it('offers verbs with what they do, and tasks with their titles', async (context) => {
    if (!(await has('zsh'))) context.skip('zsh is not installed');
    // _describe and compset belong to zsh's line editor; here they only say what they were given.
    const script = `
      compdef() { :; }; compset() { :; }; _files() { print -r -- files "$@"; }
      _describe() { local name=$argv[-1]; print -rl -- "\${(@P)name}"; }
      eval "$(nexo completions zsh)"
      words=(nexo plan d); CURRENT=3; PREFIX=d; _nexo
      words=(nexo task update --id ''); CURRENT=5; PREFIX=''; _nexo
      words=(nexo artifact write --file ''); CURRENT=5; PREFIX=''; _nexo
      words=(nexo status --root ''); CURRENT=4; PREFIX=''; _nexo`;
    const ran = await runProgram('zsh', ['-f', '-c', script], { cwd: project, env });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout.trimEnd().split('\n')).toEqual([
      'decide:record the decision on an issue',
      '1:First',
      '2:Second $(touch pwned)',
      'files',
      'files -/',
    ]);
    expect(existsSync(join(project, 'pwned'))).toBe(false);
  });
});

describe('completion in PowerShell', () => {
  it('has a script for it', async () => {
    const ran = await runNexo(['completions', 'pwsh']);
    expect(ran.stdout).toContain('Register-ArgumentCompleter -Native -CommandName nexo');
  });
});
