import { type ForeignPolicy, headerValues, type Refusal, refuseForeign } from '../../base/http-guard.ts';
import { isSameToken } from './token.ts';

/** What a request is judged by. */
export interface GuardPolicy extends ForeignPolicy {
  readonly token: string;
  /** Paths that need no token. */
  readonly openPaths: ReadonlySet<string>;
}

/**
 * Judges a request by its head alone, before anything of it is used: whether it means this server, and brings the
 * token. `target` is what follows the method, `rawHeaders` are names and values in turn, as they came.
 */
export function refuseRequest(
  target: string,
  rawHeaders: readonly string[],
  policy: GuardPolicy,
): Refusal | undefined {
  const refusal = refuseForeign(target, rawHeaders, policy);
  if (refusal !== undefined || policy.openPaths.has(target)) return refusal;
  const [authorization, ...others] = headerValues(rawHeaders)('authorization');
  const sent = /^Bearer +([^\s]+)$/i.exec(authorization ?? '')?.[1];
  if (sent === undefined || others.length > 0 || !isSameToken(sent, policy.token)) {
    return {
      status: 401,
      message: 'Unauthorized: send the token of this server as "Authorization: Bearer TOKEN"',
    };
  }
  return undefined;
}
