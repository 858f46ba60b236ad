import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { loadSettings, loadSettingsOrThrow } from './config.ts';
import { initialiseHome, missingHomeFolders } from './layout.ts';
import { resolveHomePaths } from './paths.ts';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'nexo-home-'));

describe('initialiseHome', () => {
  it('makes the whole layout once and then nothing', () => {
    const paths = resolveHomePaths({ NEXO_HOME: join(newFolder(), 'home') });
    expect(initialiseHome(paths).created).toContain('personal/scripts');
    expect(missingHomeFolders(paths)).toEqual([]);
    expect(initialiseHome(paths).created).toEqual([]);
    expect(statSync(paths.home).mode & 0o777).toBe(0o700);
  });

  it('writes settings that load as the defaults, and never again', () => {
    const paths = resolveHomePaths({ NEXO_HOME: join(newFolder(), 'home') });
    initialiseHome(paths);
    const { file, problems } = loadSettings(paths);
    expect(problems).toEqual([]);
    writeFileSync(file, 'schema_version: 1\n');
    initialiseHome(paths);
    expect(readFileSync(file, 'utf8')).toBe('schema_version: 1\n');
  });

  it('follows a home that is a link to a folder on another disk', () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'disk'));
    symlinkSync(join(folder, 'disk'), join(folder, 'home'));
    initialiseHome(resolveHomePaths({ NEXO_HOME: join(folder, 'home') }));
    expect(readdirSync(join(folder, 'disk'))).toContain('personal');
  });

  it('refuses a file where a folder belongs', () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'personal'), '');
    expect(() => initialiseHome(resolveHomePaths({ NEXO_HOME: folder }))).toThrow(
      expect.objectContaining({ code: 'PATH_NOT_A_FILE' }),
    );
  });
});

describe('loadSettings', () => {
  function load(text: string) {
    const paths = resolveHomePaths({ NEXO_HOME: newFolder() });
    initialiseHome(paths);
    writeFileSync(join(paths.config, 'runtime.yaml'), text);
    return { ...loadSettings(paths), paths };
  }

  it('reads every setting', () => {
    const text = [
      'schema_version: 1',
      'http: { health_addr: "[::1]:8080" }',
      'daemon: { grace_seconds: 5 }',
      'schedules: { backend: builtin }',
      'runs:',
      '  max_concurrent: 2',
      '  max_concurrent_per_caller: 1',
      '  wait_seconds: 0',
      '  timeout_seconds: 60',
      '  silence_seconds: 30',
      '  max_turns: 5',
      '  max_tokens: 1000',
      '  max_usd: 0.5',
      '  max_usd_per_day: 3',
      '  max_output_mib: 1',
      '  retries: 0',
      '  keep: 10',
      '  callers: { personal/a: { max_usd_per_day: 1 } }',
      'backends: { codex: { sandbox: read-only } }',
      'prices: { m: { input: 1, output: 2 } }',
      'plugins: { approval: ask, prefixes: [acme_], call_seconds: 5, memory_mib: 64, idle_seconds: 9 }',
    ];
    expect(load(text.join('\n')).settings).toEqual({
      healthAddress: '[::1]:8080',
      graceMs: 5000,
      scheduleBackend: 'builtin',
      maxConcurrentRuns: 2,
      runs: {
        limits: {
          timeoutMs: 60_000,
          silenceMs: 30_000,
          maxTurns: 5,
          maxTokens: 1000,
          maxUsd: 0.5,
          maxUsdPerDay: 3,
        },
        callers: { 'personal/a': { maxUsdPerDay: 1 } },
        maxConcurrent: 2,
        maxConcurrentPerCaller: 1,
        waitMs: 0,
        maxOutputBytes: 1024 * 1024,
        retries: 0,
        keep: 10,
      },
      backends: { codex: { sandbox: 'read-only' } },
      prices: { m: { input: 1, output: 2 } },
      plugins: {
        approval: 'ask',
        prefixes: ['acme_'],
        limits: { callMs: 5000, memoryBytes: 64 * 1024 * 1024, idleMs: 9000 },
      },
    });
  });

  it('lists every problem with its line, and goes by the defaults', () => {
    const { problems, settings, paths } = load('daemon:\n  grace: 5\nruns:\n  max_concurrent: 0\n');
    expect(problems.map(({ line, message }) => [line, message])).toEqual([
      [2, 'daemon.grace is no field of this file'],
      [4, 'runs.max_concurrent is too small'],
    ]);
    expect(settings.maxConcurrentRuns).toBe(4);
    expect(() => loadSettingsOrThrow(paths)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('runtime.yaml:2:'),
      }),
    );
  });

  it('says where the YAML breaks', () => {
    expect(load('http: {\n').problems[0]?.message).toMatch(/is not valid YAML/);
  });
});
