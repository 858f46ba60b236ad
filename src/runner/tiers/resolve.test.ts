import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { resolveHomePaths } from '../../home/paths.ts';
import { CALLERS, findCaller, registerSystemCaller, UnregisteredCallerError } from './callers.ts';
import { preferenceFiles, readPreferences } from './preferences.ts';
import { resolveModel, resolveModelAndEffort } from './resolve-model.ts';
import { resolveTier, type TierRequest } from './resolve-tier.ts';
import { loadTiersTable, tiersFilePlaces } from './tiers-file.ts';

const paths = resolveHomePaths({ NEXO_HOME: mkdtempSync(join(tmpdir(), 'tiers-')) }, '/home/ada');
const table = loadTiersTable(tiersFilePlaces(paths));
const base = { preferences: [], defaultTier: table.defaultTier, defaultFile: table.path } as const;
const tierOf = (request: Partial<TierRequest> & { caller: string }): string =>
  resolveTier({ ...base, ...request }).tier;
const pairOf = (request: Partial<TierRequest> & { caller: string }, backend = 'claude_code') =>
  resolveModelAndEffort(table, { preferences: [], ...request, backend });

/** A home whose two files hold these values. */
function homeWith({ calibration, schedule }: { calibration?: unknown; schedule?: unknown }) {
  const files = preferenceFiles(
    resolveHomePaths({ NEXO_HOME: mkdtempSync(join(tmpdir(), 'prefs-')) }, '/home/ada'),
  );
  for (const [path, value] of [
    [files.calibration, calibration],
    [files.schedule, schedule],
  ] as const) {
    if (value === undefined) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return { files, preferences: readPreferences(files).tiers };
}
const calibrated = (tier: string) => ({ preferences: { default_resonance: tier } });

describe('a personal caller', () => {
  const caller = 'personal/foo';

  it.each([
    ['A1 takes the explicit tier', { explicitTier: 'maximo' }, 'maximo'],
    ['A2 takes the default that is passed', { userDefault: 'medio' }, 'medio'],
    ['A3 takes the default when nothing is said', {}, 'alto'],
    ['A4 takes a word that is no tier for no hint', { explicitTier: 'garbage' }, 'alto'],
    ['A5 prefers the explicit tier', { explicitTier: 'medio', userDefault: 'bajo' }, 'medio'],
    [
      'D12 falls through to the default that is passed',
      { explicitTier: 'garbage', userDefault: 'bajo' },
      'bajo',
    ],
    ['D15 reads a tier whatever its case and blanks', { explicitTier: ' ALTO ' }, 'alto'],
    ['D17 cannot ask for the internal tier', { explicitTier: 'muy_bajo' }, 'alto'],
  ])('%s', (_name, given, expected) => {
    expect(tierOf({ caller, ...given })).toBe(expected);
  });

  it('D6 reads calibration.json before schedule.json', () => {
    const { preferences } = homeWith({
      calibration: calibrated('medio'),
      schedule: { default_resonance: 'bajo' },
    });
    expect(tierOf({ caller, preferences })).toBe('medio');
  });

  it('D7 reads schedule.json when calibration.json is silent', () => {
    const { preferences } = homeWith({ schedule: { default_resonance: 'bajo' } });
    expect(tierOf({ caller, preferences })).toBe('bajo');
  });

  it('D8 takes a preference that is no tier for none', () => {
    const { preferences } = homeWith({ calibration: calibrated('ultra-high') });
    expect(tierOf({ caller, preferences })).toBe('alto');
  });

  it('takes schedule.json when the tier in calibration.json is none', () => {
    const { preferences } = homeWith({
      calibration: calibrated('ultra'),
      schedule: { default_resonance: 'bajo' },
    });
    expect(tierOf({ caller, preferences })).toBe('bajo');
  });

  it('D9 prefers the default that is passed to the one on disk', () => {
    const { preferences } = homeWith({ calibration: calibrated('bajo') });
    expect(tierOf({ caller, userDefault: 'maximo', preferences })).toBe('maximo');
  });

  it('D13 falls through from a word that is no tier to the preference on disk', () => {
    const { preferences } = homeWith({ calibration: calibrated('medio') });
    expect(tierOf({ caller, explicitTier: 'garbage', preferences })).toBe('medio');
  });

  it.each([['not JSON'], ['[]'], ['{"preferences": 3}'], ['{"preferences":{"default_resonance":7}}']])(
    'reads calibration.json with %s as no preference',
    (calibration) => {
      expect(tierOf({ caller, preferences: homeWith({ calibration }).preferences })).toBe('alto');
    },
  );

  it('says which word was no tier, and why each step did or did not win', () => {
    const resolved = resolveTier({ ...base, caller, explicitTier: 'altto', userDefault: 'bajo' });
    expect(resolved.steps.map(({ source, outcome }) => `${source} ${outcome}`)).toEqual([
      'explicit_tier invalid',
      'user_default wins',
      'preference not_reached',
      'default not_reached',
    ]);
    expect(resolved.warnings).toEqual([
      '"altto" is no tier and counts as no hint (--tier, or the tier of the call).',
    ]);
  });

  it('works under the bare prefix, and says that this is no name', () => {
    const resolved = resolveTier({ ...base, caller: 'personal/' });
    expect(resolved.tier).toBe('alto');
    expect(resolved.warnings[0]).toContain('personal/morning-briefing');
  });
});

describe('a caller that nobody registered', () => {
  it.each([
    ['A6 an unknown name', 'nonexistent/caller'],
    ['D4 an empty name', ''],
    ['blanks', '  '],
    ['D16 the prefix in other case', 'Personal/foo'],
    ['a name that objects have by themselves', 'constructor'],
  ])('is an error of its own class: %s', (_name, caller) => {
    expect(() => tierOf({ caller })).toThrow(UnregisteredCallerError);
    expect(() => pairOf({ caller })).toThrow(UnregisteredCallerError);
  });

  it('is offered a name that works', () => {
    try {
      findCaller('Personal/Foo Bar');
    } catch (error) {
      expect((error as UnregisteredCallerError).hint).toContain('personal/foo-bar');
      return;
    }
    throw new Error('it was accepted');
  });
});

describe('a registered caller', () => {
  it('A7 has the tier of the table', () => {
    expect(tierOf({ caller: 'agent_run/generic' })).toBe('alto');
  });

  it('D1 follows the default of its user when it faces one', () => {
    const efforts = ['maximo', 'bajo'].map(
      (userDefault) => pairOf({ caller: 'nexo_chat', userDefault }).effort,
    );
    expect(efforts).toEqual(['max', 'medium']);
  });

  it('D2 has the default when that of its user is no tier', () => {
    expect(pairOf({ caller: 'nexo_chat', userDefault: 'garbage' })).toEqual(pairOf({ caller: 'nexo_chat' }));
    expect(tierOf({ caller: 'nexo_chat' })).toBe('alto');
  });

  it('D3 keeps its pinned tier whatever the default', () => {
    const { preferences } = homeWith({ calibration: calibrated('bajo') });
    expect(tierOf({ caller: 'deep-sleep/extract', userDefault: 'bajo', preferences })).toBe('alto');
  });

  it('D18 ignores a tier, and says so', () => {
    const { preferences } = homeWith({ calibration: calibrated('medio') });
    const resolved = resolveTier({ ...base, caller: 'nexo_chat', explicitTier: 'bajo', preferences });
    expect(resolved.tier).toBe('medio');
    expect(resolved.warnings[0]).toContain('"bajo" is ignored');
    expect(tierOf({ caller: 'immune/scan', explicitTier: 'maximo' })).toBe('medio');
  });

  it('D11 cannot be registered with a tier that there is not, nor below the personal prefix', () => {
    expect(() => registerSystemCaller(CALLERS, 'new/one', 'ultra')).toThrow(
      expect.objectContaining({ code: 'TIER_UNKNOWN' }),
    );
    expect(() => registerSystemCaller(CALLERS, 'personal/x', 'alto')).toThrow(
      expect.objectContaining({ code: 'INPUT_INVALID' }),
    );
    const registry = registerSystemCaller(CALLERS, 'new/one', 'bajo');
    expect(tierOf({ caller: 'new/one', registry })).toBe('bajo');
  });
});

describe('model and effort', () => {
  const caller = 'personal/test';
  const all = { preferences: [], backend: 'claude_code', caller } as const;

  it.each([
    ['A8', 'maximo', { model: 'claude-opus-4-7[1m]', effort: 'max' }],
    ['B1', 'medio', { model: 'claude-opus-4-7[1m]', effort: 'high' }],
    ['B2', 'alto', { model: 'claude-opus-4-7[1m]', effort: 'xhigh' }],
    ['B3', undefined, { model: 'claude-opus-4-7[1m]', effort: 'xhigh' }],
  ])('%s of the tier %s come from the table', (_name, explicitTier, expected) => {
    expect(pairOf({ caller, explicitTier })).toEqual(expected);
  });

  it('D5 are empty for a backend that the table does not know', () => {
    expect(pairOf({ caller }, 'abacus')).toEqual({ model: '', effort: '' });
    expect(pairOf({ caller }, '__proto__')).toEqual({ model: '', effort: '' });
  });

  it('D14 takes an explicit effort, and the model of the tier', () => {
    expect(resolveModel(table, { ...all, explicitTier: 'alto', effort: 'max' })).toMatchObject({
      tier: 'alto',
      model: 'claude-opus-4-7[1m]',
      modelSource: 'tier',
      effort: 'max',
      effortSource: 'explicit',
    });
  });

  it('takes an explicit model, except for the old words that name none', () => {
    expect(resolveModel(table, { ...all, model: 'claude-next' })).toMatchObject({
      model: 'claude-next',
      modelSource: 'explicit',
    });
    const old = resolveModel(table, { ...all, model: 'Opus' });
    expect(old).toMatchObject({ model: 'claude-opus-4-7[1m]', modelSource: 'tier' });
    expect(old.warnings.join()).toContain('"Opus" is an old word');
  });

  it("uses the operator's own pair only where everything else is silent", () => {
    const profile = { model: 'mine', effort: 'low' };
    expect(resolveModel(table, { ...all, profile })).toMatchObject({ effort: 'xhigh' });
    expect(resolveModel(table, { ...all, backend: 'abacus', profile })).toMatchObject({
      model: 'mine',
      effort: 'low',
      effortSource: 'profile',
    });
  });
});
