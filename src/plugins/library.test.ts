import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { put, temporaryHomePaths } from '../../test/support/home.ts';
import type { HomePaths } from '../home/paths.ts';
import { type LibraryOptions, PluginLibrary } from './library.ts';
import { listPlugins, type PluginRow } from './views.ts';

const tool = (name: string, answer = 'one', more = ''): string =>
  `${more}\nexport const tools = [{ name: '${name}', description: 'Answers.', handler: () => ({ answer: '${answer}' }) }];\n`;

function home(): {
  paths: HomePaths;
  code: string;
  open: (more?: Partial<LibraryOptions>) => Promise<PluginLibrary>;
} {
  const paths = temporaryHomePaths();
  const code = join(paths.home, 'code');
  // The hosts come from the package itself; of the code folder only the core plugins are taken.
  return {
    paths,
    code,
    open: async (more = {}) => {
      const library = new PluginLibrary({ paths, code, env: { PATH: process.env.PATH }, ...more });
      onTestFinished(() => library.close());
      library.refresh();
      await library.settled();
      return library;
    },
  };
}

const rows = (library: PluginLibrary): Pick<PluginRow, 'file' | 'status' | 'source' | 'tools'>[] =>
  listPlugins(library, {}).map(({ file, status, source, tools }) => ({ file, status, source, tools }));

const save = (paths: HomePaths, file: string, text: string): string => put(join(paths.plugins, file), text);

describe('the library of plugins', () => {
  it('lists without running what it has run before, however the file was touched', async () => {
    const { paths, open } = home();
    const mark = join(paths.home, 'ran');
    const file = save(
      paths,
      'a.mjs',
      tool('nexo_a', 'one', `import { appendFileSync } from 'node:fs'; appendFileSync('${mark}', 'x');`),
    );
    expect((await open()).tools().map(({ tool: { name } }) => name)).toEqual(['nexo_a']);
    utimesSync(file, 1, 1);
    const again = await open();
    expect(again.tools().map(({ tool: { name } }) => name)).toEqual(['nexo_a']);
    expect(readFileSync(mark, 'utf8')).toBe('x');
    expect(listPlugins(again, {})[0]?.running).toBe(false);
    expect((await again.call('nexo_a', {})).value).toEqual({ answer: 'one' });
  });

  it('loads anew what is saved, also when only what it imports has changed', async () => {
    const { paths, open } = home();
    save(
      paths,
      'a.mjs',
      `import { answer } from "./lib/words.mjs";\nexport const tools = [[() => ({ answer }), 'nexo_a', 'Answers.']];`,
    );
    save(paths, 'lib/words.mjs', `export const answer = 'one';`);
    save(paths, 'p.py', `from words import ANSWER\nTOOLS = [(lambda: ANSWER, "nexo_p", "Answers.")]\n`);
    save(paths, 'words.py', `ANSWER = "one"\n`);
    const library = await open();
    const answers = async () => [
      (await library.call('nexo_a', {})).value,
      (await library.call('nexo_p', {})).value,
    ];
    expect(await answers()).toEqual([{ answer: 'one' }, { result: 'one' }]);
    save(paths, 'lib/words.mjs', `export const answer = 'two, and longer';`);
    save(paths, 'words.py', `ANSWER = "two, and longer"\n`);
    library.refresh();
    await library.settled();
    expect(await answers()).toEqual([{ answer: 'two, and longer' }, { result: 'two, and longer' }]);
    expect(rows(library).find(({ file }) => file === 'words.py')?.status).toBe('helper');
  });

  it('goes on with the running version while the new one does not load, and says why', async () => {
    const { paths, open } = home();
    save(paths, 'a.mjs', tool('nexo_a'));
    const library = await open();
    await library.call('nexo_a', {});
    save(paths, 'a.mjs', 'this is no module');
    library.refresh();
    await library.settled();
    expect(rows(library)).toEqual([
      { file: 'a.mjs', status: 'failed', source: 'personal', tools: ['nexo_a'] },
    ]);
    expect((await library.call('nexo_a', {})).value).toEqual({ answer: 'one' });
  });

  it('finishes a call on the version that it began with, reload after reload', async () => {
    const { paths, open } = home();
    const text = (number: number) =>
      `export const tools = [{ name: 'nexo_a', description: 'Answers.', handler: () => ({ number: ${number} }) }];\n`;
    save(paths, 'a.mjs', text(0));
    save(paths, 'b.mjs', tool('nexo_b'));
    const library = await open();
    for (let number = 1; number <= 5; number += 1) {
      const calls = [library.call('nexo_a', {}), library.call('nexo_b', {})];
      save(paths, 'a.mjs', text(number));
      library.refresh();
      expect((await Promise.all(calls)).map(({ isRefusal }) => isRefusal)).toEqual([false, false]);
      await library.settled();
      expect((await library.call('nexo_a', {})).value).toEqual({ number });
    }
  });

  it('keeps the first of two plugins that want one name, and names both', async () => {
    const { paths, open } = home();
    save(paths, 'a.mjs', tool('nexo_same'));
    save(paths, 'b.mjs', tool('nexo_same'));
    const library = await open();
    expect(rows(library)).toEqual([
      { file: 'a.mjs', status: 'loaded', source: 'personal', tools: ['nexo_same'] },
      { file: 'b.mjs', status: 'rejected', source: 'personal', tools: [] },
    ]);
    expect(listPlugins(library, {})[1]?.last_error).toBe(
      'its tool nexo_same is in a.mjs already; rename it in b.mjs.',
    );
  });

  it.each([
    ['nexo_plugin_list', /a tool of Nexo itself/],
    ['nx_task_add', /a tool of Nexo itself/],
    ['other_tool', /does not begin with nexo_/],
    ['nexo_Upper', /other characters/],
  ])('refuses the name %s', async (name, reason) => {
    const { paths, open } = home();
    save(paths, 'a.mjs', tool(name));
    const library = await open();
    expect(library.tools()).toEqual([]);
    expect(listPlugins(library, {})[0]?.last_error).toMatch(reason);
  });

  it('lets a personal plugin stand in the place of a core one only when it says so', async () => {
    const { paths, code, open } = home();
    put(join(code, 'assets', 'plugins', 'clock.mjs'), tool('nexo_clock', 'core'));
    save(paths, 'clock.mjs', tool('nexo_clock', 'mine'));
    const library = await open();
    expect((await library.call('nexo_clock', {})).value).toEqual({ answer: 'core' });
    expect(rows(library).map(({ source, status }) => `${source} ${status}`)).toEqual([
      'core loaded',
      'personal rejected',
    ]);
    save(paths, 'clock.mjs', tool('nexo_clock', 'mine', `export const plugin = { overrides: 'clock.mjs' };`));
    library.refresh();
    await library.settled();
    expect((await library.call('nexo_clock', {})).value).toEqual({ answer: 'mine' });
    expect(rows(library).map(({ source, status }) => `${source} ${status}`)).toEqual([
      'core replaced',
      'personal (override) loaded',
    ]);
  });

  it('leaves copies, links that lead out and files that all may write alone', async () => {
    const { paths, open } = home();
    save(paths, 'a.mjs', tool('nexo_a'));
    save(paths, 'a 2.mjs', tool('nexo_a'));
    const outside = put(join(paths.home, 'outside.mjs'), tool('nexo_outside'));
    symlinkSync(outside, join(paths.plugins, 'link.mjs'));
    put(join(paths.plugins, 'open.mjs'), tool('nexo_open'), 0o666);
    const library = await open();
    expect(rows(library).map(({ file, status }) => `${file} ${status}`)).toEqual([
      'a 2.mjs skipped',
      'a.mjs loaded',
      'link.mjs skipped',
      'open.mjs skipped',
    ]);
    chmodSync(paths.plugins, 0o777);
    expect((await open()).tools()).toEqual([]);
  });

  it('takes out of use what is removed, keeps the file, and brings it back', async () => {
    const { paths, open } = home();
    const file = save(paths, 'a.mjs', tool('nexo_a'));
    const library = await open();
    expect(await library.remove('a')).toEqual(['nexo_a']);
    expect(library.tools()).toEqual([]);
    expect((await open()).tools()).toEqual([]);
    expect(existsSync(file)).toBe(true);
    expect(await library.remove('unknown')).toEqual([]);
    expect((await library.load('a')).state).toBe('ready');
    expect(library.tools().map(({ tool: { name } }) => name)).toEqual(['nexo_a']);
  });

  it.each(['../x.py', 'a\\b.py', '..py', ''])('does not load %j', async (name) => {
    const library = await home().open();
    await expect(library.load(name)).rejects.toMatchObject({ code: 'PLUGIN_NAME_INVALID' });
  });

  it('has new and changed content wait where approval is asked for', async () => {
    const { paths, open } = home();
    const file = save(paths, 'a.mjs', tool('nexo_a'));
    const policy = { approval: 'ask', prefixes: [], limits: {} } as const;
    const library = await open({ policy });
    expect(rows(library)[0]?.status).toBe('waiting');
    await library.approve('a');
    await library.settled();
    expect((await library.call('nexo_a', {})).value).toEqual({ answer: 'one' });
    put(file, tool('nexo_a', 'sneaked in'));
    library.refresh();
    await library.settled();
    expect(rows(library)[0]?.status).toBe('waiting');
    expect((await library.call('nexo_a', {}).catch(() => ({ value: {} }))).value).not.toEqual({
      answer: 'sneaked in',
    });
  });

  it('never starts content that nobody approved, whether it is called, loaded or tried', async () => {
    const { paths, open } = home();
    const file = save(paths, 'a.mjs', tool('nexo_a'));
    const policy = { approval: 'ask', prefixes: [], limits: {} } as const;
    const first = await open({ policy });
    await first.approve('a');
    await first.settled();
    await first.close();
    // No process runs, and the file changes between the look at it and the call.
    const library = await open({ policy });
    put(file, tool('nexo_a', 'sneaked in'));
    await expect(library.call('nexo_a', {})).rejects.toMatchObject({ code: 'PLUGIN_NOT_APPROVED' });
    await expect(library.attempt('a')).rejects.toMatchObject({ code: 'PLUGIN_NOT_APPROVED' });
    await expect(library.load('a')).rejects.toMatchObject({ code: 'PLUGIN_NOT_APPROVED' });
    expect(rows(library)[0]?.status).toBe('waiting');
    await library.approve('a');
    await library.settled();
    expect((await library.call('nexo_a', {})).value).toEqual({ answer: 'sneaked in' });
  });

  it('holds input and answers against their schemas, however long a bad pattern takes', async () => {
    const { paths, open } = home();
    save(
      paths,
      'a.mjs',
      `const text = { type: 'object', properties: { text: { type: 'string', maxLength: 3 } }, required: ['text'] };
       const slow = { type: 'object', properties: { text: { type: 'string', pattern: '^(a+)+$' } } };
       export const tools = [
         { name: 'nexo_a', description: 'A.', inputSchema: text, outputSchema: text, handler: () => ({ text: 'longer' }) },
         { name: 'nexo_slow', description: 'S.', outputSchema: slow, handler: () => ({ text: 'a'.repeat(60) + '!' }) },
       ];`,
    );
    const library = await open();
    await expect(library.call('nexo_a', { text: 'long' })).rejects.toMatchObject({
      code: 'TOOL_INPUT_INVALID',
    });
    await expect(library.call('nexo_a', { text: 'ok' })).rejects.toMatchObject({
      code: 'PLUGIN_RESULT_INVALID',
    });
    await expect(library.call('nexo_slow', {})).rejects.toThrow(/takes longer than 1 s/);
  });

  it('tells of every change of what it offers, and of nothing else', async () => {
    const { paths, open } = home();
    mkdirSync(paths.plugins, { recursive: true });
    const library = await open();
    let told = 0;
    library.onChange(() => {
      told += 1;
    });
    const file = save(paths, 'a.mjs', tool('nexo_a'));
    const look = async () => {
      library.refresh();
      await library.settled();
      return told;
    };
    expect(await look()).toBe(1);
    put(file, tool('nexo_a', 'another answer of the same tool'));
    expect(await look()).toBe(1);
    rmSync(file);
    expect(await look()).toBe(2);
  });
});
