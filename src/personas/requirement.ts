import { satisfies } from 'semver';

import { isVersion } from './version.ts';

/** A requirement that can be evaluated. */
export interface Requirement {
  /** As the manifest has it. */
  readonly text: string;
  /** Whether a program of this version fulfils it. */
  allows(version: string): boolean;
}

export type RequirementResult =
  | { readonly ok: true; readonly requirement: Requirement }
  | { readonly ok: false; readonly reason: string };

/** How many conditions one requirement may join. */
const MAX_CONDITIONS = 32;
const CONDITION = /^(?<operator>=|>=|>|<=|<|~|\^)?\s*(?<version>\S+)$/;
const NUMBER = /^(?:0|[1-9]\d{0,14})$/;
const WILDCARD = /^[*xX]$/;

/**
 * Reads a version requirement in the dialect of Cargo, which packs are written in: `>=0.1.6`, `^0.1`, `~1.2`, `1.*`,
 * conditions joined by commas, all of which have to hold, and a bare version means `^`. npm's `||` and hyphen ranges
 * are not part of it. A pre-release fulfils a requirement only when a condition names a pre-release of that version.
 */
export function parseRequirement(text: string): RequirementResult {
  const conditions = text.split(',').map((part) => part.trim());
  if (text.trim() === '') return { ok: false, reason: 'is empty' };
  if (conditions.length > MAX_CONDITIONS)
    return { ok: false, reason: `joins more than ${MAX_CONDITIONS} conditions` };
  if (conditions.length > 1 && conditions.some((part) => WILDCARD.test(part)))
    return { ok: false, reason: 'joins * with other conditions' };
  const translated: string[] = [];
  for (const condition of conditions) {
    const result = translate(condition);
    if ('reason' in result) return { ok: false, reason: result.reason };
    translated.push(result.range);
  }
  const range = translated.join(' ');
  return { ok: true, requirement: { text, allows: (version) => satisfies(version, range) } };
}

/** One condition as npm's semver understands it. */
function translate(condition: string): { range: string } | { reason: string } {
  if (condition.includes('||')) return { reason: 'uses ||, which joins alternatives' };
  const { operator, version = '' } = CONDITION.exec(condition)?.groups ?? {};
  if (version === '')
    return { reason: condition === '' ? 'has an empty condition' : `cannot read "${condition}"` };
  if (WILDCARD.test(version))
    return operator === undefined ? { range: '*' } : { reason: `puts ${operator} before *` };
  if (!isPartialVersion(version)) return { reason: `has "${condition}", which names no version` };
  const hasWildcard = /(^|\.)[*xX]/.test(version);
  return {
    range: `${operator ?? (hasWildcard ? '' : '^')}${version.replace(/\+.*$/, '').replaceAll('*', 'x')}`,
  };
}

/** `1`, `1.2`, `1.2.3-rc.1`, `1.*`, `1.2.x`: nothing but wildcards may follow a wildcard. */
function isPartialVersion(text: string): boolean {
  if (isVersion(text)) return true;
  const parts = text.split('.');
  const firstWildcard = parts.findIndex((part) => WILDCARD.test(part));
  const numbers = firstWildcard === -1 ? parts : parts.slice(0, firstWildcard);
  const rest = firstWildcard === -1 ? [] : parts.slice(firstWildcard);
  if (parts.length > 3 || numbers.length === 0) return false;
  return numbers.every((part) => NUMBER.test(part)) && rest.every((part) => WILDCARD.test(part));
}
