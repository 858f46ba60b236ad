/** What arrives on the standard input of a command. */
export type Flow =
  | { readonly kind: 'none' }
  /** Literal text of the script, all of it known. */
  | { readonly kind: 'text'; readonly text: string; readonly isPiped?: boolean }
  /** Names of files or revisions, one a line. */
  | { readonly kind: 'listing' }
  | { readonly kind: 'unknown' };
