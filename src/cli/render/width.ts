import { stripVTControlCharacters } from 'node:util';

const PLAIN = /^[\u0020-\u007e]*$/;
const MARK = /^(?:\p{Mark}|[\u200b-\u200d]|[\ufe00-\ufe0f])+$/u;
/** Ranges that East Asian terminals and all current ones draw two columns wide (UAX #11, W and F). */
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Emoji}\ufe0f)/u;

let segmenter: Intl.Segmenter | undefined;

/** Made on first use: making one takes ten milliseconds, and most text is plain. */
function graphemes(text: string): Iterable<Intl.SegmentData> {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(text);
}

/** Columns that the text takes in a terminal; colour codes take none. */
export function displayWidth(text: string): number {
  const visible = stripVTControlCharacters(text);
  if (PLAIN.test(visible)) return visible.length;
  let width = 0;
  for (const { segment } of graphemes(visible)) width += graphemeWidth(segment);
  return width;
}

/** The text cut to at most `columns`, with `…` where something was cut. Expects no colour codes. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 1) return '';
  let kept = '';
  let width = 0;
  for (const { segment } of graphemes(text)) {
    width += graphemeWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** The text padded with blanks to `columns`. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

/** The text as lines of at most `columns`, broken at blanks, and inside a word only when it is longer than a line. */
export function wrap(text: string, columns: number): string[] {
  if (displayWidth(text) <= columns) return [text];
  const width = Math.max(columns, 8);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((whole) => chop(whole, width))) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) {
      line = joined;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

function chop(word: string, columns: number): string[] {
  if (displayWidth(word) <= columns) return [word];
  const pieces: string[] = [];
  let piece = '';
  let width = 0;
  for (const { segment } of graphemes(word)) {
    const next = graphemeWidth(segment);
    if (width + next > columns) {
      pieces.push(piece);
      piece = '';
      width = 0;
    }
    piece += segment;
    width += next;
  }
  return [...pieces, piece];
}

function graphemeWidth(grapheme: string): number {
  if (PLAIN.test(grapheme)) return grapheme.length;
  if (MARK.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}
