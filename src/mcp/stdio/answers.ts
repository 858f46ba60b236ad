import { NexoError } from '../../errors.ts';
import { serverInfo } from '../identity.ts';
import { domainFault, FAULT, isRecord, META, ProtocolFault } from '../protocol.ts';
import type { ToolAnswer } from '../tool-call.ts';
import type { RequestId } from './id-finder.ts';

/** What handling a request came to. `later`: the answer, if any, is sent by somebody else. */
export type Outcome =
  | { readonly kind: 'result'; readonly result: Readonly<Record<string, unknown>> }
  | { readonly kind: 'tool'; readonly answer: ToolAnswer }
  | { readonly kind: 'later' };

export const LATER: Outcome = { kind: 'later' };

/** Answers that a client may keep for a while in 2026-07-28, by method, in milliseconds: they last as long as we run. */
const FRESH_MS: Readonly<Record<string, number>> = {
  'server/discover': 60_000,
  'tools/list': 3_600_000,
  'resources/templates/list': 3_600_000,
  'resources/list': 0,
  'resources/read': 0,
};

export interface AnswerContext {
  readonly method: string;
  readonly isModern: boolean;
  /** Root of the workspace in use, as far as it is known. */
  readonly workspace: string | undefined;
}

/** The answer as JSON text, with what its revision wants on every result. */
export function outcomeJson(
  id: RequestId,
  outcome: Exclude<Outcome, { kind: 'later' }>,
  context: AnswerContext,
): string {
  const body =
    outcome.kind === 'tool' ? toolMembers(outcome.answer, context) : resultJson(outcome.result, context);
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${body}}`;
}

function resultJson(result: Readonly<Record<string, unknown>>, context: AnswerContext): string {
  const { method, isModern, workspace } = context;
  const own = result._meta;
  const meta = resultMeta(workspace, isModern, isRecord(own) ? own : undefined);
  return JSON.stringify({
    ...result,
    ...(isModern ? { resultType: 'complete' } : {}),
    ...(isModern && method in FRESH_MS ? { ttlMs: FRESH_MS[method], cacheScope: 'private' } : {}),
    ...(meta === undefined ? {} : { _meta: meta }),
  });
}

/** Ten thousand tasks are megabytes: their text is put in place as it is instead of being made a second time. */
function toolMembers({ json, isError, workspace }: ToolAnswer, { isModern }: AnswerContext): string {
  const meta = resultMeta(workspace, isModern, undefined);
  const members = [
    `"content":[{"type":"text","text":${JSON.stringify(json)}}],"structuredContent":${json}`,
    ...(isError ? ['"isError":true'] : []),
    ...(isModern ? ['"resultType":"complete"'] : []),
    ...(meta === undefined ? [] : [`"_meta":${JSON.stringify(meta)}`]),
  ];
  return `{${members.join(',')}}`;
}

function resultMeta(
  workspace: string | undefined,
  isModern: boolean,
  own: Readonly<Record<string, unknown>> | undefined,
): Record<string, unknown> | undefined {
  if (own === undefined && workspace === undefined && !isModern) return undefined;
  return {
    ...own,
    ...(workspace === undefined ? {} : { [META.workspace]: workspace }),
    ...(isModern ? { [META.serverInfo]: serverInfo() } : {}),
  };
}

/** An error answer. */
export function faultJson(id: RequestId | null, error: unknown): string {
  const fault = toFault(error);
  const { code, message, data } = fault;
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    error: { code, message, ...(data === undefined ? {} : { data }) },
  });
}

/** A failure that is neither the protocol's nor the domain's is a bug of ours: the client learns that it happened. */
function toFault(error: unknown): ProtocolFault {
  if (error instanceof ProtocolFault) return error;
  return error instanceof NexoError
    ? domainFault(error)
    : new ProtocolFault(FAULT.internal, 'Internal error');
}
