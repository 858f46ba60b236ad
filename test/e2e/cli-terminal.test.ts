import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { git, NEXO, nexoJson, startProgram, temporaryFolder } from '../support/run-nexo.ts';

/** `script` of util-linux gives a program a real terminal; the one of other systems takes other arguments. */
const hasTerminal = process.platform === 'linux' && existsSync('/usr/bin/script');

const TITLE = 'A title that is longer than any narrow terminal can show on one line of it';
const COLOUR = '\u001b[';

interface Shown {
  readonly code: number | null;
  readonly screen: string;
}

describe.skipIf(!hasTerminal)('nexo in a terminal', () => {
  let project: string;

  beforeEach(async () => {
    project = temporaryFolder();
    await git(project, 'init', '--quiet');
    await nexoJson(['task', 'add', '--title', TITLE, '--context', 'c'], { cwd: project });
  });

  interface Terminal {
    readonly columns?: number;
    readonly env?: Readonly<Record<string, string>>;
    /** What the person types once they are asked. */
    readonly answer?: string;
  }

  /** Runs nexo in a terminal; answers with everything on its screen. */
  async function inTerminal(args: string, { columns = 80, env = {}, answer }: Terminal = {}): Promise<Shown> {
    const line = `stty cols ${columns}; '${process.execPath}' '${NEXO}' ${args}`;
    const child = startProgram('script', ['--quiet', '--return', '--command', line, '/dev/null'], {
      cwd: project,
      env: { TERM: 'xterm-256color', CI: undefined, ...env },
      input: '',
    });
    let screen = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      const asked = screen.includes('[Y/n]');
      screen += chunk.toString();
      if (!asked && screen.includes('[Y/n]')) child.stdin?.write(answer ?? '\u0004');
    });
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, screen };
  }

  it('uses colour, unless told not to', async () => {
    expect((await inTerminal('status')).screen).toContain(COLOUR);
    expect((await inTerminal('status', { env: { NO_COLOR: '1' } })).screen).not.toContain(COLOUR);
    expect((await inTerminal('status', { env: { TERM: 'dumb' } })).screen).not.toContain(COLOUR);
    expect((await inTerminal('status --json')).screen).not.toContain(COLOUR);
  });

  it('cuts to the width of the terminal, and never cuts into a pipe', async () => {
    const narrow = await inTerminal('task list', { columns: 40, env: { NO_COLOR: '1' } });
    for (const line of narrow.screen.split(/\r?\n/)) expect([...line].length).toBeLessThanOrEqual(40);
    expect(narrow.screen).toContain('…');
    expect((await inTerminal('task list | cat', { columns: 40 })).screen).toContain(TITLE);
  });

  it('asks before it touches git, and takes no for an answer', async () => {
    const no = await inTerminal('init', { answer: 'n\r' });
    expect(no.screen).toContain('[Y/n]');
    expect(existsSync(join(project, '.gitattributes'))).toBe(false);
    const yes = await inTerminal('init', { answer: '\r' });
    expect(yes).toMatchObject({ code: 0 });
    expect(readFileSync(join(project, '.gitattributes'), 'utf8')).toContain('merge=nexo-history');
    expect((await inTerminal('init')).screen).not.toContain('[Y/n]');
  });

  it('asks nothing in CI, with --json, or when the answer is in the flags', async () => {
    for (const [args, env] of [
      ['init', { CI: 'true' }],
      ['init --json', {}],
      ['init --no-merge-driver', {}],
    ] as const) {
      expect((await inTerminal(args, { env })).screen).not.toContain('[Y/n]');
    }
    expect(existsSync(join(project, '.gitattributes'))).toBe(false);
  });

  it('ends with 130 when the question is answered with Ctrl-C', async () => {
    expect(await inTerminal('init', { answer: '\u0003' })).toMatchObject({ code: 130 });
    expect(existsSync(join(project, '.gitattributes'))).toBe(false);
  });
});
