import { NexoError } from '../errors.ts';

/** What a server can offer: the project's state, and what the operator has at home. */
export const TOOLSETS = ['workspace', 'home'] as const;
export type Toolset = (typeof TOOLSETS)[number];

/** Context is money: every tool is read by every model in every session, so the default is the smaller set. */
export const DEFAULT_TOOLSETS: readonly Toolset[] = ['workspace'];

/** Reads `workspace,home`. Throws USAGE for a name that is none, and when nothing is left. */
export function parseToolsets(text: string): readonly Toolset[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = names.find((name) => !isToolset(name));
  if (unknown !== undefined || names.length === 0) {
    const message =
      unknown === undefined ? 'No toolset is named.' : `There is no toolset "${unknown.slice(0, 40)}".`;
    throw new NexoError('USAGE', message, { hint: `Give some of: ${TOOLSETS.join(', ')}.` });
  }
  return TOOLSETS.filter((name) => names.includes(name));
}

/** Whether tools of these sets come and go while the server runs: the operator's plugins do. */
export function toolsMayChange(toolsets: readonly Toolset[]): boolean {
  return toolsets.includes('home');
}

function isToolset(name: string): name is Toolset {
  return TOOLSETS.some((toolset) => toolset === name);
}
