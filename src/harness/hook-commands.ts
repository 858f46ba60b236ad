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

/** The words of a line that `shellLine` wrote; undefined for one that asks more of a shell. */
export function shellWords(line: string): string[] | undefined {
  const word = /(?:[\w@%+=:,./-]|'[^']*'|\\')+/y;
  const words: string[] = [];
  while (word.lastIndex < line.length) {
    const [found] = word.exec(line) ?? [];
    if (found === undefined) return undefined;
    words.push(
      found.replaceAll(/'([^']*)'|\\(')/g, (_, quoted?: string, escaped?: string) => quoted ?? escaped ?? ''),
    );
    const at = word.lastIndex === 0 ? line.length : word.lastIndex;
    const gap = /^ *$|^ +/.exec(line.slice(at))?.[0];
    if (gap === undefined) return undefined;
    word.lastIndex = at + gap.length;
  }
  return words;
}
