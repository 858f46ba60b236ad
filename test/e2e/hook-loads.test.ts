import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { HARNESS_NAMES, type HarnessName } from '../../src/harness/contract.ts';
import { resolveHomePaths } from '../../src/home/paths.ts';
import { HOOK_EVENTS } from '../../src/hooks/events.ts';
import { indexPacks } from '../../src/personas/index-packs.ts';
import { nexoVersion } from '../../src/version.ts';
import { hookPayload, type PayloadQuestion } from '../support/hook-payloads.ts';
import { inputsOf, runWatched, type Watched } from '../support/loaded-files.ts';
import { markInstalled, writePack } from '../support/persona-pack.ts';
import { NEXO } from '../support/run-nexo.ts';

/** Sources that no hook may load, besides packages: the server, the commands, and what renders and installs. */
const NEVER =
  /^src\/(mcp|cli|conformance|daemon|runner|personas(?!\/kill-switch\.ts$)|plugins)\/|\/(install|render)\.ts$/;
const PARSER = /node_modules\/unbash\/|^src\/hooks\/gate\/shell\//;
const GATE = /^src\/hooks\/gate\//;

function watchHook(question: Omit<PayloadQuestion, 'cwd'>): Promise<Watched> {
  const cwd = mkdtempSync(join(tmpdir(), 'hook-loads-'));
  mkdirSync(join(cwd, '.nexus', 'memory'), { recursive: true });
  writeFileSync(join(cwd, '.nexus', 'memory', 'empirical-start.md'), '# How it starts\n');
  const input = JSON.stringify(hookPayload({ ...question, cwd }));
  return runWatched(['hook', question.event, '--harness', question.harness], { cwd, input });
}

/** Packages and sources whose code came into the process. */
async function loadedSources(question: Omit<PayloadQuestion, 'cwd'>): Promise<string[]> {
  const { ran, loaded } = await watchHook(question);
  expect([ran.code, ran.stderr.includes('error')]).not.toContain(true);
  return loaded.flatMap(inputsOf);
}

describe.each(HARNESS_NAMES)('a hook of %s', (harness: HarnessName) => {
  it.each(HOOK_EVENTS)('for %s loads three files of ours at most, and no package', async (event) => {
    const { loaded, ran } = await watchHook({ harness, event, use: 'read' });
    expect(ran.code).toBe(0);
    expect(loaded.length).toBeLessThanOrEqual(3);
    const sources = loaded.flatMap(inputsOf);
    expect(sources.filter((source) => /node_modules/.test(source))).toEqual([]);
    expect(sources.filter((source) => NEVER.test(source) || GATE.test(source))).toEqual([]);
  });

  it('for a tool call of Lead loads nothing but the door', async () => {
    const { loaded } = await watchHook({ harness, event: 'pre-tool-use' });
    expect(loaded).toEqual(['dist/main.js', 'dist/hook/hook-main.js']);
  });

  it('for an edit of a gated agent loads the gate without the parser, and for a command with it', async () => {
    const gated = { harness, event: 'pre-tool-use', agent: 'architect' } as const;
    const edit = await loadedSources({ ...gated, use: 'edit' });
    expect(edit.filter((source) => GATE.test(source))).not.toEqual([]);
    expect(edit.filter((source) => PARSER.test(source) || /node_modules/.test(source))).toEqual([]);
    const shell = await loadedSources({ ...gated, use: 'shell' });
    expect(shell.filter((source) => PARSER.test(source))).not.toEqual([]);
    expect(shell.filter((source) => /node_modules\/(?!unbash\/)/.test(source) || NEVER.test(source))).toEqual(
      [],
    );
  });

  it('takes nothing of Node that costs more than the hook: no cryptography, processes, network or timers', async () => {
    for (const event of HOOK_EVENTS) {
      const { builtins } = await watchHook({ harness, event, use: 'read', agent: 'engineer' });
      const dear =
        /^(crypto|child_process|perf_hooks|timers\/promises|http|https|net|tls|zlib|worker_threads|inspector)$/;
      expect(builtins.filter((name) => dear.test(name))).toEqual([]);
    }
  });
});

describe('a hook in a home with packs', () => {
  const home = mkdtempSync(join(tmpdir(), 'hook-packs-'));
  const env = { NEXO_HOME: home };
  const paths = resolveHomePaths(env, home);
  const pack = markInstalled(writePack({ root: paths.personas }));
  const ask = (agent: string, event: PayloadQuestion['event'] = 'pre-tool-use') => {
    const cwd = mkdtempSync(join(tmpdir(), 'hook-loads-'));
    mkdirSync(join(cwd, '.nexus'));
    const input = JSON.stringify(hookPayload({ harness: 'claude', event, agent, use: 'edit', cwd }));
    return runWatched(['hook', event, '--harness', 'claude'], { cwd, input, env: { ...env, HOME: home } });
  };
  const dearOf = ({ loaded }: Watched): string[] =>
    loaded.flatMap(inputsOf).filter((source) => NEVER.test(source) || /node_modules/.test(source));

  it('reads their index, and refuses an agent of theirs as long as it is what was verified', async () => {
    indexPacks(
      { paths, env, userHome: home, nexoVersion: nexoVersion() },
      { now: () => Date.now() + 60_000 },
    );
    for (const agent of ['cody', 'architect']) {
      const asked = await ask(agent);
      expect([agent, dearOf(asked), asked.ran.stdout.includes('no_file_edit')]).toEqual([agent, [], true]);
    }
    expect(dearOf(await ask('cody', 'subagent-spawn'))).toEqual([]);
    writeFileSync(join(pack, 'agents.d', 'cody.yaml'), 'agents: []\n');
    const changed = await ask('cody');
    expect(dearOf(changed)).not.toEqual([]);
    // An agent that is in no file any more, in a pack that is no longer what it was.
    expect(JSON.parse(changed.ran.stdout || '{}')).toMatchObject({
      hookSpecificOutput: { permissionDecision: 'deny' },
    });
  });
});

describe('the built files of hooks', () => {
  const folder = join(dirname(NEXO), 'hook');
  const statics = /(?:^|[;}\n])\s*import(?:\s*[\w*{][^;'"]*from)?\s*["']([^"']+)["']/g;
  const dynamics = /\bimport\(\s*["']([^"']+)["']/g;
  const found = (name: string, pattern: RegExp): string[] =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(pattern)].map(([, specifier = '']) => specifier);

  it('import nothing while they load, and name only each other', () => {
    const names = readdirSync(folder);
    for (const name of names) {
      // Third-party code may ask for built-in modules by an import statement; what every hook loads has none.
      const isHot = /^(hook-main|handle-event|handle-tool-use)\.js$/.test(name);
      if (isHot) expect([name, found(name, statics)]).toEqual([name, []]);
      for (const specifier of found(name, dynamics).filter((each) => each.startsWith('.')))
        expect(names).toContain(specifier.slice(2));
    }
  });

  it('keep the schemas, YAML and the parser in the parts that need them', () => {
    const packagesIn = (name: string): string[] =>
      inputsOf(`dist/hook/${name}.js`).filter((source) => /node_modules/.test(source));
    for (const part of ['hook-main', 'handle-event', 'handle-tool-use']) expect(packagesIn(part)).toEqual([]);
    expect(packagesIn('describe-command').filter((source) => !/\/unbash\//.test(source))).toEqual([]);
    // This very check sees a package where there is one.
    expect(packagesIn('load').some((source) => /\/yaml\//.test(source))).toBe(true);
  });
});
