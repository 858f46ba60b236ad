import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { runNexo, temporaryFolder } from '../support/run-nexo.ts';

describe('what goes wrong', () => {
  let project: string;

  beforeAll(() => {
    project = temporaryFolder();
    writeFileSync(join(project, 'binary'), new Uint8Array([0xff, 0xfe, 0x00]));
    mkdirSync(join(project, '.nexus'));
  });

  it.each([
    ['an unknown command', ['plna'], 2, 'USAGE', "Unknown command 'plna'.", 'Did you mean nexo plan?'],
    [
      'an unknown verb',
      ['plan', 'strt'],
      2,
      'USAGE',
      "Unknown command 'strt'.",
      'Did you mean nexo plan start?',
    ],
    [
      'an unknown verb of a command that needs none',
      ['daemon', 'stauts'],
      2,
      'USAGE',
      'nexo daemon has no verb "stauts"; it has run, start, stop, status, restart, reload or logs, or none.',
      'Did you mean nexo daemon status?',
    ],
    [
      'an unknown flag',
      ['task', 'add', '--titel', 'x'],
      2,
      'USAGE',
      "Unknown option '--titel'.",
      'Did you mean --title?',
    ],
    [
      'a forgotten verb',
      ['task'],
      2,
      'USAGE',
      'nexo task needs a verb: add, list, update, close.',
      'nexo task --help',
    ],
    [
      'a flag without its value',
      ['status', '--root'],
      2,
      'USAGE',
      "Option '--root <dir>' argument missing.",
      'nexo status --help',
    ],
    [
      'a word too many',
      ['status', 'now'],
      2,
      'USAGE',
      "Too many arguments for 'status'. Expected 0 arguments but got 1: now.",
      'nexo status --help',
    ],
    [
      'an empty title',
      ['task', 'add', '--title', '', '--context', 'c'],
      2,
      'USAGE',
      '--title is empty.',
      'Give it some text.',
    ],
    [
      'a second title',
      ['task', 'add', '--title', 'a', '--title', 'b', '--context', 'c'],
      2,
      'USAGE',
      '--title is given 2 times; it takes one value.',
      undefined,
    ],
    [
      'an unknown status',
      ['task', 'update', '--id', '1', '--status', 'done'],
      2,
      'USAGE',
      '--status takes pending, in_progress or completed, not "done".',
      undefined,
    ],
    [
      'an unknown shell',
      ['completions', 'tcsh'],
      2,
      'USAGE',
      'The shell is bash, zsh, fish or pwsh, not "tcsh".',
      undefined,
    ],
    [
      'an artifact that is no text',
      ['artifact', 'write', '--filename', 'x', '--file', 'binary'],
      2,
      'INPUT_INVALID',
      'binary is not UTF-8 text, and artifacts are text.',
      'Convert it first, for example with base64.',
    ],
    [
      'an artifact without content',
      ['artifact', 'write', '--filename', 'x'],
      2,
      'USAGE',
      'No content came in on standard input.',
      'Pipe it in, or name a file with --file; an empty file is accepted there.',
    ],
    [
      'a file that is not there',
      ['artifact', 'write', '--filename', 'x', '--file', 'none'],
      1,
      'IO_FAILED',
      'none cannot be read: there is no such file.',
      'Nothing was stored.',
    ],
    [
      'a decision without a plan',
      ['plan', 'decide', '--issue-id', '1', '--decision', 'd'],
      1,
      'PLAN_NOT_ACTIVE',
      'No active plan session',
      'Open a plan first: nexo plan start --help',
    ],
    [
      'a status without tasks',
      ['task', 'update', '--id', '1', '--status', 'completed'],
      1,
      'TASKS_MISSING',
      'tasks.json not found',
      'There is no task yet; add the first: nexo task add --help',
    ],
  ] as const)('is told for %s', async (_name, args, code, errorCode, message, hint) => {
    const asJson = await runNexo(['--json', ...args], { cwd: project });
    expect(asJson).toMatchObject({ code, stderr: '' });
    expect(JSON.parse(asJson.stdout)).toEqual({
      error: { code: errorCode, message, ...(hint === undefined ? {} : { hint }) },
    });
    const asText = await runNexo(args, { cwd: project });
    const told = `✗ ${message} [${errorCode}]\n${hint === undefined ? '' : `→ ${hint}\n`}`;
    expect(asText).toMatchObject({ code, stdout: '', stderr: told });
  });

  it('names every flag that is missing, with an example that works', async () => {
    const ran = await runNexo(['task', 'add'], { cwd: project });
    expect(ran.stderr).toBe(
      '✗ nexo task add needs --title <text> and --context <text>. [USAGE]\n' +
        '→ For example: nexo task add --title "Write the cache" --context "Reads hit the disk twice" --acceptance "One read a key"\n',
    );
  });

  it('keeps escapes of a hostile argument out of the terminal', async () => {
    const ran = await runNexo(['\u001b]0;owned\u0007'], { cwd: project });
    expect(ran.stderr).not.toContain('\u001b');
    expect(ran.code).toBe(2);
  });

  it('does not take a value for a flag of its own', async () => {
    const ran = await runNexo(['task', 'add', '--title', '--json', '--context=-x', '--json'], {
      cwd: project,
    });
    expect(JSON.parse(ran.stdout)).toMatchObject({ task: { title: '--json', context: '-x' } });
  });

  it('prints help as one document, and as text, to standard output', async () => {
    const asText = await runNexo(['plan', 'start', '--help']);
    expect(asText).toMatchObject({ code: 0, stderr: '' });
    const asJson = await runNexo(['plan', 'start', '--help', '--json']);
    expect(JSON.parse(asJson.stdout)).toEqual({ help: asText.stdout.trim() });
    expect((await runNexo(['help', 'plan', 'start'])).stdout).toBe(asText.stdout);
  });

  it.each([
    ['plan', 'status', 'plan.json'],
    ['task', 'list', 'tasks.json'],
  ])(
    'nexo %s %s answers, and says on standard error that %s cannot be understood',
    async (noun, verb, file) => {
      const damaged = temporaryFolder();
      mkdirSync(join(damaged, '.nexus', 'state'), { recursive: true });
      writeFileSync(join(damaged, '.nexus', 'state', file), '{bad');
      const { code, stdout, stderr } = await runNexo([noun, verb, '--json'], { cwd: damaged });
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).not.toHaveProperty('error');
      expect(stderr).toContain(`.nexus/state/${file} is not valid JSON. [STATE_DAMAGED]`);
    },
  );
});
