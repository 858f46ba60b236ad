/**
 * Values in shell text that are not known until it runs, as marks inside otherwise literal text. The code points are
 * Unicode non-characters: text that holds one of them is refused before it gets here.
 */

/** Anything, and perhaps several words: an unquoted expansion. */
export const WILD = '\ufdd0';
/** Anything, but one word: a quoted expansion. */
export const TEXT = '\ufdd1';
/** A name that comes from a listing of files or revisions: never an option, never outside. */
export const LISTED = '\ufdd2';
/** A variable that the script does not set: the operator's, so not an option, but any path. */
export const ENVIRONMENT = '\ufdd3';
/** `*` and `?` of a file name pattern. */
export const STAR = '\ufdd4';
export const ANY_CHARACTER = '\ufdd5';

const MARKS = /[\ufdd0-\ufdd5]/;
const UNKNOWN = /[\ufdd0\ufdd1]/;

export function hasMark(text: string): boolean {
  return MARKS.test(text);
}

/** Whether the value is more than literal text and names from listings. */
export function isUncertain(text: string): boolean {
  return UNKNOWN.test(text);
}

/** Whether the word, once known, could be an option or several words with one among them. */
export function mayBeOption(word: string): boolean {
  return word.includes(WILD) || word.startsWith(TEXT);
}

/** For messages: marks become the signs that a person would write. */
export function readable(text: string): string {
  const plain = text
    .replaceAll(/[\ufdd0-\ufdd3]/g, '…')
    .replaceAll(STAR, '*')
    .replaceAll(ANY_CHARACTER, '?')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
    .replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
  return plain.length > 60 ? `${plain.slice(0, 60).toWellFormed()}…` : plain;
}
