import { createRedactor, type Redactor } from '../base/redact.ts';

/** Stands for words of the prompt in everything that is written down. */
export const PROMPT_MARK = '[prompt]';

/** A shorter line of a prompt could be part of anything, in characters. */
const MIN_LINE = 8;
/** Lines of a prompt that are looked for; a longer one is found by its first ones. */
const MAX_LINES = 2_000;

/**
 * Takes secrets, and the words of the prompt, out of text that is going to the disk: a backend may repeat either. The
 * prompt as a whole and each of its longer lines are looked for.
 */
export function createRunRedactor(secrets: readonly string[], prompts: readonly string[]): Redactor {
  const redact = createRedactor(secrets);
  const parts = new Set<string>();
  for (const prompt of prompts) {
    const whole = prompt.trim();
    if (whole.length >= MIN_LINE) parts.add(whole);
    for (const line of whole.split('\n').slice(0, MAX_LINES)) {
      const text = line.trim();
      if (text.length >= MIN_LINE) parts.add(text);
    }
  }
  // A backend that quotes what it was given does so as JSON does.
  for (const part of [...parts]) parts.add(JSON.stringify(part).slice(1, -1));
  const wholes = new Set(prompts.map((prompt) => prompt.trim()).filter((prompt) => prompt !== ''));
  const forms = [...parts].sort((a, b) => b.length - a.length);
  return (text) => {
    // A short prompt could be part of anything, and is taken out where it is all there is.
    if (wholes.has(text.trim())) return PROMPT_MARK;
    let clean = text;
    for (const form of forms) if (clean.includes(form)) clean = clean.replaceAll(form, PROMPT_MARK);
    return redact(clean);
  };
}
