import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { resolveHomePaths } from '../../home/paths.ts';
import { loadTiersTable, lookUpTier, tiersFilePlaces } from './tiers-file.ts';

const newHome = () => resolveHomePaths({ NEXO_HOME: mkdtempSync(join(tmpdir(), 'tiers-')) }, '/home/ada');
const row = { claude_code: { model: 'm', effort: 'e' } };
const four = { maximo: row, alto: row, medio: row, bajo: row };

function write(path: string | undefined, content: unknown): void {
  if (path === undefined) throw new Error('no such place');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
}

describe('loadTiersTable', () => {
  it('ships with all five tiers for every backend', () => {
    const { path, tiers, defaultTier } = loadTiersTable(tiersFilePlaces(newHome()));
    expect(path).toMatch(/assets.resonance_tiers\.json$/);
    expect(defaultTier).toBe('alto');
    expect(Object.keys(tiers)).toEqual(['maximo', 'alto', 'medio', 'bajo', 'muy_bajo']);
    for (const backends of Object.values(tiers))
      expect(Object.keys(backends ?? {})).toEqual([
        'claude_code',
        'codex',
        'opencode',
        'command',
        'scripted',
      ]);
  });

  it.each([0, 1, 2])('takes the file in place %i before those behind it', (index) => {
    const places = tiersFilePlaces(newHome());
    for (const place of places.slice(index, 3)) write(place, { tiers: four, default_tier: 'bajo' });
    expect(loadTiersTable(places)).toMatchObject({ path: places[index], defaultTier: 'bajo' });
  });

  it('reads a missing model or effort as empty, and a default that is no row as alto', () => {
    const places = tiersFilePlaces(newHome());
    write(places[0], {
      tiers: { ...four, alto: { codex: { model: 'x' } } },
      default_tier: 'ultra',
      note: 'mine',
    });
    const table = loadTiersTable(places);
    expect(lookUpTier(table, 'alto', 'codex')).toEqual({ model: 'x', effort: '' });
    expect(table.defaultTier).toBe('alto');
  });

  it.each([
    ['is not JSON', '{'],
    ['has no tiers', {}],
    ['lacks a tier', { tiers: { maximo: row, alto: row, medio: row } }],
    ['holds something else in place of a pair', { tiers: { ...four, bajo: { codex: 'gpt' } } }],
  ])('D10 refuses a file that %s, instead of looking further', (_name, content) => {
    const places = tiersFilePlaces(newHome());
    write(places[0], content);
    expect(() => loadTiersTable(places)).toThrow(expect.objectContaining({ code: 'TIERS_UNUSABLE' }));
  });

  it('D10 refuses to go on without any file', () => {
    const places = tiersFilePlaces(newHome()).slice(0, 3);
    expect(() => loadTiersTable(places)).toThrow(expect.objectContaining({ code: 'TIERS_UNUSABLE' }));
  });

  it('names the tier that is missing', () => {
    const places = tiersFilePlaces(newHome());
    write(places[0], { tiers: { maximo: row, alto: row } });
    expect(() => loadTiersTable(places)).toThrow(/medio, bajo/);
    expect(readFileSync(places[0] ?? '', 'utf8')).toContain('maximo');
  });
});
