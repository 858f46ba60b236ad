import { NexoError } from '../errors.ts';

/**
 * Splits a command as a shell would, without being one: blanks separate, quotes and backslashes keep them, and
 * nothing is expanded. Throws USAGE when it is empty or a quote is left open.
 */
export function splitCommand(command: string, flag: string): readonly [string, ...string[]] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let at = 0; at < command.length; at += 1) {
    const character = command.charAt(at);
    const next = command.charAt(at + 1);
    if (quote === undefined && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === quote) quote = undefined;
    else if (quote === undefined && (character === '"' || character === "'")) {
      quote = character;
      word ??= '';
    } else if (character === '\\' && isEscape(next, quote)) {
      word = (word ?? '') + next;
      at += 1;
    } else word = (word ?? '') + character;
  }
  if (quote !== undefined) {
    throw new NexoError('USAGE', `${flag} has a ${quote} that is never closed: ${command}`, {
      hint: `Write it as one word, such as ${flag} 'node "my server.js"'.`,
    });
  }
  if (word !== undefined) words.push(word);
  const [program, ...args] = words;
  if (program === undefined || program === '') {
    throw new NexoError('USAGE', `${flag} names no program`, { hint: `For example: ${flag} "nexo mcp"` });
  }
  return [program, ...args];
}

/** Inside '…' nothing is an escape; inside "…" only the two characters that would need one. */
function isEscape(next: string, quote: '"' | "'" | undefined): boolean {
  if (next === '' || quote === "'") return false;
  return quote === undefined || next === '"' || next === '\\';
}
