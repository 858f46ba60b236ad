import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { runProcess } from '../../src/base/process.ts';
import type { HarnessName } from '../../src/harness/contract.ts';
import type { DoctorPlace, HarnessFinding } from '../../src/harness/doctor/contract.ts';
import { diagnoseHarness } from '../../src/harness/doctor/diagnose.ts';
import { NEXO, type Ran, runProgram, temporaryFolder } from '../support/run-nexo.ts';

type Json = Record<string, unknown>;

interface Diagnosis {
  readonly code: number | null;
  readonly ok: boolean;
  readonly findings: readonly HarnessFinding[];
}

/** A home of its own with one harness installed into it by the real command. */
class Installation {
  readonly home = temporaryFolder('home');
  readonly project = join(this.home, 'project');
  readonly env: Record<string, string | undefined>;
  readonly harness: HarnessName;
  readonly scope: 'user' | 'project';

  constructor(harness: HarnessName, scope: 'user' | 'project' = 'user') {
    this.harness = harness;
    this.scope = scope;
    this.env = {
      HOME: this.home,
      NEXO_HOME: join(this.home, '.nexo'),
      CLAUDE_CONFIG_DIR: undefined,
      CODEX_HOME: undefined,
      XDG_CONFIG_HOME: undefined,
    };
    mkdirSync(join(this.project, '.nexus'), { recursive: true });
  }

  /** Installs with another Node, or another copy of Nexo, where a test takes them away later. */
  async install(node: string = process.execPath, main: string = NEXO): Promise<this> {
    const args = ['harness', 'install', this.harness, '--scope', this.scope];
    const ran = await runProgram(node, [main, ...args], { cwd: this.project, env: this.env });
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    return this;
  }

  nexo(...args: string[]): Promise<Ran> {
    return runProgram(process.execPath, [NEXO, ...args], { cwd: this.project, env: this.env });
  }

  async diagnose(): Promise<Diagnosis> {
    const ran = await this.nexo('harness', 'doctor', this.harness, '--json');
    const { ok, findings } = JSON.parse(ran.stdout) as Omit<Diagnosis, 'code'>;
    return { code: ran.code, ok, findings };
  }

  path(file: string): string {
    return join(this.scope === 'user' ? this.home : this.project, file);
  }

  text(file: string): string {
    return readFileSync(this.path(file), 'utf8');
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), text);
  }

  edit(file: string, from: string | RegExp, to: string): void {
    const before = this.text(file);
    const after = before.replace(from, to);
    if (after === before) throw new Error(`${file} does not hold ${String(from)}`);
    this.write(file, after);
  }

  json(file: string, change: (value: Json) => void): void {
    const value = JSON.parse(this.text(file)) as Json;
    change(value);
    this.write(file, JSON.stringify(value, null, 2));
  }

  /** Trusts every hook of Codex as its person would in /hooks. */
  trust(): this {
    const { hooks } = JSON.parse(this.text('.codex/hooks.json')) as {
      hooks: Record<string, { hooks: Json[] }[]>;
    };
    const lines = Object.entries(hooks).flatMap(([event, groups]) =>
      groups.flatMap((group, index) =>
        group.hooks.flatMap(({ command, timeout }, place) => {
          const name = event.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
          const identity = { event_name: name, hooks: [{ async: false, command, timeout, type: 'command' }] };
          const hash = createHash('sha256').update(JSON.stringify(identity)).digest('hex');
          const key = `${this.path('.codex/hooks.json')}:${name}:${index}:${place}`;
          return [`[hooks.state.${JSON.stringify(key)}]`, `trusted_hash = "sha256:${hash}"`];
        }),
      ),
    );
    const file = join(this.home, '.codex/config.toml');
    const before = this.scope === 'user' ? this.text('.codex/config.toml') : '';
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${before}\n${lines.join('\n')}\n`);
    return this;
  }
}

interface Fault {
  readonly name: string;
  readonly harness: HarnessName;
  readonly scope?: 'project';
  inject(at: Installation): void;
  readonly id: HarnessFinding['id'];
  /** Below the home, or the project. */
  readonly file: string;
  readonly what: string | RegExp;
  readonly next: string | RegExp;
}

const settings = '.claude/settings.json';
const hooksOf = (value: Json): Record<string, Json[]> => value.hooks as Record<string, Json[]>;

const FAULTS: readonly Fault[] = [
  {
    name: 'an entry that was taken out',
    harness: 'claude',
    inject: (at) => at.json(settings, (value) => delete hooksOf(value).PreToolUse),
    id: 'entry-missing',
    file: settings,
    what: 'The hook for PreToolUse is gone (hooks.PreToolUse).',
    next: 'nexo harness install claude',
  },
  {
    name: 'an entry that was edited',
    harness: 'claude',
    inject: (at) => at.edit(settings, '"timeout": 10', '"timeout": 1'),
    id: 'entry-edited',
    file: settings,
    what: /^The hook for SessionStart is not as it was installed/,
    next: /nexo harness install claude$/,
  },
  {
    name: 'a misspelt event',
    harness: 'claude',
    inject: (at) => at.edit(settings, '"PreToolUse"', '"PreTooluse"'),
    id: 'event-unknown',
    file: settings,
    what: 'Claude Code has no event "PreTooluse" and ignores hooks.PreTooluse[0]; pre-tool-use is PreToolUse there.',
    next: /^Rename the key to PreToolUse/,
  },
  {
    name: 'a hook under another event',
    harness: 'claude',
    inject: (at) => at.edit(settings, '"SessionEnd"', '"Stop"'),
    id: 'event-unknown',
    file: settings,
    what: 'hooks.Stop[0] answers for session-end, which is SessionEnd in Claude Code: it cannot do its work there.',
    next: /^Rename the key to SessionEnd/,
  },
  {
    name: 'an event of ours that is misspelt',
    harness: 'claude',
    inject: (at) => at.edit(settings, '"pre-tool-use"', '"pre-tooluse"'),
    id: 'event-unknown',
    file: settings,
    what: /^hooks.PreToolUse\[0\] runs "nexo hook pre-tooluse", and there is no such event/,
    next: /^Delete it, then: nexo harness install claude$/,
  },
  {
    name: 'an agent file that is gone',
    harness: 'claude',
    inject: (at) => rmSync(at.path('.claude/agents/architect.md')),
    id: 'file-missing',
    file: '.claude/agents/architect.md',
    what: 'It was installed, and is gone.',
    next: 'nexo harness install claude',
  },
  {
    name: 'an agent file that was edited',
    harness: 'claude',
    inject: (at) => at.edit('.claude/agents/architect.md', 'disallowedTools', 'tools'),
    id: 'file-edited',
    file: '.claude/agents/architect.md',
    what: /^It was edited by hand/,
    next: /delete it, then: nexo harness install claude$/,
  },
  {
    name: 'all hooks switched off by the person',
    harness: 'claude',
    inject: (at) => at.json(settings, (value) => Object.assign(value, { disableAllHooks: true })),
    id: 'hooks-disabled',
    file: settings,
    what: /^"disableAllHooks": true/,
    next: /^Take the setting out/,
  },
  {
    name: 'all hooks switched off in the project',
    harness: 'claude',
    scope: 'project',
    inject: (at) => at.write('.claude/settings.local.json', '{ "disableAllHooks": true }'),
    id: 'hooks-disabled',
    file: '.claude/settings.local.json',
    what: /no gate holds/,
    next: /^Take the setting out/,
  },
  {
    name: 'a server that the permissions deny',
    harness: 'claude',
    inject: (at) =>
      at.json(settings, (value) => Object.assign(value, { permissions: { deny: ['mcp__nexo'] } })),
    id: 'server-disabled',
    file: settings,
    what: /^"permissions.deny" holds mcp__nexo/,
    next: /^Take it out of the list/,
  },
  {
    name: 'a plugin that is switched off',
    harness: 'claude',
    inject: (at) =>
      at.json(settings, (value) => Object.assign(value, { enabledPlugins: { 'nexo@nexo-local': false } })),
    id: 'plugin-disabled',
    file: settings,
    what: 'The plugin nexo@nexo-local is installed and switched off.',
    next: /^claude plugin enable nexo@nexo-local/,
  },
  {
    name: 'a server that was taken out',
    harness: 'claude',
    inject: (at) => at.json('.claude.json', (value) => delete value.mcpServers),
    id: 'entry-missing',
    file: '.claude.json',
    what: 'The MCP server nexo is gone (mcpServers.nexo).',
    next: 'nexo harness install claude',
  },
  {
    name: 'settings that are no JSON',
    harness: 'claude',
    inject: (at) => at.edit(settings, '{', '{{'),
    id: 'config-unreadable',
    file: settings,
    what: 'Claude Code takes nothing from it: it is not valid JSON.',
    next: /nexo harness doctor claude$/,
  },
  {
    name: 'a project that waits for trust',
    harness: 'claude',
    scope: 'project',
    inject: () => {},
    id: 'project-untrusted',
    file: '../.claude.json',
    what: /has not been told to trust/,
    next: /^Start claude in the project/,
  },
  {
    name: 'hooks that nobody trusts yet',
    harness: 'codex',
    inject: () => {},
    id: 'hook-untrusted',
    file: '.codex/hooks.json',
    what: '7 hooks are not trusted: Codex passes over them without a word.',
    next: /^Start codex, open \/hooks/,
  },
  {
    name: 'a hook that changed after it was trusted',
    harness: 'codex',
    inject: (at) => at.trust().edit('.codex/hooks.json', '"timeout": 10', '"timeout": 11'),
    id: 'hook-modified',
    file: '.codex/hooks.json',
    what: 'One hook is not what was trusted in its place: Codex passes over it.',
    next: /^Start codex, open \/hooks/,
  },
  {
    name: 'a hook that moved after it was trusted',
    harness: 'codex',
    inject: (at) =>
      at.trust().json('.codex/hooks.json', (value) => {
        hooksOf(value).PreToolUse?.unshift({ hooks: [{ type: 'command', command: 'theirs' }] });
      }),
    id: 'hook-untrusted',
    file: '.codex/hooks.json',
    what: 'One hook is not trusted: Codex passes over it without a word.',
    next: /^Start codex, open \/hooks/,
  },
  {
    name: 'a hook that is switched off',
    harness: 'codex',
    inject: (at) => at.trust().edit('.codex/config.toml', 'trusted_hash', 'enabled = false\ntrusted_hash'),
    id: 'hooks-disabled',
    file: '.codex/config.toml',
    what: 'One hook is switched off in [hooks.state].',
    next: /^Start codex, open \/hooks/,
  },
  {
    name: 'the feature switched off',
    harness: 'codex',
    inject: (at) =>
      at.write('.codex/config.toml', `[features]\nhooks = false\n${at.text('.codex/config.toml')}`),
    id: 'hooks-disabled',
    file: '.codex/config.toml',
    what: /^\[features\] hooks = false/,
    next: /codex features enable hooks$/,
  },
  {
    name: 'a misspelt event',
    harness: 'codex',
    inject: (at) => at.edit('.codex/hooks.json', '"PreToolUse"', '"preToolUse"'),
    id: 'event-unknown',
    file: '.codex/hooks.json',
    what: 'Codex has no event "preToolUse" and ignores hooks.preToolUse[0]; pre-tool-use is PreToolUse there.',
    next: /^Rename the key to PreToolUse/,
  },
  {
    name: 'a handler for which Codex drops the file',
    harness: 'codex',
    inject: (at) =>
      at.json('.codex/hooks.json', (value) => {
        hooksOf(value).Stop = [{ hooks: [{ type: 'http', url: 'http://127.0.0.1/' }] }];
      }),
    id: 'config-unreadable',
    file: '.codex/hooks.json',
    what: 'Codex drops the whole file and every hook in it: it has a handler of type http.',
    next: /nexo harness doctor codex$/,
  },
  {
    name: 'a comment for which Codex drops the file',
    harness: 'codex',
    inject: (at) => at.edit('.codex/hooks.json', '{', '{ // mine'),
    id: 'config-unreadable',
    file: '.codex/hooks.json',
    what: 'Codex drops the whole file and every hook in it: it has comments or trailing commas.',
    next: /nexo harness doctor codex$/,
  },
  {
    name: 'a server that was taken out',
    harness: 'codex',
    inject: (at) => at.edit('.codex/config.toml', /# BEGIN nexo[\s\S]*# END nexo\n/, ''),
    id: 'entry-missing',
    file: '.codex/config.toml',
    what: 'The MCP server nexo is gone (# BEGIN nexo).',
    next: 'nexo harness install codex',
  },
  {
    name: 'a server that is switched off',
    harness: 'codex',
    inject: (at) => at.edit('.codex/config.toml', '# END nexo', 'enabled = false\n# END nexo'),
    id: 'server-disabled',
    file: '.codex/config.toml',
    what: '[mcp_servers.nexo] enabled = false: Codex does not start the server.',
    next: /codex mcp list$/,
  },
  {
    name: 'a project that Codex does not trust',
    harness: 'codex',
    scope: 'project',
    inject: (at) => at.trust(),
    id: 'project-untrusted',
    file: '../.codex/config.toml',
    what: /reads nothing in its \.codex folder/,
    next: /accept its question/,
  },
  {
    name: 'the plugin that carries the hooks gone',
    harness: 'opencode',
    inject: (at) => rmSync(at.path('.config/opencode/plugins/nexo.js')),
    id: 'file-missing',
    file: '.config/opencode/plugins/nexo.js',
    what: 'The plugin that carries the hooks is gone: no gate holds and nothing is tracked.',
    next: 'nexo harness install opencode',
  },
  {
    name: 'the plugin edited',
    harness: 'opencode',
    inject: (at) =>
      at.edit('.config/opencode/plugins/nexo.js', "'tool.execute.before'", "'tool.execute.befor'"),
    id: 'file-edited',
    file: '.config/opencode/plugins/nexo.js',
    what: /^It was edited by hand/,
    next: /nexo harness install opencode$/,
  },
  {
    name: 'a server that is switched off',
    harness: 'opencode',
    inject: (at) => at.edit('.config/opencode/opencode.json', '"enabled": true', '"enabled": false'),
    id: 'server-disabled',
    file: '.config/opencode/opencode.json',
    what: 'mcp.nexo.enabled is false: OpenCode does not start the server.',
    next: /opencode mcp list$/,
  },
  {
    name: 'a server that was taken out',
    harness: 'opencode',
    inject: (at) => at.json('.config/opencode/opencode.json', (value) => delete value.mcp),
    id: 'entry-missing',
    file: '.config/opencode/opencode.json',
    what: 'The MCP server nexo is gone (mcp.nexo).',
    next: 'nexo harness install opencode',
  },
  {
    name: 'plugins switched off by the environment',
    harness: 'opencode',
    inject: (at) => {
      at.env.OPENCODE_PURE = '1';
    },
    id: 'hooks-disabled',
    file: '.config/opencode/plugins/nexo.js',
    what: 'OPENCODE_PURE is set: OpenCode loads no plugin, so no gate holds.',
    next: 'unset OPENCODE_PURE',
  },
  {
    name: 'a damaged ledger',
    harness: 'opencode',
    inject: (at) => at.write('.nexo/state/harness/opencode-user.json', '{'),
    id: 'ledger-damaged',
    file: '.nexo/state/harness/opencode-user.json',
    what: /cannot be read/,
    next: /nexo harness install opencode$/,
  },
];

describe.concurrent('nexo harness doctor', () => {
  it.each(['claude', 'codex', 'opencode'] as const)(
    'finds nothing wrong with a sound installation for %s',
    async (harness) => {
      const at = await new Installation(harness).install();
      if (harness === 'codex') at.trust();
      expect(await at.diagnose()).toEqual({ code: 0, ok: true, findings: [] });
    },
  );

  it.each(FAULTS)(
    'finds $name in $harness, alone, and says what to do',
    async ({ harness, scope, inject, id, file, what, next }) => {
      const at = await new Installation(harness, scope).install();
      if (harness === 'codex' && !['hook-untrusted', 'hook-modified', 'hooks-disabled'].includes(id))
        at.trust();
      inject(at);
      const { code, ok, findings } = await at.diagnose();
      expect({ code, ok }).toEqual({ code: 1, ok: false });
      expect(findings).toContainEqual(
        expect.objectContaining({
          id,
          harness,
          scope: scope ?? 'user',
          file: at.path(file),
          what: typeof what === 'string' ? what : expect.stringMatching(what),
          next: typeof next === 'string' ? next : expect.stringMatching(next),
        }),
      );
      // Nothing but this fault, what follows from it, and the trust that a fresh installation still waits for.
      const others = findings.filter((finding) => finding.id !== id).map((finding) => finding.id);
      const consequences = [
        'hook-untrusted',
        'project-untrusted',
        'entry-edited',
        'entry-missing',
        'hook-modified',
      ];
      expect(others.filter((each) => !consequences.includes(each))).toEqual([]);
    },
  );

  it('finds the Node and the Nexo that are no longer there, and a gate that answers nothing', async () => {
    const folder = temporaryFolder('package');
    const node = join(folder, 'node');
    const main = join(folder, 'nexo', 'dist', 'main.js');
    mkdirSync(dirname(dirname(main)), { recursive: true });
    hardLink(process.execPath, node);
    const root = dirname(dirname(NEXO));
    for (const name of ['dist', 'assets', 'package.json'])
      cpSync(join(root, name), join(folder, 'nexo', name), { recursive: true });
    const at = await new Installation('claude').install(node, main);
    expect(await at.diagnose()).toMatchObject({ ok: true });

    writeFileSync(main, '');
    expect((await at.diagnose()).findings).toEqual([
      expect.objectContaining({
        id: 'gate-dead',
        what: 'The gate let a forbidden call pass: the hook ended with 0 instead of 2.',
      }),
    ]);

    rmSync(main);
    rmSync(node);
    const missing = (await at.diagnose()).findings;
    expect(missing.map(({ id }) => id)).toEqual(Array(4).fill('program-missing'));
    expect(missing).toContainEqual(
      expect.objectContaining({
        file: at.path(settings),
        what: `${node} is not there, and 8 hooks start it.`,
        next: 'Install Nexo again, then: nexo harness install claude',
      }),
    );
    expect(missing).toContainEqual(
      expect.objectContaining({
        file: at.path('.claude.json'),
        what: `${main} is not there, and the MCP server starts it.`,
      }),
    );
  });

  it.each([
    ['claude', 'etc/claude-code/managed-settings.json', '{"disableAllHooks": true}'],
    ['claude', 'etc/claude-code/managed-settings.json', '{"allowManagedHooksOnly": true}'],
    ['codex', 'etc/codex/requirements.toml', 'allow_managed_hooks_only = true'],
    ['codex', 'etc/codex/requirements.toml', '[features]\nhooks = false'],
  ] as const)('finds hooks of %s that a policy in %s keeps from running', async (harness, file, text) => {
    const at = await new Installation(harness).install();
    if (harness === 'codex') at.trust();
    const systemRoot = temporaryFolder('system');
    mkdirSync(dirname(join(systemRoot, file)), { recursive: true });
    writeFileSync(join(systemRoot, file), text);
    const place: DoctorPlace = {
      scope: 'user',
      home: at.home,
      projectRoot: at.project,
      stateFolder: join(at.home, '.nexo/state'),
      env: { PATH: process.env.PATH, HOME: at.home, NEXO_HOME: join(at.home, '.nexo') },
      systemRoot,
      platform: 'linux',
    };
    const { findings } = await diagnoseHarness(harness, place, runProcess);
    expect(findings).toEqual([
      expect.objectContaining({
        id: 'hooks-disabled',
        file: join(systemRoot, file),
        next: 'Ask the administrator of this machine.',
      }),
    ]);
  });

  it('runs no command that was put in place of ours', async () => {
    const at = await new Installation('claude').install();
    const trace = join(at.home, 'trace');
    at.json(settings, (value) => {
      const [group] = hooksOf(value).PreToolUse as [{ hooks: { command: string; args: string[] }[] }];
      const [handler] = group.hooks;
      if (handler === undefined) throw new Error('no handler');
      handler.args = [
        '-e',
        `require("fs").writeFileSync(${JSON.stringify(trace)}, "")`,
        ...handler.args.slice(1),
      ];
    });
    expect((await at.diagnose()).findings.map(({ id }) => id)).toEqual(['entry-edited']);
    expect(readdirSync(at.home)).not.toContain('trace');
  });

  it('changes nothing, and what it advises puts things right', async () => {
    const at = await new Installation('claude').install();
    at.json(settings, (value) => delete hooksOf(value).PreToolUse);
    rmSync(at.path('.claude/agents/tester.md'));
    const before = at.text(settings);
    expect((await at.diagnose()).findings.map(({ next }) => next)).toEqual(
      Array(2).fill('nexo harness install claude'),
    );
    expect(at.text(settings)).toBe(before);
    await at.install();
    expect(await at.diagnose()).toMatchObject({ code: 0, ok: true });
  });

  it('is one of the checks of nexo doctor', async () => {
    const at = await new Installation('codex').install();
    const check = async (): Promise<unknown> => {
      const { stdout } = await at.nexo('doctor', '--tier', 'runtime', '--json');
      return (JSON.parse(stdout) as { checks: { id: string }[] }).checks.find(
        ({ id }) => id === 'runtime.harness',
      );
    };
    expect(await check()).toMatchObject({
      status: 'degraded',
      evidence: [
        `codex: ${at.path('.codex/hooks.json')}: 7 hooks are not trusted: Codex passes over them without a word.`,
      ],
      repair_plan: [expect.stringMatching(/^Start codex, open \/hooks/)],
    });
    at.trust();
    expect(await check()).toMatchObject({
      status: 'healthy',
      summary: 'Hooks, gate and server work in codex.',
    });
  });

  it('tells a person file, fault and next step, and that nothing is installed', async () => {
    const at = new Installation('codex');
    const empty = await at.nexo('harness', 'doctor', 'codex');
    expect(empty).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing of nexo is installed for codex.'),
    });
    await at.install();
    const { code, stdout } = await at.nexo('harness', 'doctor');
    expect(code).toBe(1);
    expect(stdout).toContain('codex (user): 1 finding');
    expect(stdout).toContain(`hook-untrusted  ${at.path('.codex/hooks.json')}`);
    expect(stdout).toContain('Next: Start codex, open /hooks');
  });
});

describe.concurrent('nexo harness list', () => {
  it('shows what is installed where, what waits for trust, and the version of a client without starting it', async () => {
    const at = await new Installation('codex').install();
    const bin = join(at.home, 'lib', 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(at.home, 'lib', 'package.json'), '{"name":"@openai/codex","version":"0.169.0"}');
    writeFileSync(join(bin, 'codex'), `#!/bin/sh\ntouch ${join(at.home, 'started')}\n`, { mode: 0o755 });
    at.env.PATH = bin;
    const { harnesses } = JSON.parse((await at.nexo('harness', 'list', '--json')).stdout);
    expect(harnesses).toMatchObject([
      { name: 'claude', program: null, version: null },
      {
        name: 'codex',
        program: join(bin, 'codex'),
        version: '0.169.0',
        installations: [
          {
            scope: 'user',
            state: 'installed',
            files: 16,
            entries: 9,
            edited: ['hooks.json', 'config.toml', 'AGENTS.md'].map((name) => at.path(`.codex/${name}`)),
            untrusted: [{ id: 'hook-untrusted' }],
          },
          { scope: 'project', state: 'none', files: 0, entries: 0, edited: [], untrusted: [] },
        ],
      },
      { name: 'opencode', program: null },
    ]);
    expect(readdirSync(at.home)).not.toContain('started');
  });

  it('asks a client that no package tells of for its version, in a home that is not the person’s', async () => {
    const at = new Installation('opencode');
    const bin = join(at.home, 'bin');
    mkdirSync(bin);
    writeFileSync(
      join(bin, 'opencode'),
      '#!/bin/sh\necho "opencode 9.8.7 in $HOME" >&2; echo 9.8.7; : > "$HOME/seen"\n',
      { mode: 0o755 },
    );
    at.env.PATH = `${bin}:/usr/bin:/bin`;
    const { harnesses } = JSON.parse((await at.nexo('harness', 'list', '--json')).stdout);
    expect(harnesses[2]).toMatchObject({ name: 'opencode', version: '9.8.7' });
    expect(readdirSync(at.home)).not.toContain('seen');
  });
});

function hardLink(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // Another file system.
    copyFileSync(from, to);
  }
}
