import type { RenderContext, RenderedFile } from '../rendering.ts';

export type Scope = 'user' | 'project';

/** Where an installation goes. */
export interface InstallPlace {
  readonly scope: Scope;
  /** The user's home directory. */
  readonly home: string;
  readonly projectRoot: string;
  /** The operator's folder for state, where the ledgers are kept. */
  readonly stateFolder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A change to a file that is the user's. What is ours in it can be found again and taken out. */
export type ConfigEdit =
  /** One member of a JSON object, comments and order of the rest kept. */
  | {
      readonly kind: 'json-member';
      readonly file: string;
      readonly path: readonly string[];
      readonly value: unknown;
    }
  /** One element at the end of a JSON array; `marker` is text that only our elements hold. */
  | {
      readonly kind: 'json-element';
      readonly file: string;
      readonly path: readonly string[];
      readonly value: unknown;
      readonly marker: string;
      /** What takes the element's place when others follow it: Codex trusts hooks by their place. */
      readonly placeholder?: unknown;
    }
  /** Lines between two marker lines, at the end of a text file. */
  | {
      readonly kind: 'block';
      readonly file: string;
      readonly start: string;
      readonly end: string;
      readonly text: string;
      /** Why the block cannot go into this text, or undefined. */
      readonly conflict?: (text: string) => string | undefined;
    };

export interface InstallPlan {
  /** Files that are wholly ours; absolute paths. */
  readonly files: readonly RenderedFile[];
  readonly edits: readonly ConfigEdit[];
  /** What the person still has to do. */
  readonly notes: readonly string[];
}

/** Lays the catalog out for one harness's own folders. Pure. */
export type InstallPlanner = (context: RenderContext, place: InstallPlace) => InstallPlan;
