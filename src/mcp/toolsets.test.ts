import { describe, expect, it } from 'vitest';

import { temporaryHomePaths } from '../../test/support/home.ts';
import { Toolbox } from './toolbox.ts';
import { parseToolsets } from './toolsets.ts';

const place = { home: temporaryHomePaths(), env: {}, log: () => {} };

describe('parseToolsets', () => {
  it.each([
    ['workspace', ['workspace']],
    ['home', ['home']],
    [' home , workspace,', ['workspace', 'home']],
  ])('reads %j', (text, expected) => {
    expect(parseToolsets(text)).toEqual(expected);
  });

  it.each(['', ' , ', 'workspace,all', '__proto__'])('refuses %j and names the choice', (text) => {
    expect(() => parseToolsets(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

describe('Toolbox', () => {
  it('offers the tools of the chosen sets and no others', async () => {
    const names = (await new Toolbox(['workspace'], place).list()).map(({ name }) => name);
    expect(names).toContain('nx_task_add');
    expect(names.filter((name) => name.startsWith('nexo_'))).toEqual([]);
    const home = (await new Toolbox(['home'], place).list()).map(({ name }) => name);
    expect(home.filter((name) => name.startsWith('nx_'))).toEqual([]);
  });

  it('names the tools that there are when asked for another', async () => {
    await expect(new Toolbox(['workspace'], place).find('nx_nothing')).rejects.toThrow(
      /There are: nx_plan_start, /,
    );
  });
});
