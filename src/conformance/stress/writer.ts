import type { Tool } from '@modelcontextprotocol/client';

import { connectServer, type ServerOptions, type StdioCaller } from '../stdio-client.ts';
import type { CallRecord, Violation } from './ledger.ts';
import type { PlannedCall } from './operations.ts';
import type { Random } from './random.ts';

/** Starts that may fail before a writer gives up: each may take a whole timeout. */
const MAX_FAILED_STARTS = 3;

/** What is done to a server while it works on a call. */
export interface Disturbance {
  readonly kind: 'kill' | 'pause';
  /** When, as a share of how long calls have been taking. */
  readonly moment: number;
  /** How long a pause lasts, in milliseconds. */
  readonly pauseMs: number;
}

export interface WriterOptions {
  readonly root: string;
  readonly server: ServerOptions;
  readonly tools: ReadonlyMap<string, Tool>;
  readonly calls: readonly PlannedCall[];
  /** By index of the call. */
  readonly disturbances: ReadonlyMap<number, Disturbance>;
  readonly signal: AbortSignal;
  readonly onCall: (record: CallRecord) => void;
}

export interface WriterResult {
  readonly kills: number;
  readonly pauses: number;
  /** From each kill to the first answer of the server that was started after it, in milliseconds. */
  readonly recoveriesMs: readonly number[];
  readonly violations: readonly Violation[];
}

/** Makes the calls one after another on a server process of its own, which is started again whenever it is gone. */
export async function runWriter(options: WriterOptions): Promise<WriterResult> {
  const { root, server, tools, calls, disturbances, signal, onCall } = options;
  const violations: Violation[] = [];
  const recoveriesMs: number[] = [];
  let kills = 0;
  let pauses = 0;
  let failedStarts = 0;
  let usualMs = 10;
  let killedAt: number | undefined;
  let caller: StdioCaller | undefined;
  try {
    for (const [index, call] of calls.entries()) {
      if (signal.aborted) break;
      if (caller === undefined) {
        try {
          caller = await connectServer({ root }, server, tools);
        } catch (error) {
          violations.push({ kind: 'server', detail: error instanceof Error ? error.message : String(error) });
          failedStarts += 1;
          if (failedStarts === MAX_FAILED_STARTS) break;
          continue;
        }
      }
      const disturbance = disturbances.get(index);
      const startedAt = performance.now();
      const disturbed = disturbance && disturb(caller, disturbance, usualMs);
      let record: Omit<CallRecord, 'startedAt' | 'endedAt'>;
      try {
        const { failed, value, message } = await caller.call(call.tool, call.params);
        record = { ...call, answer: failed ? 'refused' : 'acknowledged', value: failed ? message : value };
      } catch (error) {
        record = { ...call, answer: 'unknown', value: undefined };
        if (disturbance?.kind !== 'kill') {
          violations.push({ kind: 'server', detail: error instanceof Error ? error.message : String(error) });
        }
      }
      const endedAt = performance.now();
      onCall({ ...record, startedAt, endedAt });
      if (killedAt !== undefined && record.answer !== 'unknown') {
        recoveriesMs.push(endedAt - killedAt);
        killedAt = undefined;
      }
      if (disturbance?.kind === 'pause') pauses += 1;
      if (record.answer !== 'unknown' && disturbance === undefined)
        usualMs = 0.8 * usualMs + 0.2 * (endedAt - startedAt);
      if (disturbed !== undefined) {
        const at = await disturbed;
        if (disturbance?.kind === 'kill') {
          kills += 1;
          // From the latest one: a process that is killed before its first answer has not kept anybody waiting.
          killedAt = at;
        }
      }
      if (record.answer === 'unknown' || disturbance?.kind === 'kill') {
        caller.process.signal('SIGKILL');
        await caller.close();
        caller = undefined;
      }
    }
  } finally {
    await caller?.close();
  }
  return { kills, pauses, recoveriesMs, violations };
}

/** Resolves, when it is done, to the moment of the kill. */
function disturb(
  { process: server }: StdioCaller,
  { kind, moment, pauseMs }: Disturbance,
  usualMs: number,
): Promise<number> {
  return new Promise((resolve) => {
    setTimeout(() => {
      if (kind === 'kill') {
        server.signal('SIGKILL');
        resolve(performance.now());
        return;
      }
      server.signal('SIGSTOP');
      setTimeout(() => {
        server.signal('SIGCONT');
        resolve(performance.now());
      }, pauseMs);
    }, moment * usualMs);
  });
}

/** Spreads kills and pauses over the calls of one writer. */
export function planDisturbances(
  random: Random,
  { calls, kills }: { calls: number; kills: number },
): Map<number, Disturbance> {
  const order = Array.from({ length: calls }, (_, index) => index);
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = random.below(last + 1);
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
  const pauses = Math.floor((calls - kills) * PAUSE_SHARE);
  return new Map(
    order.slice(0, kills + pauses).map((index, place) => {
      const kind = place < kills ? 'kill' : 'pause';
      return [index, { kind, moment: random.next() * 1.5, pauseMs: 5 + random.below(120) }];
    }),
  );
}

/** Share of the calls that are not killed during which the server is stopped for a moment. */
const PAUSE_SHARE = 0.1;
