import type { ActingAgent } from '../hooks/events.ts';
import { type HookEnvironment, type HookPayload, PayloadFault } from './contract.ts';

/** Checked reading of payload fields. By hand: a schema library would double the time of every tool call. */

export function optionalText(payload: HookPayload, key: string): string | undefined {
  const value = payload[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function requiredText(payload: HookPayload, key: string): string {
  const value = payload[key];
  if (typeof value === 'string') return value;
  throw new PayloadFault(`it has no text "${key}"`);
}

export function asRecord(value: unknown): HookPayload {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as HookPayload) : {};
}

/**
 * Who acts: the name in the payload, else the one the environment gives, else Lead. A name with a prefix
 * (`nexo:engineer`) counts by its last part; Lead is never a subagent.
 */
export function actingAgent(
  name: string | undefined,
  id: string | undefined,
  environment: HookEnvironment,
): ActingAgent | undefined {
  const role = toRole(name ?? environment.agent);
  return role === undefined || role === 'lead' ? undefined : { name: role, id };
}

export function toRole(name: string | undefined): string | undefined {
  const role = name?.split(/[:/]/).at(-1)?.trim().toLowerCase();
  return role === '' ? undefined : role;
}

/** Texts of the named keys, in order; what is not text is left out. */
export function textsOf(input: unknown, keys: readonly string[]): string[] {
  const record = asRecord(input);
  return keys
    .map((key) => record[key])
    .filter((value) => typeof value === 'string' && value !== '') as string[];
}

/** Paths that a patch in the `*** Begin Patch` format names. */
export function patchPaths(patch: string): string[] {
  const paths = [...patch.matchAll(/^\*\*\* (?:Add|Update|Delete) File: (.+)$|^\*\*\* Move to: (.+)$/gm)];
  return paths.map(([, file, moved]) => (file ?? moved ?? '').trim()).filter((path) => path !== '');
}

/** The file that a plain reading command shows (`cat notes.md`), if the command is nothing more than that. */
export function plainReadPaths(command: string): string[] {
  const match =
    /^\s*(?:cat|head|tail|less|more|bat|nl)((?:\s+-{1,2}[A-Za-z0-9=-]+)*)((?:\s+(?:'[^']*'|"[^"$`\\]*"|[\w./@%+~,-]+))+)\s*$/.exec(
      command,
    );
  if (match?.[2] === undefined) return [];
  const words = match[2].match(/'[^']*'|"[^"]*"|[^\s'"]+/g) ?? [];
  return words.map((word) => word.replaceAll(/^['"]|['"]$/g, '')).filter((word) => !/^\d+$/.test(word));
}
