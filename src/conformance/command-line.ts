import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

import { NexoError } from '../errors.ts';

/**
 * The words of a command that is going to run in some other folder than `cwd`: a word that names a file from there,
 * `dist/main.js`, becomes that file's absolute path. Throws USAGE.
 */
export function parseCommand(command: string, flag: string, cwd: string): readonly [string, ...string[]] {
  const [program, ...args] = splitCommand(command, flag);
  return [toFile(program, cwd), ...args.map((word) => toFile(word, cwd))];
}

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

/** Only words that look like a path: `mcp` stays `mcp`, whatever lies in the folder. */
function toFile(word: string, cwd: string): string {
  if (word.startsWith('-') || isAbsolute(word) || !/[./\\]/.test(word)) return word;
  const path = resolve(cwd, word);
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? path : word;
}

/** Inside '…' nothing is an escape; inside "…" only the two characters that would need one. */
function isEscape(next: string, quote: '"' | "'" | undefined): boolean {
  if (next === '' || quote === "'") return false;
  return quote === undefined || next === '"' || next === '\\';
}
