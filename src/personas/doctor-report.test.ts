import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { agentYaml, packManifest, writeFiles, writePack } from '../../test/support/persona-pack.ts';
import { resolveHomePaths } from '../home/paths.ts';
import { checkPersonas } from './doctor-report.ts';

function scratch() {
  const home = mkdtempSync(join(tmpdir(), 'checkup-'));
  const paths = resolveHomePaths({ NEXO_HOME: home }, '/nowhere');
  mkdirSync(paths.personas, { recursive: true });
  return {
    root: paths.personas,
    paths,
    config: (yaml: string) => writeFiles(paths.config, { 'personas/discovery.yaml': yaml }),
    check: (env: NodeJS.ProcessEnv = {}) =>
      checkPersonas({
        paths,
        env,
        userHome: '/nowhere',
        nexoVersion: '0.1.0',
        now: () => new Date(0),
        plugins: new Set(['email']),
      }),
  };
}

describe('a checkup', () => {
  it('of an empty home is fine', () => {
    const { check } = scratch();
    expect(check()).toMatchObject({
      ok: true,
      kill_switch: false,
      activation: 'auto',
      personas: [],
      problems: [],
    });
  });

  it('shows the configuration of plugins as packs and operator make it, and none of their secrets', () => {
    const { root, paths, check } = scratch();
    const dir = writePack({ root });
    writeFiles(dir, {
      'plugins/telegram.partial.yaml':
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder, as packs write it
        '- instance: cody\n  token: ${file:./secrets/cody_token.txt}\n  chat: ${CODY_CHAT_ID}\n',
    });
    writeFiles(paths.config, {
      'plugins/telegram.yaml': '- instance: mine\n  token: 12345:in-the-open\n  note: hello\n',
      'secrets/cody_token.txt': 'very-secret\n',
    });
    const { plugin_configs } = check({ CODY_CHAT_ID: '42' });
    expect(plugin_configs).toEqual([
      {
        plugin: 'telegram',
        sources: ['operator', 'persona:cody@0.1.0'],
        value: [
          { instance: 'mine', token: '[redacted]', note: 'hello' },
          // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder stays as it is written
          { instance: 'cody', token: '${file:./secrets/cody_token.txt}', chat: '${CODY_CHAT_ID}' },
        ],
      },
    ]);
  });

  it('says of a pack in use what it brings, what it lacks, and what waits for the operator', () => {
    const { root, paths, check } = scratch();
    writePack({ root }, { 'agents.d/cody.yaml': agentYaml('cody', '    auto_approve: true\n') });
    expect(check()).toMatchObject({
      ok: true,
      personas: [
        {
          id: 'cody',
          version: '0.1.0',
          state: 'active',
          path: join(root, 'cody-0.1.0'),
          reason: null,
          unmet: { missing_plugins: ['telegram'], unknown_features: [], missing_env_vars: ['CODY_CHAT_ID'] },
          unconfigured_secrets: [join(paths.config, 'secrets', 'cody_token.txt')],
          agents: ['cody'],
          skipped_agents: [],
        },
      ],
    });
    expect(check().personas[0]?.warnings).toContainEqual(
      expect.stringContaining('the agent cody approves its own actions (auto_approve)'),
    );
  });

  it('knows every state a pack can be in', () => {
    const { root, config, check } = scratch();
    writePack({ root, id: 'ada' });
    writePack({ root, id: 'bob' });
    writePack({ root, id: 'cody', version: '0.1.0' });
    writePack({ root, id: 'cody', version: '0.2.0' });
    writePack({ root, id: 'dan' }, { 'agents.d/dan.yaml': undefined });
    writePack({ root, id: 'eve' }, { 'persona.toml': 'manifest_version = 1\n' });
    config(`discovery: { search_paths: [${root}], disabled: [ada], allowlist: [ada, cody, dan] }\n`);
    const { ok, personas } = check();
    expect(ok).toBe(false);
    expect(personas.map(({ id, version, state }) => [id, version, state])).toEqual([
      ['ada', '0.1.0', 'disabled'],
      ['bob', '0.1.0', 'not-allowlisted'],
      ['cody', '0.1.0', 'shadowed'],
      ['cody', '0.2.0', 'active'],
      ['dan', '0.1.0', 'invalid'],
      [null, null, 'invalid'],
    ]);
    expect(personas.map(({ reason }) => reason)[5]).toContain(
      "v1 packs install via the persona's install.sh",
    );
  });

  it('says that packs are switched off, and is fine all the same', () => {
    const { root, check } = scratch();
    writePack({ root });
    expect(check({ NEXO_DISABLE_BUNDLED_PERSONAS: 'on' })).toMatchObject({
      ok: true,
      kill_switch: true,
      personas: [{ state: 'kill-switch' }],
    });
  });

  it('is not fine while the settings cannot be read', () => {
    const { config, check } = scratch();
    config('discovery: [');
    expect(check()).toMatchObject({ ok: false, problems: [{ kind: 'ConfigInvalid' }] });
  });

  it('says which agents do not take part, and why', () => {
    const { root, check } = scratch();
    const manifest = packManifest().replace(
      '["agents.d/cody.yaml"]',
      '["agents.d/cody.yaml", "agents.d/b.yaml"]',
    );
    writePack({ root }, { 'persona.toml': manifest, 'agents.d/b.yaml': agentYaml('cody') });
    expect(check().personas[0]?.skipped_agents).toEqual([
      {
        id: 'cody',
        file: join(root, 'cody-0.1.0', 'agents.d', 'b.yaml'),
        reason: 'is not used: persona:cody@0.1.0 has an agent of that id',
      },
    ]);
  });

  it('writes nothing', () => {
    const { root, paths, check } = scratch();
    writePack({ root });
    check();
    expect(() => mkdirSync(paths.config)).not.toThrow();
  });
});
