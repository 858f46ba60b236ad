import { createHash } from 'node:crypto';

export const LANGS = ['en', 'ko'] as const;
export type Lang = (typeof LANGS)[number];

/** File name of a body in each language. English is the one that always exists. */
export const BODY_FILES: Readonly<Record<Lang, string>> = { en: 'body.md', ko: 'body.ko.md' };

export interface Body {
  readonly lang: Lang;
  readonly file: string;
  /** Normalised: see `normaliseBody`. */
  readonly text: string;
  /** Comes from a persona pack: nothing in it is a macro, and it may speak of any program. */
  readonly literal?: true;
}

export type Bodies = Readonly<{ en: Body } & Partial<Record<Lang, Body>>>;

/** The body in the language asked for, in English where there is none. */
export function selectBody(bodies: Bodies, lang: Lang): Body {
  return bodies[lang] ?? bodies.en;
}

/** LF line ends, nothing blank at the end, one final newline: the form that is hashed and rendered. */
export function normaliseBody(text: string): string {
  return `${text
    .replace(/^\ufeff/, '')
    .replaceAll('\r\n', '\n')
    .trimEnd()}\n`;
}

/** The `body_hash` of the manifest. */
export function bodyHash(text: string): string {
  return `sha256:${createHash('sha256').update(normaliseBody(text), 'utf8').digest('hex')}`;
}
