import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import { installHarness, uninstallHarness } from '../../src/harness/install-harness.ts';

const main = join(import.meta.dirname, '../../dist/main.js');
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Configurations as people have them: empty, commented, minified, with tabs, with CRLF, without a last newline. */
const CONFIGURATIONS: readonly {
  harness: 'claude' | 'codex' | 'opencode';
  name: string;
  files: Record<string, string>;
}[] = [
  { harness: 'claude', name: 'nothing at all', files: {} },
  { harness: 'claude', name: 'empty settings', files: { '.claude/settings.json': '{}' } },
  { harness: 'claude', name: 'an empty file', files: { '.claude/settings.json': '' } },
  {
    harness: 'claude',
    name: 'settings without hooks',
    files: {
      '.claude/settings.json': '{\n  "model": "opus",\n  "permissions": { "allow": ["Bash(git *)"] }\n}\n',
    },
  },
  {
    harness: 'claude',
    name: 'comments and trailing commas',
    files: {
      '.claude/settings.json':
        '{\n    // mine\n    "hooks": {"PreToolUse": [ {"matcher":"Bash","hooks":[{"type":"command","command":"x"}]} ]},\n    "env": {"A": "1",},\n}',
    },
  },
  {
    harness: 'claude',
    name: 'tabs and CRLF',
    files: { '.claude/settings.json': '{\r\n\t"env": {\r\n\t\t"A": "1"\r\n\t}\r\n}\r\n' },
  },
  {
    harness: 'claude',
    name: 'other servers and agents',
    files: {
      '.claude.json': '{"mcpServers":{"other":{"command":"a"}},"numStartups":3}',
      '.claude/agents/mine.md': '---\nname: mine\n---\n',
    },
  },
  { harness: 'codex', name: 'nothing at all', files: {} },
  {
    harness: 'codex',
    name: 'a commented configuration',
    files: { '.codex/config.toml': '# my config\nmodel = "gpt"\n\n[mcp_servers.other] # x\ncommand = "a"\n' },
  },
  { harness: 'codex', name: 'no last newline', files: { '.codex/config.toml': 'model = "gpt"' } },
  {
    harness: 'codex',
    name: 'CRLF',
    files: { '.codex/config.toml': 'model = "gpt"\r\n[features]\r\nhooks = true\r\n' },
  },
  {
    harness: 'codex',
    name: 'hooks of others, minified',
    files: {
      '.codex/hooks.json': '{"hooks":{"PreToolUse":[{"hooks":[{"type":"command","command":"mine"}]}]}}',
    },
  },
  {
    harness: 'codex',
    name: 'hooks with a description',
    files: { '.codex/hooks.json': '{\n  "description": "ours",\n  "hooks": {\n    "Stop": []\n  }\n}\n' },
  },
  {
    harness: 'codex',
    name: 'instructions of the user',
    files: { '.codex/AGENTS.md': '# Rules\n\nUse tabs.' },
  },
  {
    harness: 'codex',
    name: 'a trust table',
    files: {
      '.codex/config.toml':
        '[hooks.state."/h/.codex/hooks.json:pre_tool_use:0:0"]\ntrusted_hash = "sha256:aa"\n',
    },
  },
  { harness: 'opencode', name: 'nothing at all', files: {} },
  {
    harness: 'opencode',
    name: 'plain JSON',
    files: {
      '.config/opencode/opencode.json':
        '{\n  "$schema": "https://opencode.ai/config.json",\n  "model": "a/b"\n}\n',
    },
  },
  {
    harness: 'claude',
    name: 'a byte order mark and CRLF',
    files: { '.claude/settings.json': '\uFEFF{\r\n\t"model": "opus"\r\n}\r\n' },
  },
  {
    harness: 'codex',
    name: 'dotted keys',
    files: { '.codex/config.toml': 'mcp_servers.a.command = "b"\nfeatures.hooks = true' },
  },
  {
    harness: 'opencode',
    name: 'JSON with comments',
    files: { '.config/opencode/opencode.jsonc': '{"mcp": {}, // c\n}\n' },
  },
  {
    harness: 'opencode',
    name: 'another server',
    files: { '.config/opencode/opencode.json': '{"mcp":{"x":{"type":"local","command":["x"]}}}' },
  },
  {
    harness: 'opencode',
    name: 'a plugin and an agent of the user',
    files: { '.config/opencode/plugins/mine.js': 'export {};\n', '.config/opencode/agents/mine.md': 'hi\n' },
  },
];

describe.each(CONFIGURATIONS)('$harness with $name', ({ harness, files }) => {
  it('is installed once, unchanged by a second time, and restored byte for byte', async () => {
    const home = makeHome(files);
    const before = snapshot(home);
    const env = { HOME: home, NEXO_HOME: `${home}-nexo` };
    const request = {
      harness,
      dryRun: false,
      place: { scope: 'user' as const, home, projectRoot: home, env, stateFolder: `${home}-nexo/state` },
    };
    const first = await installHarness(request, 'en');
    expect(first.steps.filter(({ action }) => action === 'conflict')).toEqual([]);
    const installed = snapshot(home);
    expect(installed).not.toEqual(before);
    const second = await installHarness(request, 'en');
    expect(second.steps.filter(({ action }) => action !== 'unchanged')).toEqual([]);
    expect(snapshot(home)).toEqual(installed);
    uninstallHarness(request);
    expect(snapshot(home)).toEqual(before);
  });
});

describe('what is not ours', () => {
  it('stays when it was there before, and is reported', () => {
    const home = makeHome({
      '.config/opencode/opencode.json': '{"mcp":{"nexo":{"type":"local","command":["theirs"]}}}',
    });
    const { steps } = nexo(home, 'install', 'opencode', 1);
    expect(steps).toContainEqual({
      file: join(home, '.config/opencode/opencode.json'),
      action: 'conflict',
      detail: 'mcp.nexo is there already and is not ours',
    });
    nexo(home, 'uninstall', 'opencode');
    expect(snapshot(home)).toEqual({
      '.config/opencode/opencode.json': '{"mcp":{"nexo":{"type":"local","command":["theirs"]}}}',
    });
  });

  it.each([
    ['claude', '.claude/settings.json', '{"hooks": null}', 'hooks is not an object'],
    ['claude', '.claude/settings.json', '{"hooks": {}, "hooks": {"Stop": []}}', 'hooks is there twice'],
    ['claude', '.claude/settings.json', '[]', 'it holds no JSON object'],
    ['claude', '.claude.json', '{"mcpServers": "none"}', 'mcpServers is not an object'],
    ['codex', '.codex/hooks.json', '{"hooks": 7}', 'hooks is not an object'],
    [
      'codex',
      '.codex/config.toml',
      'mcp_servers = { a = { command = "b" } }\n',
      'mcp_servers cannot be extended as it is written: give each server a table [mcp_servers.NAME] of its own',
    ],
    ['codex', '.codex/config.toml', 'x = [\n', 'it is not valid TOML'],
  ] as const)('stays as it is in %s %s with %s, and is reported', (harness, file, text, detail) => {
    const home = makeHome({ [file]: text });
    const { steps } = nexo(home, 'install', harness, 1);
    expect(steps).toContainEqual({ file: join(home, file), action: 'conflict', detail });
    expect(readFileSync(join(home, file), 'utf8')).toBe(text);
    nexo(home, 'uninstall', harness);
    expect(snapshot(home)).toEqual({ [file]: text });
  });

  it('stays when an entry of ours was edited by hand', () => {
    const home = makeHome({});
    nexo(home, 'install', 'claude');
    const agent = join(home, '.claude/agents/engineer.md');
    writeFileSync(agent, 'mine now\n');
    const { steps } = nexo(home, 'install', 'claude', 1);
    expect(steps).toContainEqual({ file: agent, action: 'conflict', detail: 'was edited by hand' });
    expect(readFileSync(agent, 'utf8')).toBe('mine now\n');
    nexo(home, 'uninstall', 'claude', 1);
    expect(snapshot(home)).toEqual({ '.claude/agents/engineer.md': 'mine now\n' });
  });

  it('survives an uninstall after the user went on editing', () => {
    const home = makeHome({ '.codex/config.toml': 'model = "gpt"\n' });
    nexo(home, 'install', 'codex');
    const config = join(home, '.codex/config.toml');
    writeFileSync(
      config,
      `approval_policy = "never"\n${readFileSync(config, 'utf8')}\n[mcp_servers.later]\ncommand = "b"\n`,
    );
    nexo(home, 'uninstall', 'codex');
    expect(snapshot(home)).toEqual({
      '.codex/config.toml':
        'approval_policy = "never"\nmodel = "gpt"\n\n[mcp_servers.later]\ncommand = "b"\n',
    });
  });

  it('keeps its place among Codex hooks, where trust is by position', () => {
    const home = makeHome({
      '.codex/hooks.json': '{"hooks":{"PreToolUse":[{"hooks":[{"type":"command","command":"a"}]}]}}',
    });
    nexo(home, 'install', 'codex');
    const file = join(home, '.codex/hooks.json');
    const hooks = JSON.parse(readFileSync(file, 'utf8')) as { hooks: { PreToolUse: object[] } };
    expect(hooks.hooks.PreToolUse[0]).toEqual({ hooks: [{ type: 'command', command: 'a' }] });
    hooks.hooks.PreToolUse.push({ hooks: [{ type: 'command', command: 'b' }] });
    writeFileSync(file, JSON.stringify(hooks));
    nexo(home, 'uninstall', 'codex');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      hooks: {
        PreToolUse: [
          { hooks: [{ type: 'command', command: 'a' }] },
          { hooks: [] },
          { hooks: [{ type: 'command', command: 'b' }] },
        ],
      },
    });
  });

  it('is not touched by a dry run', () => {
    const home = makeHome({ '.claude/settings.json': '{}' });
    const before = snapshot(home);
    const result = spawn(home, ['harness', 'install', 'claude', '--dry-run', '--json']);
    expect(result.status).toBe(0);
    expect(snapshot(home)).toEqual(before);
  });
});

function makeHome(files: Readonly<Record<string, string>>): string {
  const home = mkdtempSync(join(tmpdir(), 'nexo-install-'));
  folders.push(home, `${home}-nexo`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
  return home;
}

function nexo(
  home: string,
  verb: string,
  harness: string,
  status = 0,
): { steps: { file: string; action: string; detail?: string }[] } {
  const result = spawn(home, ['harness', verb, harness, '--json']);
  expect(result.status, result.stderr).toBe(status);
  return JSON.parse(result.stdout);
}

function spawn(
  home: string,
  args: readonly string[],
): { status: number | null; stdout: string; stderr: string } {
  const env = { PATH: process.env.PATH, HOME: home, NEXO_HOME: `${home}-nexo` };
  return spawnSync(process.execPath, [main, ...args], { cwd: home, env, encoding: 'utf8', timeout: 30_000 });
}

/** Every file below a folder with its content. */
function snapshot(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(
    files.map((name) => [relative('.', name), readFileSync(join(folder, name), 'utf8')]),
  );
}
