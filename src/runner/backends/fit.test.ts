import { describe, expect, it } from 'vitest';

import type { Offer } from './contract.ts';
import { fitToOffer } from './fit.ts';

const offer: Offer = {
  models: [
    { id: 'big', efforts: ['low', 'high'] },
    { id: 'plain', efforts: [] },
    { id: 'own', efforts: ['fast', 'slow'] },
  ],
  defaultEfforts: ['low', 'medium', 'high'],
};
const asked = { model: 'big', modelSource: 'tier', effort: 'high', effortSource: 'tier' } as const;

describe('fitToOffer', () => {
  it.each([
    ['what is offered', {}, 'big', 'high', 0],
    ['the nearest effort below', { effort: 'max' }, 'big', 'high', 1],
    ['the lowest when all are above', { effort: 'minimal' }, 'big', 'low', 1],
    ['no effort where there is none', { model: 'plain' }, 'plain', '', 1],
    ['no effort where none compares', { model: 'own' }, 'own', '', 1],
    ["the backend's own model for an unknown one", { model: 'gone' }, '', 'high', 1],
    ['both at once', { model: 'gone', effort: 'xhigh' }, '', 'high', 2],
    ['nothing when nothing is asked for', { model: '', effort: '' }, '', '', 0],
  ])('takes %s', (_name, change, model, effort, warnings) => {
    const fitted = fitToOffer({ ...asked, ...change }, offer, 'codex');
    expect([fitted.model, fitted.effort, fitted.warnings.length]).toEqual([model, effort, warnings]);
  });

  it('refuses what was named for this very run and is not offered', () => {
    const refused = expect.objectContaining({ code: 'BACKEND_OPTION_UNKNOWN' });
    expect(() => fitToOffer({ ...asked, model: 'gone', modelSource: 'explicit' }, offer, 'codex')).toThrow(
      refused,
    );
    expect(() => fitToOffer({ ...asked, effort: 'max', effortSource: 'explicit' }, offer, 'codex')).toThrow(
      refused,
    );
  });

  it('passes on what it cannot compare with anything', () => {
    const unknown = fitToOffer(
      { ...asked, modelSource: 'explicit', effort: 'max' },
      undefined,
      'claude_code',
    );
    expect(unknown).toEqual({ model: 'big', effort: 'max', warnings: [] });
    const some = fitToOffer(
      { ...asked, effort: 'max' },
      { models: undefined, defaultEfforts: ['low'] },
      'claude_code',
    );
    expect(some).toMatchObject({ model: 'big', effort: 'low' });
  });
});
