import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';

import { NexoError } from '../errors.ts';
import { type ClientRoots, decideProject, foldersOfRoots, type Launch } from './project.ts';

let base: string;
let a: string;
let b: string;
let plain: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'project-'));
  [a, b, plain] = ['a', 'b', 'plain'].map((name) => join(base, name)) as [string, string, string];
  for (const folder of [join(a, '.nexus'), join(a, 'src'), join(b, '.git'), plain, join(base, 'home')]) {
    mkdirSync(folder, { recursive: true });
  }
});

function decide(launch: Partial<Launch>, roots: ClientRoots = { kind: 'undeclared' }): string {
  try {
    const full = { root: undefined, env: {}, cwd: plain, userHome: join(base, 'home'), ...launch };
    const { root, source } = decideProject(full, roots);
    return `${source} ${root.slice(base.length + 1)}`;
  } catch (error) {
    return error instanceof NexoError ? error.code : String(error);
  }
}

const open = (...folders: string[]): ClientRoots => ({ kind: 'declared', folders });

describe('the project of a server', () => {
  it('is what --root says, before anything else', () => {
    const env = { NEXO_PROJECT_ROOT: b };
    expect(decide({ root: a, env, cwd: plain }, open(b))).toBe('flag a');
    expect(decide({ root: '../a', cwd: plain }, open(b))).toBe('flag a');
    expect(decide({ root: join(base, 'nowhere') }, open(b))).toBe('PROJECT_ROOT_MISSING');
  });

  it('else what the environment says', () => {
    expect(decide({ env: { NEXO_PROJECT_ROOT: a }, cwd: b }, open(b))).toBe('environment a');
    expect(decide({ env: { NEXUS_PROJECT_ROOT: a }, cwd: b }, open(b))).toBe('environment a');
    expect(decide({ env: { NEXO_PROJECT_ROOT: join(base, 'nowhere') }, cwd: b })).toBe(
      'PROJECT_ROOT_MISSING',
    );
  });

  it('else the project of the one folder that the client has open', () => {
    expect(decide({ cwd: b }, open(a))).toBe('client a');
    expect(decide({ cwd: b }, open(join(a, 'src')))).toBe('client a');
    expect(decide({ cwd: b }, open(plain))).toBe('client plain');
  });

  it('else, of several, the one that the server was started in', () => {
    expect(decide({ cwd: join(a, 'src') }, open(b, a))).toBe('client a');
    expect(decide({ cwd: plain, env: { CLAUDE_PROJECT_DIR: a } }, open(b, a))).toBe('client a');
    expect(decide({ cwd: plain }, open(join(a, 'src'), a))).toBe('client a');
  });

  it('is refused when the client has two open and the server was started in neither', () => {
    expect(decide({ cwd: plain }, open(a, b))).toBe('PROJECT_ROOT_AMBIGUOUS');
    expect(decide({ cwd: plain, env: { CLAUDE_PROJECT_DIR: plain } }, open(a, b))).toBe(
      'PROJECT_ROOT_AMBIGUOUS',
    );
    expect(decide({ cwd: plain }, open(a, join(base, 'home')))).toBe('PROJECT_ROOT_AMBIGUOUS');
  });

  it('is that of the folder where the server was started when the client has none to name', () => {
    expect(decide({ cwd: join(a, 'src') })).toBe('nexus-folder a');
    expect(decide({ cwd: b }, { kind: 'declared', folders: [] })).toBe('git b');
    expect(decide({ cwd: plain })).toBe('working-directory plain');
    expect(decide({ cwd: plain, env: { CLAUDE_PROJECT_DIR: b } })).toBe('git b');
  });

  it('goes by the client rather than by a Claude Code session that it was started from', () => {
    expect(decide({ cwd: plain, env: { CLAUDE_PROJECT_DIR: a } }, open(b))).toBe('client b');
  });

  it('is never a home directory or the root of a disk by search', () => {
    expect(decide({ cwd: join(base, 'home') })).toBe('PROJECT_ROOT_AMBIGUOUS');
    expect(decide({ cwd: '/' })).toBe('PROJECT_ROOT_AMBIGUOUS');
    expect(decide({ cwd: a }, open(join(base, 'home')))).toBe('PROJECT_ROOT_AMBIGUOUS');
    expect(decide({ cwd: a }, open('/'))).toBe('PROJECT_ROOT_AMBIGUOUS');
  });

  it('is not guessed when the client has folders and does not say which', () => {
    expect(decide({ cwd: a }, { kind: 'unanswered' })).toBe('nexus-folder a');
    expect(decide({ cwd: b }, { kind: 'unanswered' })).toBe('git b');
    expect(decide({ cwd: plain }, { kind: 'unanswered' })).toBe('PROJECT_ROOT_AMBIGUOUS');
  });
});

describe('foldersOfRoots', () => {
  it('takes folders of this machine and nothing else', () => {
    const umlaut = join(base, 'mit Umläut');
    mkdirSync(umlaut);
    const uris = [
      pathToFileURL(umlaut).href,
      'https://example.test/x',
      'file://other-host/x',
      'file:///no/such',
      'file:%',
    ];
    expect(foldersOfRoots([...uris.map((uri) => ({ uri })), null, {}, { uri: 5 }])).toEqual([umlaut]);
  });
});
