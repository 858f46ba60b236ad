import type { Lang } from '../body.ts';

export interface ChoiceOption {
  readonly label: string;
  readonly description: string;
}

/** The parameters of one macro, already checked against the vocabulary. */
export interface CallParams {
  text(name: string): string;
  optional(name: string): string | undefined;
  options(name: string): readonly ChoiceOption[];
}

/** How a harness calls what the catalog calls by id. */
export interface RenderNames {
  agentName(id: string): string;
  skillName(id: string): string;
}

/** A role that no catalog defines: the harness's own read-only explorer. */
export const EXPLORE_ROLE = 'explore';

/** The name of a role in a harness whose explorer is called `explorer`. */
export function roleName(role: string, explorer: string, names: RenderNames): string {
  return role === EXPLORE_ROLE ? explorer : names.agentName(role);
}

export interface RenderContext extends RenderNames {
  readonly lang: Lang;
}

/** Every primitive of the vocabulary in the words of one harness. */
export interface InvocationTemplates {
  /** Version of the client that the shapes were read from. */
  readonly checkedAgainst: string;
  readonly render: Readonly<Record<string, (params: CallParams, context: RenderContext) => string>>;
}

export const HARNESSES = ['claude', 'codex', 'opencode'] as const;
export type Harness = (typeof HARNESSES)[number];
