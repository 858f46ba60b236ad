import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { agentYaml, writeFiles, writePack } from '../support/persona-pack.ts';
import { NEXO, type Ran, runNexo, startProgram, temporaryFolder } from '../support/run-nexo.ts';

function scratch() {
  const home = temporaryFolder('home');
  const project = temporaryFolder('project');
  writeFiles(join(project, '.nexus'), { 'rules/.keep': '' });
  const env = { HOME: home, NEXO_HOME: join(home, '.nexo'), NEXO_PROJECT_ROOT: project };
  return {
    home,
    project,
    env,
    packs: join(home, '.nexo', 'state', 'personas'),
    nexo: (args: readonly string[], more: Record<string, string> = {}): Promise<Ran> =>
      runNexo(args, { cwd: home, env: { ...env, ...more } }),
  };
}

const json = ({ stdout }: Ran): Record<string, unknown> => JSON.parse(stdout);

describe('an author', () => {
  it('makes a pack, verifies it, packs it and verifies that', async () => {
    const { home, nexo } = scratch();
    expect((await nexo(['persona', 'init', 'my-persona'])).code).toBe(0);
    expect(json(await nexo(['persona', 'verify', 'my-persona', '--json']))).toMatchObject({
      ok: true,
      id: 'my-persona',
    });
    const packed = json(await nexo(['persona', 'pack', 'my-persona', '--out', 'release', '--json']));
    const archive = join(home, 'release', 'my-persona-0.1.0-noarch.tar.gz');
    expect(packed).toMatchObject({ ok: true, archive, signed: false });
    expect(readdirSync(join(home, 'release')).sort()).toEqual([
      'my-persona-0.1.0-noarch.tar.gz',
      'my-persona-0.1.0-noarch.tar.gz.sha256',
      'persona.toml',
    ]);
    expect((await nexo(['persona', 'verify', archive])).stdout).toContain(
      'my-persona 0.1.0 can be installed',
    );
    writeFileSync(archive, readFileSync(archive).subarray(0, 200));
    const damaged = await nexo(['persona', 'verify', archive]);
    expect(damaged.code).toBe(1);
    expect(damaged.stdout).toContain('fails 2 checks');
  });

  it('gets one clear message and a code for what cannot be', async () => {
    const { nexo } = scratch();
    const refused = async (...args: string[]) => {
      const ran = await nexo(['persona', ...args, '--json']);
      return [ran.code, json(ran).kind ?? json(ran).code];
    };
    expect(await refused('init', 'My Persona')).toEqual([1, 'InvalidId']);
    expect(await refused('verify', 'not-there')).toEqual([1, 'PathNotFound']);
    expect(await refused('pack', 'not-there')).toEqual([1, expect.any(String)]);
    expect(await refused('run', 'not-there')).toEqual([1, 'PathNotFound']);
    expect(await refused('pack', '.', '--sign')).toEqual([2, 'Usage']);
  });
});

describe('a pack on disk', () => {
  it('is in the catalog, in a harness and known to the gate, until it is switched off', async () => {
    const { packs, home, project, nexo } = scratch();
    writePack({ root: packs });
    const agents = json(await nexo(['agents', 'list', '--json'])).agents as readonly Record<
      string,
      unknown
    >[];
    expect(agents.find(({ id }) => id === 'cody')).toMatchObject({
      source: { layer: 'persona', name: 'persona:cody@0.1.0', folder: join(packs, 'cody-0.1.0') },
      capabilities: ['no_task_create', 'no_task_close', 'no_subagent_spawn', 'no_file_edit', 'no_shell_exec'],
    });
    expect((await nexo(['agents', 'show', 'cody', '--body'])).stdout).toContain('You are cody');
    for (const harness of ['claude', 'codex', 'opencode']) {
      const target = join(home, harness);
      const synced = await nexo(['harness', 'sync', '--harness', harness, '--target', target]);
      expect(`${synced.stdout}${synced.stderr}`).not.toContain('✗');
      expect(
        readdirSync(target, { recursive: true }).some((path) => /cody\.(md|toml)$/.test(String(path))),
      ).toBe(true);
    }
    const payload = {
      session_id: 's',
      cwd: project,
      hook_event_name: 'PreToolUse',
      tool_name: 'Bash',
      tool_input: { command: 'rm -rf x' },
    };
    const hook = (env: Record<string, string>) =>
      runNexo(['hook', 'pre-tool-use', '--harness', 'claude'], {
        cwd: project,
        env: {
          HOME: home,
          NEXO_HOME: join(home, '.nexo'),
          NEXO_PROJECT_ROOT: project,
          NEXO_AGENT: 'cody',
          ...env,
        },
        input: JSON.stringify(payload),
      });
    const denied = await hook({});
    expect(`${denied.stdout}${denied.stderr}`).toMatch(/no_shell_exec|run commands/i);
    // An agent that was rendered while its pack was on is still held.
    const still = await hook({ NEXO_DISABLE_BUNDLED_PERSONAS: '1' });
    expect(still.stdout).toBe(denied.stdout);
    const off = json(await nexo(['agents', 'list', '--json'], { NEXO_DISABLE_BUNDLED_PERSONAS: 'on' }));
    expect((off.agents as readonly { id: string }[]).map(({ id }) => id)).not.toContain('cody');
  });

  it('is what the doctor says it is', async () => {
    const { packs, nexo } = scratch();
    writePack({ root: packs });
    writePack({ root: packs, version: '0.0.9' });
    const fine = await nexo(['doctor', 'personas', '--json']);
    expect(fine.code).toBe(0);
    expect(json(fine)).toMatchObject({
      ok: true,
      personas: [
        { version: '0.0.9', state: 'shadowed' },
        { version: '0.1.0', state: 'active', agents: ['cody'] },
      ],
    });
    writePack({ root: packs, id: 'eve' }, { 'persona.toml': 'manifest_version = 1\n' });
    const broken = await nexo(['doctor', 'personas']);
    expect(broken.code).toBe(1);
    expect(broken.stdout).toContain("v1 packs install via the persona's install.sh");
    const rows = await nexo(['doctor', 'capabilities', '--json'], { NEXO_DISABLE_BUNDLED_PERSONAS: 'on' });
    expect(rows.code).toBe(0);
    expect(JSON.parse(rows.stdout)).toContainEqual(
      expect.objectContaining({
        env_var: 'NEXO_DISABLE_BUNDLED_PERSONAS',
        extension: 'core',
        kind: 'boolean',
        risk: 'medium',
        state: 'enabled',
        raw_value: 'on',
        items_count: null,
      }),
    );
  });
});

describe('nexo persona run', () => {
  it('boots with a pack under development and follows its files, until it is told to stop', async () => {
    const { home, env, packs, nexo } = scratch();
    const pack = writePack({ root: join(home, 'work') });
    writePack({ root: packs, id: 'eve' });
    expect((await nexo(['persona', 'remove', 'eve', '--yes'])).code).toBe(0);
    const child = startProgram(
      process.execPath,
      [NEXO, 'persona', 'run', pack, '--json', '--http', '127.0.0.1:0'],
      {
        cwd: home,
        env,
      },
    );
    let stdout = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    let stderr = '';
    const booted = new Promise<void>((resolve, reject) => {
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
        if (/ runs; health at /.test(stderr)) resolve();
      });
      child.on('exit', () => reject(new Error(stderr)));
    });
    const ended = new Promise<number | null>((resolve) => {
      child.on('close', resolve);
    });
    try {
      await booted;
      expect(JSON.parse(stdout)).toEqual({
        ok: true,
        id: 'cody',
        version: '0.1.0',
        manifest_path: join(pack, 'persona.toml'),
        persona_root: pack,
        search_path_inject: join(home, 'work'),
        next: 'daemon-boot',
      });
      expect(stdout.trimEnd()).not.toContain('\n');
      expect(readFileSync(join(home, '.nexo/config/secrets/cody_token.txt'), 'utf8')).toBe(
        'paste the token here\n',
      );
      expect(readdirSync(join(home, '.nexo/config/data/workspace/cody'))).toContain('README.md');
      const log = () =>
        readdirSync(join(home, '.nexo', 'logs'))
          .map((name) => readFileSync(join(home, '.nexo', 'logs', name), 'utf8'))
          .join('');
      // What commands did while no daemon ran is told by the next one.
      expect(log()).toContain('nexo.persona.removed');
      writeFileSync(join(pack, 'agents.d/cody.yaml'), agentYaml('cody', '      And be brief.\n'));
      await expect.poll(log, { timeout: 10_000, interval: 50 }).toContain('personas changed');
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended).toBe(0);
  });
});
