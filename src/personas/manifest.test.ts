import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { parseManifest } from './manifest.ts';

const fixtures = join(import.meta.dirname, '..', '..', 'test', 'fixtures', 'persona-manifests');

const MINIMAL = `manifest_version = 2
[persona]
id = "cody"
version = "0.2.0"
description = "A pair programmer"
min_nexo_version = ">=0.1.0"
`;

describe('a manifest with a fault', () => {
  it.each(readdirSync(fixtures).map((name) => [name]))('%s is refused by key and line', (name) => {
    const expected: unknown = JSON.parse(readFileSync(join(fixtures, name, 'expected.json'), 'utf8'));
    const result = parseManifest(readFileSync(join(fixtures, name, 'persona.toml'), 'utf8'), { file: name });
    if (result.ok) throw new Error('it was taken');
    expect(result.problems.map(({ kind, key, line }) => ({ kind, key, line }))).toEqual([expected]);
    const [{ message, fix, file }] = result.problems;
    expect(file).toBe(name);
    // A sentence that names the key, and what to do about it.
    expect(message).not.toMatch(/\.$|undefined|\n/);
    expect(fix).toMatch(/\.$/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing of the file may steer a terminal
    expect(message).not.toMatch(/[\u0000-\u001f]/);
  });

  it('of version 1 points to the script that installs it', () => {
    const result = parseManifest(MINIMAL.replace('= 2', '= 1'));
    if (result.ok) throw new Error('it was taken');
    expect(result.problems[0].message).toContain("v1 packs install via the persona's install.sh");
    expect(result.problems[0].fix).toContain('manifest_version = 2');
  });

  it('with a bad id says so in the words that people search for', () => {
    const result = parseManifest(MINIMAL.replace('cody', 'Cody Bot'));
    if (result.ok) throw new Error('it was taken');
    expect(result.problems[0].message).toContain('persona id violates id regex');
  });

  it('tells everything that is wrong at once', () => {
    const result = parseManifest(
      MINIMAL.replace('"cody"', '"C"').replace('0.2.0', 'two').replace('>=0.1.0', '?'),
    );
    expect(result.ok ? [] : result.problems.map(({ kind }) => kind)).toEqual([
      'InvalidId',
      'InvalidVersion',
      'InvalidMinNexoVersion',
    ]);
  });
});

describe('a manifest without a fault', () => {
  it('gives all of its values', () => {
    const result = parseManifest(`${MINIMAL}homepage = "https://github.com/acme/persona-cody"

[persona.requires]
plugins = ["telegram"]
features = ["dispatch_policy:full"]

[[persona.requires.env_vars]]
name = "CODY_TOKEN"
required = true
description = "Token of the bot"

[persona.contributes]
agent_configs = ["agents.d/cody.yaml"]
plugin_configs_partial = ["plugins/telegram.partial.yaml"]
secrets_templates = ["secrets/cody_token.txt.template"]
workspace_seed = "data/workspace/cody/"

[persona.meta]
author = "Acme"
license = "MIT"
`);
    expect(result).toEqual({
      ok: true,
      manifest: {
        id: 'cody',
        version: '0.2.0',
        description: 'A pair programmer',
        minNexoVersion: '>=0.1.0',
        homepage: 'https://github.com/acme/persona-cody',
        requires: {
          plugins: ['telegram'],
          features: ['dispatch_policy:full'],
          envVars: [{ name: 'CODY_TOKEN', required: true, description: 'Token of the bot' }],
        },
        contributes: {
          agentConfigs: ['agents.d/cody.yaml'],
          pluginConfigsPartial: ['plugins/telegram.partial.yaml'],
          secretsTemplates: ['secrets/cody_token.txt.template'],
          workspaceSeed: 'data/workspace/cody',
        },
        meta: { author: 'Acme', license: 'MIT' },
      },
    });
  });

  it.each([
    ['nothing optional', MINIMAL],
    ['a byte order mark', `\ufeff${MINIMAL}`],
    ['Windows line ends', MINIMAL.replaceAll('\n', '\r\n')],
    [
      'inline tables',
      'manifest_version = 2\npersona = { id = "abc", version = "1.0.0-rc.1+b", description = "d", min_nexo_version = "*" }\n',
    ],
    ['a pre-release', MINIMAL.replace('0.2.0', '1.0.0-beta.2')],
    ['an id of 64 characters', MINIMAL.replace('cody', 'c'.repeat(64))],
    [
      'names beyond ASCII',
      `${MINIMAL}[persona.contributes]\nagent_configs = ["agents.d/zoë.yaml", "agents.d/편집.yml"]\n`,
    ],
    ['dots that are no parts', `${MINIMAL}[persona.contributes]\nagent_configs = ["agents.d/a..b.yaml"]\n`],
  ])('is taken with %s', (_name, text) => {
    expect(parseManifest(text)).toMatchObject({ ok: true });
  });
});
