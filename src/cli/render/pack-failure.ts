import { NexoError } from '../../errors.ts';
import { packKindOf } from '../../personas/pack-error.ts';
import { toEnvelope } from './failure.ts';

/** Any failure as the pack commands tell it with `--json`: an envelope of its own, which other installers share. */
export function packFailure(error: unknown): Readonly<Record<string, unknown>> {
  const { code, message, hint } = toEnvelope(error).error;
  const data = error instanceof NexoError ? error.data : undefined;
  return {
    ok: false,
    kind: packKindOf(error),
    error: message,
    code,
    ...(hint !== undefined && { hint }),
    ...pick(data, [
      'coords',
      'path',
      'available',
      'additions',
      'expected',
      'got',
      'identity',
      'issuer',
      'problems',
    ]),
  };
}

function pick(
  data: Readonly<Record<string, unknown>> | undefined,
  keys: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(data ?? {}).filter(([key]) => keys.includes(key)));
}
