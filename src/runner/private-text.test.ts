import { describe, expect, it } from 'vitest';

import { createRunRedactor, PROMPT_MARK } from './private-text.ts';

describe('createRunRedactor', () => {
  it('takes out the prompt, its lines, and both as JSON quotes them', () => {
    const prompt = 'Say "good morning" to Ada.\nThen tell her about the whales.';
    const redact = createRunRedactor([], [prompt]);
    expect(redact(prompt)).toBe(PROMPT_MARK);
    expect(redact('I will tell: Then tell her about the whales.')).toBe(`I will tell: ${PROMPT_MARK}`);
    expect(redact(`bad request: ${JSON.stringify({ prompt })}`)).toBe(
      `bad request: {"prompt":"${PROMPT_MARK}"}`,
    );
  });

  it('takes out a short prompt where it is all there is, and leaves other words alone', () => {
    const redact = createRunRedactor([], ['hi']);
    expect(redact(' hi\n')).toBe(PROMPT_MARK);
    expect(redact('this')).toBe('this');
  });

  it('takes out secrets wherever they stand', () => {
    expect(createRunRedactor(['hunter2hunter2'], [])('key=hunter2hunter2!')).not.toContain('hunter2');
  });
});
