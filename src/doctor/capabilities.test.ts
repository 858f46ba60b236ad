import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { CORE_TOGGLES, inspectToggles, pluginToggles, type Toggle } from './capabilities.ts';

const source = join(import.meta.dirname, '..');

function toggle(fields: Partial<Toggle>): Toggle {
  return { extension: 'core', envVar: 'X', kind: 'boolean', risk: 'low', effect: '', hint: '', ...fields };
}

describe('the toggles of Nexo', () => {
  it('are read by its own code, each of them', () => {
    const files = globSync('**/*.ts', { cwd: source }).filter(
      (file) => !file.endsWith('.test.ts') && !file.endsWith('doctor/capabilities.ts'),
    );
    const text = files.map((file) => readFileSync(join(source, file), 'utf8')).join('\n');
    for (const { envVar } of CORE_TOGGLES) expect(text).toContain(`env.${envVar}`);
  });

  it('say what they do in a sentence, and how to set them', () => {
    for (const { envVar, effect, hint } of CORE_TOGGLES) {
      expect(effect).toMatch(/^[A-Zn].*\.$/);
      expect(hint).toMatch(new RegExp(`^export ${envVar}=\\w+$`));
    }
    expect(CORE_TOGGLES.find(({ envVar }) => envVar === 'NEXO_DISABLE_BUNDLED_PERSONAS')?.risk).toBe(
      'medium',
    );
  });
});

describe('the state of a toggle', () => {
  it.each([
    [undefined, 'disabled', null],
    ['', 'disabled', ''],
    ['0', 'disabled', '0'],
    ['off', 'disabled', 'off'],
    ['1', 'enabled', '1'],
    ['TRUE', 'enabled', 'TRUE'],
    [' yes ', 'enabled', ' yes '],
    ['On', 'enabled', 'On'],
    // Somebody's token in the wrong variable is not shown.
    ['ghp_aaaaaaaaaaaaaaaaaaaa', 'disabled', null],
  ])('%j is %s', (value, state, raw) => {
    expect(inspectToggles([toggle({})], { X: value })).toMatchObject([
      { state, raw_value: raw, items_count: null },
    ]);
  });

  it.each([
    [undefined, 'disabled', 0],
    [' , ,', 'disabled', 0],
    ['a.example, b.example,', 'enabled', 2],
  ])('the list %j is %s', (value, state, count) => {
    expect(inspectToggles([toggle({ kind: 'allowlist' })], { X: value })).toMatchObject([
      { state, raw_value: null, items_count: count },
    ]);
  });

  it('may hang on one word alone', () => {
    const rows = (value: string) => inspectToggles([toggle({ onValue: 'allow' })], { X: value })[0]?.state;
    expect([rows('allow'), rows('1')]).toEqual(['enabled', 'disabled']);
  });
});

describe('the toggles of a plugin', () => {
  it('come from its manifest', () => {
    const gate = { env_var: 'SSH_HOSTS', kind: 'Allowlist', risk: 'High', effect: 'Runs commands there.' };
    expect(pluginToggles('ssh', { gate: [gate] })).toEqual([
      toggle({
        extension: 'ssh',
        envVar: 'SSH_HOSTS',
        kind: 'allowlist',
        risk: 'high',
        effect: 'Runs commands there.',
        hint: 'export SSH_HOSTS=1',
      }),
    ]);
  });

  it.each([
    [undefined],
    [{}],
    [{ gate: 'x' }],
    [{ gate: [{ env_var: 'lower', kind: 'boolean', risk: 'low' }] }],
    [{ gate: [{ env_var: 'X', kind: 'other', risk: 'low' }] }],
  ])('are none where it makes no sense: %j', (gates) => {
    expect(pluginToggles('ssh', gates)).toEqual([]);
  });
});
