import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { newProject } from '../support/mcp-project.ts';
import { NEXO, nexoJson, runProgram, temporaryFolder } from '../support/run-nexo.ts';

const page = readFileSync(new URL('../../docs/plugins.md', import.meta.url), 'utf8');
/** Blocks with a file name behind the language are that file; a console block is a command and what it prints. */
const blocks = [...page.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms)].map(([, language, file, text]) => ({
  language,
  file,
  text: text ?? '',
}));
const files = blocks.filter(({ file }) => file !== undefined);
const runs = blocks.filter(({ language }) => language === 'console');

describe('docs/plugins.md', () => {
  const home = join(temporaryFolder('home'), '.nexo');
  const folder = join(home, 'personal', 'plugins');
  const bin = temporaryFolder('bin');
  const env = { NEXO_HOME: home, PATH: `${bin}:${join(process.execPath, '..')}:${process.env.PATH}` };
  const cwd = newProject();

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    symlinkSync(NEXO, join(bin, 'nexo'));
    for (const { file = '', text } of files) writeFileSync(join(folder, file), text);
    await nexoJson(['plugins', 'create', 'crm-bridge', '--companion'], { env });
  });

  it('has plugins that load, all of them', async () => {
    const { plugins } = (await nexoJson(['plugins', 'list'], { env, cwd })) as {
      plugins: { file: string; status: string }[];
    };
    expect(plugins.map(({ file, status }) => `${file} ${status}`)).toEqual([
      'board.plugin.json loaded',
      'crm-bridge.ts loaded',
      'greet.py loaded',
      'shout.mjs loaded',
      'word-count.ts loaded',
    ]);
  });

  it.each(runs.map(({ text }) => [text.split('\n', 1)[0]?.replace('$ ', '') ?? '', text] as const))(
    '%s prints what the page says',
    async (command, text) => {
      const ran = await runProgram('sh', ['-c', command], { env, cwd });
      expect(ran).toMatchObject({ code: 0, stdout: text.slice(text.indexOf('\n') + 1) });
    },
  );

  it('has a test that passes', async () => {
    const ran = await runProgram(process.execPath, ['--test', join(folder, 'word-count.test.ts')], { env });
    expect(ran, ran.stdout).toMatchObject({ code: 0 });
  });
});
