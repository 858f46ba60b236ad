import type { HarnessName } from '../contract.ts';
import { shellWords } from '../hook-commands.ts';
import { asRecord } from '../payload.ts';
import { readJsonConfig, valuesOf } from './config-file.ts';
import type { InstalledHook } from './contract.ts';

/** Every handler of ours in a file with `hooks` in the form of Claude Code, which Codex shares. */
export function findHookEntries(file: string, harness: HarnessName): InstalledHook[] {
  const events = Object.entries(asRecord(valuesOf(readJsonConfig(file)).hooks));
  return events.flatMap(([native, groups]) =>
    toList(groups).flatMap((value, group) =>
      toList(asRecord(value).hooks).flatMap((each, index) => {
        const handler = asRecord(each);
        const words = wordsOf(handler);
        const event = eventOf(words ?? String(handler.command).split(/\s+/), harness);
        if (event === undefined) return [];
        const { matcher } = asRecord(value);
        return [
          {
            file,
            native,
            group,
            index,
            words,
            event,
            matcher: typeof matcher === 'string' ? matcher : undefined,
            handler,
            value,
          },
        ];
      }),
    ),
  );
}

/** The exec form as it stands; the shell form where it is nothing but words. */
function wordsOf({ command, args }: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  if (typeof command !== 'string') return undefined;
  if (Array.isArray(args)) return [command, ...args.filter((arg) => typeof arg === 'string')];
  return shellWords(command);
}

/** The event in `… hook EVENT --harness NAME`; undefined when the command is not ours. */
function eventOf(words: readonly string[], harness: HarnessName): string | undefined {
  const [hook, event, flag, name] = words.slice(-4);
  return hook === 'hook' && flag === '--harness' && name === harness ? event : undefined;
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
