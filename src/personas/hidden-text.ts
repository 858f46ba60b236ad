import { createRedactor } from '../base/redact.ts';

/** Something in a text that its reader does not see, or should not be sent out. */
export interface TextFinding {
  readonly kind: 'hidden-character' | 'bidirectional' | 'control-character' | 'secret';
  /** From 1. */
  readonly line: number;
  /** Goes on after file and line: `holds U+200B, which is not shown`. Never the secret itself. */
  readonly message: string;
}

/** How many findings of one text are told. */
const MAX_FINDINGS = 20;

/** Marks and overrides that change in which direction text is shown. */
const BIDIRECTIONAL = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
/** Characters without a picture of their own: joiners, fillers, invisible operators, tags, selectors. */
const HIDDEN = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

const redact = createRedactor();

/** Looks through the text of a prompt, a configuration or a note. */
export function findHiddenText(text: string): TextFinding[] {
  const findings: TextFinding[] = [];
  for (const [at, line] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    findings.push(...lineFindings(line, at + 1));
    if (findings.length >= MAX_FINDINGS) break;
  }
  return findings.slice(0, MAX_FINDINGS);
}

function lineFindings(line: string, number: number): TextFinding[] {
  const found: TextFinding[] = [];
  const add = (kind: TextFinding['kind'], message: string): void => {
    if (!found.some((other) => other.kind === kind)) found.push({ kind, line: number, message });
  };
  if (isPlain(line)) return mayHoldSecret(line) ? [secretFinding(number)] : [];
  const characters = [...line];
  for (const [at, character] of characters.entries()) {
    if (BIDIRECTIONAL.test(character))
      add('bidirectional', `holds ${codePoint(character)}, which turns the direction of the text`);
    else if (HIDDEN.test(character) && !isOrdinary(characters, at))
      add('hidden-character', `holds ${codePoint(character)}, which is not shown`);
    else if (CONTROL.test(character) && character !== '\r')
      add('control-character', `holds ${codePoint(character)}, a control character`);
  }
  if (mayHoldSecret(line)) found.push(secretFinding(number));
  return found;
}

function isPlain(line: string): boolean {
  return /^[\t\r\x20-\x7e]*$/.test(line);
}

/** Emoji are joined and coloured by hidden characters, and some scripts need joiners between letters. */
function isOrdinary(characters: readonly string[], at: number): boolean {
  const character = characters[at];
  const before = characters[at - 1] ?? '';
  const after = characters[at + 1] ?? '';
  if (character === '\ufe0f' || character === '\ufe0e')
    return /[\p{Extended_Pictographic}0-9#*]/u.test(before);
  if (character === '\u200d' && /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f/u.test(before))
    return /\p{Extended_Pictographic}/u.test(after);
  if (character !== '\u200c' && character !== '\u200d') return false;
  return JOINING.test(before) && JOINING.test(after);
}

const JOINING =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Mongolian}]/u;

/** Placeholders that stand where somebody else's secret goes are none. */
function mayHoldSecret(line: string): boolean {
  const bare = line
    .replace(/\$\{[^}]*\}|\{\{[^}]*\}\}|<[^<>]*>|\$[A-Za-z_]\w*/g, '')
    .replace(
      /([=:]\s*["']?)(x{3,}|\*{3,}|\.{3}|your[\w-]*|change-?me|example[\w-]*|todo|none|null)\b/gi,
      '$1',
    );
  return redact(bare) !== bare;
}

function secretFinding(line: number): TextFinding {
  return { kind: 'secret', line, message: 'holds what looks like a secret' };
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
