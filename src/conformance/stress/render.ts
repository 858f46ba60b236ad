import type { ReportStyle } from '../report.ts';
import type { StressReport } from './stress.ts';

/** Violations of one kind that are printed; the rest is counted. */
const MAX_SHOWN = 5;

/** A stress run as text: what was done, what was found, and how to do it again. */
export function renderStress(report: StressReport, { ink, marks }: ReportStyle): string {
  const { server, writers, calls, kills, pauses, reads, found, recovery, freshWriteMs, violations } = report;
  const lines = [
    `Stress of ${ink.bold(`${server.name} ${server.version}`.trim())}: ${writers} writers, seed ${report.seed}`,
    '',
    `  ${calls.made} calls   ${calls.acknowledged} acknowledged, ${calls.refused} refused, ${calls.unknown} in doubt`,
    `  ${kills} kills, ${pauses} pauses, ${reads} files read meanwhile`,
    `  ${found.tasks} tasks, ${found.plans} plans and ${found.cycles} cycles found at the end`,
    `  a fresh process ${freshWriteMs === null ? ink.bad('could not write') : `wrote ${ms(freshWriteMs)} after its start`}`,
  ];
  if (kills > 0) {
    const [median, longest] = [ms(recovery.medianMs), ms(recovery.maxMs)];
    lines.splice(
      -1,
      0,
      `  after a kill the next process answered in ${median} (median), ${longest} (longest)`,
    );
  }
  if (report.cutShort)
    lines.push(`  ${ink.warn(`cut short: ${calls.made} of ${calls.planned} calls were made`)}`);
  for (const { message, count } of report.refusals)
    lines.push(ink.dim(`  ${marks.bullet} ${count} × ${message}`));
  if (report.leftovers.length > 0) lines.push(`  left behind: ${report.leftovers.join(', ')}`);
  lines.push('');
  const byKind = [...Map.groupBy(violations, ({ kind }) => kind)];
  for (const [kind, some] of byKind) {
    for (const { detail } of some.slice(0, MAX_SHOWN))
      lines.push(`${ink.bad(marks.failure)} ${ink.bold(kind)} ${detail}`);
    if (some.length > MAX_SHOWN) lines.push(ink.dim(`  and ${some.length - MAX_SHOWN} more ${kind}`));
  }
  const seconds = ink.dim(`in ${(report.durationMs / 1000).toFixed(1)} s`);
  if (violations.length === 0) {
    lines.push(
      `${ink.good(marks.done)} nothing acknowledged was lost, nothing doubled, no file unreadable ${seconds}`,
    );
  } else {
    const kinds = byKind.map(([kind, { length }]) => `${length} ${kind}`);
    lines.push(`${ink.bad(marks.failure)} ${kinds.join(', ')} ${seconds}`);
    if (report.kept !== null) lines.push(`  the project is kept in ${report.kept}`);
  }
  return lines.join('\n');
}

function ms(time: number): string {
  return `${Math.round(time)} ms`;
}
