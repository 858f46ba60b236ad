import type { TimedEvent } from '../../runner/read-events.ts';
import { reasonInWords } from '../../runner/reasons.ts';
import type { RunRow } from '../../runner/records/run-row.ts';
import { renderFacts } from './catalog.ts';
import type { View } from './view.ts';
import { pad } from './width.ts';
import { count, dotted, shortTime } from './words.ts';

/** One run on one line. */
export function renderRunLine(run: RunRow, view: View): string {
  const { ink, marks } = view;
  const mark =
    run.status === 'ok'
      ? ink.good(marks.done)
      : run.status === 'failed'
        ? ink.bad(marks.failure)
        : ink.accent(run.status === 'running' ? marks.active : marks.ready);
  const end = run.status === 'failed' ? run.reason : run.status === 'ok' ? '' : run.status;
  const rest = dotted(
    [
      `${run.backend}${run.used.model === '' || run.used.model === run.backend ? '' : ` ${run.used.model}`}`,
      end,
      run.durationMs === null ? '' : duration(run.durationMs),
      run.costUsd === null ? '' : money(run.costUsd),
    ],
    marks.bullet,
  );
  return `${mark} ${pad(run.id, 25)} ${ink.bold(run.caller)} ${marks.bullet} ${rest}`;
}

export function renderRun(run: RunRow, view: View): string[] {
  const changed = (asked: string, used: string): string =>
    asked === used || used === '' ? asked || "the backend's own" : `${used} (asked for ${asked || 'none'})`;
  const facts: [string, string][] = [
    ['caller', run.caller],
    [
      'state',
      run.status === 'failed' ? `failed: ${run.reason === '' ? '' : reasonInWords(run.reason)}` : run.status,
    ],
    ['message', run.message],
    ['backend', run.backend],
    ['tier', run.tier],
    ['model', changed(run.asked.model, run.used.model)],
    ['effort', changed(run.asked.effort, run.used.effort)],
    ['folder', run.cwd],
    ['began', run.startedAt === null ? 'not yet' : shortTime(run.startedAt)],
    ['took', run.durationMs === null ? '' : duration(run.durationMs)],
    [
      'did',
      [count(run.turns, 'turn'), count(run.toolCalls, 'tool call'), count(run.attempts, 'attempt')].join(
        ', ',
      ),
    ],
    ['tokens', `${run.inputTokens} in (${run.cachedInputTokens} cached), ${run.outputTokens} out`],
    ['cost', run.costUsd === null ? 'unknown' : `${money(run.costUsd)} (${run.costSource})`],
    ['session', run.sessionId],
    ...run.warnings.map((warning): [string, string] => ['warning', warning]),
  ];
  return renderFacts(
    run.id,
    facts.filter(([, value]) => value !== ''),
    view,
  );
}

export function renderEvent({ event }: TimedEvent, { ink, marks, line }: View): string {
  switch (event.kind) {
    case 'text':
    case 'answer':
      return `  ${line(event.text, 2)}`;
    case 'tool':
      return `  ${event.status === 'failed' ? ink.bad(marks.failure) : ink.dim(marks.arrow)} ${event.name} ${ink.dim(event.status)}`;
    case 'failure':
      return `  ${ink.bad(marks.failure)} ${line(event.message, 4)}`;
    case 'warning':
    case 'retry':
      return `  ${ink.warn(marks.warning)} ${line(event.message, 4)}`;
    case 'session':
      return ink.dim(`  ${marks.bullet} session ${event.sessionId}`);
    case 'used':
      return ink.dim(`  ${marks.bullet} ${dotted([event.model, event.effort], marks.bullet)}`);
    case 'turn':
      return ink.dim(`  ${marks.bullet} turn`);
    case 'usage':
    case 'total':
      return ink.dim(`  ${marks.bullet} ${event.inputTokens} tokens in, ${event.outputTokens} out`);
  }
}

export function duration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

/** Small sums keep the digits that count. */
export function money(usd: number): string {
  return `$${usd !== 0 && usd < 0.1 ? usd.toFixed(4) : usd.toFixed(2)}`;
}
