import type { PackFamily } from './paths.ts';

/** What happens to packs, for whoever wants to follow it: the broker, a dashboard. Kinds and fields are API. */
export type PackEvent =
  | {
      readonly kind: 'installed';
      readonly id: string;
      readonly version: string;
      readonly install_root: string;
      readonly installed_at: string;
      /** `owner/repo`. */
      readonly source_repo: string;
    }
  | {
      readonly kind: 'removed';
      readonly id: string;
      readonly version: string;
      readonly install_root: string;
      readonly removed_at: string;
    }
  | {
      readonly kind: 'install_failed';
      /** The repository's name while the id is not known. */
      readonly id: string;
      readonly coords: string;
      readonly reason: string;
      readonly failed_at: string;
    };

/** Takes events; answers whether one went out. May take its time and may fail: no command fails because of it. */
export type PackEventSink = (family: PackFamily, event: PackEvent) => Promise<boolean>;

/** How long a command waits for an event to go out, in milliseconds. */
const PUBLISH_TIMEOUT_MS = 2000;

/** Publishes as far as that is possible in a short time. Never throws. */
export async function publishEvent(
  sink: PackEventSink | undefined,
  family: PackFamily,
  event: PackEvent,
): Promise<boolean> {
  if (sink === undefined) return false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PUBLISH_TIMEOUT_MS);
  });
  try {
    return await Promise.race([sink(family, event), late]);
  } catch {
    // Best effort: the pack is in place whether or not anybody hears of it.
    return false;
  } finally {
    clearTimeout(timer);
  }
}
