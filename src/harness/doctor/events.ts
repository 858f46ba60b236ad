import { isHookEventName } from '../../hooks/events.ts';
import { type DoctorSubject, type HarnessFault, type InstalledHook, installCommand } from './contract.ts';

/** Hooks of ours that never fire: under a name that the harness does not know, under another event, or for none. */
export function findEventFaults({ harness, place, inspector, hooks }: DoctorSubject): HarnessFault[] {
  const { events, title, nativeEvents } = inspector;
  if (events === undefined) return [];
  return hooks.flatMap((hook): HarnessFault[] => {
    const { native, event, file } = hook;
    const where = placeOf(hook);
    const wanted = isHookEventName(event) ? (nativeEvents[event] ?? []) : undefined;
    if (wanted?.includes(native)) return [];
    const put = (how: string): string => `${how}, then: ${installCommand(harness, place.scope)}`;
    const base = { id: 'event-unknown', severity: 'error', file, entry: where } as const;
    if (wanted === undefined) {
      const what = `${where} runs "nexo hook ${event}", and there is no such event: the hook ends with an error each time.`;
      return [{ ...base, what, next: put('Delete it') }];
    }
    const named = wanted.join(' or ');
    const what = events.has(native)
      ? `${where} answers for ${event}, which is ${named} in ${title}: it cannot do its work there.`
      : `${title} has no event "${native}" and ignores ${where}; ${event} is ${named} there.`;
    return [{ ...base, what, next: put(`Rename the key to ${wanted[0] ?? native}, or delete it`) }];
  });
}

/** As a person finds it in the file: `hooks.PreToolUse[0]`. */
export function placeOf({ native, group }: InstalledHook): string {
  return `hooks.${native}[${group}]`;
}
