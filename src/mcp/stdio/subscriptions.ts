import { FAULT, isRecord, META, ProtocolFault } from '../protocol.ts';
import type { ResourceChange } from '../watch.ts';
import type { RequestId } from './id-finder.ts';

/** A notification without its `jsonrpc` member. */
export interface Notification {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What one `subscriptions/listen` asked for, as far as this server has it. */
export interface ListenFilter {
  readonly resourcesListChanged?: true;
  readonly toolsListChanged?: true;
  readonly resourceSubscriptions?: readonly string[];
}

/** Most subscriptions of one client, and longest URI. */
const MAX_SUBSCRIPTIONS = 1024;
const MAX_URI_LENGTH = 2048;

/** Who wants to hear of which change: single URIs in the older revisions, listening requests in 2026-07-28. */
export class Subscriptions {
  readonly #toolsMayChange: boolean;
  readonly #uris = new Set<string>();
  readonly #listeners = new Map<RequestId, ListenFilter>();
  /** A client of the older revisions hears of a new list once it has asked for one. */
  #hasListed = false;
  #hasListedTools = false;

  constructor(toolsMayChange: boolean) {
    this.#toolsMayChange = toolsMayChange;
  }

  subscribe(uri: string): void {
    if (this.#uris.size >= MAX_SUBSCRIPTIONS || uri.length > MAX_URI_LENGTH) throw tooMany();
    this.#uris.add(uri);
  }

  unsubscribe(uri: string): void {
    this.#uris.delete(uri);
  }

  listed(): void {
    this.#hasListed = true;
  }

  listedTools(): void {
    this.#hasListedTools = true;
  }

  /** Returns what is granted; an empty filter is granted nothing and not kept. Throws a ProtocolFault. */
  listen(id: RequestId, requested: unknown): ListenFilter {
    const filter = parseFilter(requested, this.#toolsMayChange);
    if (Object.keys(filter).length === 0) return filter;
    if (this.#listeners.size >= MAX_SUBSCRIPTIONS) throw tooMany();
    this.#listeners.set(id, filter);
    return filter;
  }

  /** True when `id` was a listening request. */
  stopListening(id: RequestId): boolean {
    return this.#listeners.delete(id);
  }

  /** Ends every listening request and returns their ids: each is still owed its result. */
  stopAll(): RequestId[] {
    const ids = [...this.#listeners.keys()];
    this.#listeners.clear();
    return ids;
  }

  notificationsFor({ updated, listChanged }: ResourceChange): Notification[] {
    return [
      ...this.#plainNotifications(updated, listChanged),
      ...this.#stampedNotifications(updated, listChanged),
    ];
  }

  toolsChangedNotifications(): Notification[] {
    const method = 'notifications/tools/list_changed';
    const stamped = [...this.#listeners]
      .filter(([, filter]) => filter.toolsListChanged)
      .map(([id]) => ({ method, params: { _meta: { [META.subscriptionId]: id } } }));
    return this.#hasListedTools ? [{ method, params: {} }, ...stamped] : stamped;
  }

  #plainNotifications(updated: readonly string[], listChanged: boolean): Notification[] {
    const wanted = updated.filter((uri) => this.#uris.has(uri)).map((uri) => resourceUpdated({ uri }));
    return listChanged && this.#hasListed ? [...wanted, listChangedNotification({})] : wanted;
  }

  #stampedNotifications(updated: readonly string[], listChanged: boolean): Notification[] {
    return [...this.#listeners].flatMap(([id, filter]) => {
      const stamp = { _meta: { [META.subscriptionId]: id } };
      const wanted = updated
        .filter((uri) => filter.resourceSubscriptions?.includes(uri) === true)
        .map((uri) => resourceUpdated({ uri, ...stamp }));
      return listChanged && filter.resourcesListChanged
        ? [...wanted, listChangedNotification(stamp)]
        : wanted;
    });
  }
}

function resourceUpdated(params: Notification['params']): Notification {
  return { method: 'notifications/resources/updated', params };
}

function listChangedNotification(params: Notification['params']): Notification {
  return { method: 'notifications/resources/list_changed', params };
}

function parseFilter(requested: unknown, toolsMayChange: boolean): ListenFilter {
  const uris = isRecord(requested) ? (requested.resourceSubscriptions ?? []) : undefined;
  if (!isRecord(requested) || !Array.isArray(uris) || !uris.every((uri) => typeof uri === 'string')) {
    throw new ProtocolFault(
      FAULT.invalidParams,
      'subscriptions/listen needs params.notifications: an object, its resourceSubscriptions a list of URIs',
    );
  }
  if (uris.length > MAX_SUBSCRIPTIONS || uris.some((uri) => uri.length > MAX_URI_LENGTH)) throw tooMany();
  return {
    ...(requested.resourcesListChanged === true ? { resourcesListChanged: true } : {}),
    ...(requested.toolsListChanged === true && toolsMayChange ? { toolsListChanged: true } : {}),
    ...(uris.length > 0 ? { resourceSubscriptions: uris } : {}),
  };
}

function tooMany(): ProtocolFault {
  return new ProtocolFault(
    FAULT.invalidParams,
    `At most ${MAX_SUBSCRIPTIONS} subscriptions to URIs of at most ${MAX_URI_LENGTH} characters are kept`,
  );
}
