import type { HookEventName } from '../../hooks/events.ts';

/** The native events of each of ours, from a harness's list of the hooks that it renders. */
export function nativeEventsOf(
  hooks: readonly { readonly native: string; readonly event: HookEventName }[],
): Partial<Record<HookEventName, readonly string[]>> {
  const events: Partial<Record<HookEventName, readonly string[]>> = {};
  for (const { native, event } of hooks) events[event] = [...(events[event] ?? []), native];
  return events;
}
