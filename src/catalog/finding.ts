/**
 * The gates of the catalog. G1 to G11 are those of the authoring contract, N1 to N5 our own.
 * What each one holds is in `docs/catalog.md`.
 */
export const GATES = {
  G1: 'schema',
  G2: 'capabilities',
  G3: 'category',
  G4: 'resume tier',
  G5: 'triggers and capability entries',
  G6: 'no harness words',
  G7: 'no model names',
  G8: 'no code',
  G9: 'files of a folder',
  G10: 'id and folder',
  G11: 'trigger text',
  N1: 'macros',
  N2: 'languages',
  N3: 'layers',
  N4: 'manifest',
  N5: 'harness help',
} as const;

export type Gate = keyof typeof GATES;

/** One fault in a catalog: where it is, what it is and how to mend it. */
export interface Finding {
  readonly gate: Gate;
  readonly level: 'error' | 'warning';
  /** Absolute path. */
  readonly file: string;
  /** From 1; 1 as well where a fault concerns a whole file or folder. */
  readonly line: number;
  readonly message: string;
  readonly fix: string;
}

/** The order in which findings are shown: by file, then by line. */
export function compareFindings(a: Finding, b: Finding): number {
  return compareText(a.file, b.file) || a.line - b.line || compareText(a.gate, b.gate);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
