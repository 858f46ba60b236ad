import type { HookEventName } from '../hooks/events.ts';
import type { HarnessName } from './contract.ts';

/** The words that a harness starts for one event. */
export function hookCommand(
  command: readonly string[],
  event: HookEventName,
  harness: HarnessName,
): string[] {
  return [...command, 'hook', event, '--harness', harness];
}

/** Words as one line for a POSIX shell. */
export function shellLine(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
