import { describe, expect, it } from 'vitest';

import { suggest } from './suggest.ts';

const records = async (kind: 'task' | 'issue' | 'script') =>
  kind === 'script'
    ? [{ value: 'morning-report', description: 'What happened' }]
    : kind === 'task'
      ? [
          { value: '1', description: 'First' },
          { value: '12', description: 'Twelfth' },
        ]
      : [{ value: '7', description: 'Seventh' }];

async function words(line: string): Promise<string[]> {
  const all = line.split(' ');
  const found = await suggest({ before: all.slice(0, -1), partial: all.at(-1) ?? '', records });
  return [...found.words.map(({ value }) => value), ...(found.also === undefined ? [] : [`:${found.also}`])];
}

describe('suggest', () => {
  it.each([
    ['a command', 'pla', ['plan']],
    ['a verb of a command that needs none', 'daemon r', ['run', 'restart', 'reload']],
    ['a flag of a command without its verb', 'daemon --h', ['--help', '--http']],
    ['a verb', 'task ', ['add', 'list', 'update', 'close']],
    ['a verb behind a global flag with a value', '--root /p task cl', ['close']],
    ['a flag of the command', 'task update --st', ['--status']],
    ['the no form of a switch', 'init --no', ['--no-merge-driver']],
    ['the values of a flag', 'task update --status ', ['pending', 'in_progress', 'completed']],
    ['the values behind an equals sign', 'task update --status=c', ['--status=completed']],
    ['tasks that there are', 'task update --id ', ['1', '12']],
    ['scripts that there are', 'scripts run mor', ['morning-report']],
    ['files where a path begins', 'scripts run ./mor', [':files']],
    ['tasks that there are, behind an equals sign', 'task add --dep=12', ['--dep=12']],
    ['issues that there are', 'plan decide --issue-id ', ['7']],
    ['files', 'artifact write --file ', [':files']],
    ['folders', 'status --root ', [':folders']],
    ['folders for a word without a flag', 'tour ', [':folders']],
    ['shells', 'completions f', ['fish']],
    ['nothing for free text', 'task add --title ', []],
    ['nothing behind a whole command', 'status ', []],
    ['nothing behind a command that does not exist', 'frob ', []],
    ['nothing behind two dashes', 'task add -- ', []],
  ])('offers %s', async (_name, line, expected) => {
    expect(await words(line)).toEqual(expected);
  });

  it('offers a flag once, and a repeatable one again', async () => {
    const again = await words('task add --title x --dep 1 --');
    expect(again).not.toContain('--title');
    expect(again).toContain('--dep');
  });

  it('keeps commands that programs call to itself', async () => {
    expect(await words('')).not.toContain('merge-driver');
    expect(await words('_')).toEqual([]);
  });
});
