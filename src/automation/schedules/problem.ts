/** One thing that is wrong with a declaration. Match on `code`; `message` names the key and its value. */
export interface DeclarationProblem {
  readonly code: string;
  readonly key: string;
  readonly message: string;
  /** What to write instead. */
  readonly hint?: string;
}

/** A value as it may appear in a message: quoted when it is odd, and never long. */
export function shown(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return /^[\w:./*@+-]+$/.test(short) ? short : JSON.stringify(short);
}
