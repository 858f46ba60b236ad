import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import type { InstalledHook } from '../doctor/contract.ts';

/** Seconds that a handler gets when it names none. */
const DEFAULT_TIMEOUT = 600;
const DEFAULT_SESSION_END_TIMEOUT = 1;

/**
 * The key under which Codex 0.169 keeps its trust in a hook: the real path of the file, the event, and the place of
 * group and handler in it. Seen in the answers of its app-server.
 */
export function trustKey({ file, native, group, index }: InstalledHook): string {
  return `${realPath(file)}:${snakeCase(native)}:${group}:${index}`;
}

/**
 * The hash that Codex compares: of the definition with its defaults filled in, as JSON with sorted keys. What the
 * command starts is not part of it.
 */
export function trustHash({ native, matcher, handler }: InstalledHook): string {
  const { command, timeout, async: isAsync, statusMessage, additionalContextLimit } = handler;
  const defaultTimeout = native === 'SessionEnd' ? DEFAULT_SESSION_END_TIMEOUT : DEFAULT_TIMEOUT;
  const definition = {
    ...(additionalContextLimit === undefined ? {} : { additionalContextLimit }),
    async: isAsync ?? false,
    command,
    ...(statusMessage === undefined ? {} : { statusMessage }),
    timeout: timeout ?? defaultTimeout,
    type: 'command',
  };
  const identity = {
    event_name: snakeCase(native),
    hooks: [definition],
    ...(matcher === undefined ? {} : { matcher }),
  };
  return `sha256:${createHash('sha256').update(JSON.stringify(identity)).digest('hex')}`;
}

function snakeCase(event: string): string {
  return event.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toLowerCase();
}

function realPath(file: string): string {
  try {
    return join(realpathSync(dirname(file)), basename(file));
  } catch {
    // It was there a moment ago; without it nothing is trusted anyway.
    return file;
  }
}
