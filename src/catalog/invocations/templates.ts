import { CLAUDE } from './claude.ts';
import { CODEX } from './codex.ts';
import type { Harness, InvocationTemplates } from './contract.ts';
import { OPENCODE } from './opencode.ts';

/** The rendering of every primitive in every harness. */
export const TEMPLATES: Readonly<Record<Harness, InvocationTemplates>> = {
  claude: CLAUDE,
  codex: CODEX,
  opencode: OPENCODE,
};
