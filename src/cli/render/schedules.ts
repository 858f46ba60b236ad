import type { ScheduleRow } from '../../automation/schedules/audit.ts';
import type { RunSummary, ScheduleStatus } from '../../automation/schedules/history.ts';
import type { Unscheduled } from '../../automation/schedules/manage.ts';
import type { EnsureReport, Orphan, ReconcileReport } from '../../automation/schedules/reconcile.ts';
import type { View } from './view.ts';
import { count, shortTime } from './words.ts';

/** The schedules as a list: id, when, how it is, and what is wrong. */
export function renderSchedules(rows: readonly ScheduleRow[], view: View): string[] {
  const { ink } = view;
  if (rows.length === 0) {
    return [
      'There are no schedules.',
      ink.dim('Make one: nexo scripts create morning-report --schedule 09:00'),
    ];
  }
  const width = Math.max(...rows.map(({ cron_id }) => cron_id.length));
  const labels = Math.max(...rows.map(({ schedule_label }) => schedule_label.length));
  return rows.flatMap((row) => [
    [
      ink.bold(row.cron_id.padEnd(width)),
      row.schedule_label.padEnd(labels),
      healthWord(row, view),
      ink.dim(
        [
          row.backend,
          row.next_run_at === null ? row.state : `next ${shortTime(row.next_run_at)}`,
          row.last_run_at === null
            ? ''
            : `last ${shortTime(row.last_run_at)}, exit ${row.last_exit_code ?? '–'}`,
        ]
          .filter((part) => part !== '')
          .join(', '),
      ),
    ].join('  '),
    ...row.problems.map((problem) => `${' '.repeat(width)}  ${ink.warn(problem)}`),
  ]);
}

export function renderReconcile(report: ReconcileReport, view: View): string {
  const { ink, marks } = view;
  const { ensure_schedules: ensured, orphans, pruned, shim } = report;
  return [
    `${ink.bold(report.dry_run ? 'Would be done, nothing was changed' : 'Reconciled')}  ${ink.dim(`${report.backend}: ${report.backend_reason}`)}`,
    ...renderEnsured(ensured, view),
    ...renderOrphans(orphans, view),
    ...pruned.map((id) => `  ${ink.good(marks.done)} ${id} removed`),
    ink.dim(`  PATH of the jobs: ${report.path}`),
    ink.dim(`  they call ${shim.path} (${shim.state})`),
    ...(report.backend === 'builtin' && ensured.created.length + ensured.already_present.length > 0
      ? [ink.dim('  They run while the daemon does: nexo daemon start')]
      : []),
  ].join('\n');
}

export function renderEnsured(ensured: EnsureReport, { ink, marks }: View): string[] {
  const { created, repaired, already_present: present, skipped, invalid, failed, dry_run: dry } = ensured;
  const verb = (done: string, planned: string): string => (dry ? planned : done);
  return [
    ...created.map(
      ({ cron_id, schedule_label }) =>
        `  ${ink.good(marks.done)} ${cron_id} ${verb('created', 'to create')}: ${schedule_label}`,
    ),
    ...repaired.map(
      ({ cron_id, schedule_label, reason }) =>
        `  ${ink.good(marks.done)} ${cron_id} ${verb('repaired', 'to repair')}: ${schedule_label} ${ink.dim(`(${reason})`)}`,
    ),
    ...present.map(({ cron_id, schedule_label, reloaded }) =>
      ink.dim(`  ${marks.done} ${cron_id} ${reloaded ? 'loaded again' : 'as declared'}: ${schedule_label}`),
    ),
    ...invalid.flatMap(({ name, problems }) => [
      `  ${ink.bad(marks.failure)} ${name}: ${count(problems.length, 'problem')}`,
      ...problems.flatMap(({ message, hint }) => [
        `      ${message}`,
        ...(hint ? [ink.dim(`      ${hint}`)] : []),
      ]),
    ]),
    ...failed.map(({ cron_id, error }) => `  ${ink.bad(marks.failure)} ${cron_id}: ${error}`),
    ...skipped
      .filter(({ reason }) => !reason.includes('declares no'))
      .map(({ name, reason }) => ink.dim(`  – ${name}: ${reason}`)),
  ];
}

function renderOrphans(orphans: readonly Orphan[], { ink }: View): string[] {
  if (orphans.length === 0) return [];
  const prune = orphans.some(({ managed }) => managed)
    ? ['    Remove those of ours: nexo scripts reconcile --prune-orphans']
    : [];
  return [
    `  ${ink.warn(count(orphans.length, 'schedule'))} without a declaration:`,
    ...orphans.map(({ cron_id, backend, reason }) => `    ${cron_id} (${backend}): ${reason}`),
    ...prune.map((line) => ink.dim(line)),
  ];
}

function healthWord({ health }: ScheduleRow, { ink }: View): string {
  const word = health.padEnd(8);
  if (health === 'ok') return ink.good(word);
  if (health === 'failing' || health === 'drifted' || health === 'stale') return ink.warn(word);
  return ink.dim(word);
}

export function renderUnscheduled(
  { script, removed_schedules: removed, held }: Unscheduled,
  { ink, marks }: View,
): string {
  return [
    removed.length === 0
      ? `${script} had no schedule.`
      : `${ink.good(marks.done)} ${script} runs by itself no more: ${removed.map(({ cron_id }) => cron_id).join(', ')}`,
    ...(held
      ? [ink.dim(`  Its header still declares one; nexo schedules add ${script} brings it back.`)]
      : []),
  ].join('\n');
}

export function renderStatus({ hours, schedules, runs }: ScheduleStatus, view: View): string {
  const { ink } = view;
  if (schedules.length === 0) return `Nothing has run in the last ${count(hours, 'hour')}.`;
  const width = Math.max(...schedules.map(({ cron_id }) => cron_id.length));
  return [
    ...schedules.map((each) => {
      const { cron_id, succeeded, completed_runs, avg_duration, last_summary } = each;
      const figures = `${succeeded}/${completed_runs}${avg_duration === null ? '' : `, ${avg_duration} s on average`}`;
      return view.line(
        `${markOf(each, view)} ${ink.bold(cron_id.padEnd(width))}  ${figures}  ${ink.dim(last_summary.slice(0, 80))}`,
      );
    }),
    ...runs.map((run) =>
      view.line(
        [
          `  ${shortTime(run.started_at)}`,
          run.ended_at === null ? 'running' : `exit ${run.exit_code}`,
          run.duration_secs === null ? '' : `${run.duration_secs} s`,
          run.cause,
          ink.dim((run.error || run.summary).slice(0, 100)),
        ]
          .filter((part) => part !== '')
          .join('  '),
      ),
    ),
  ].join('\n');
}

function markOf({ marker }: RunSummary, { ink, marks }: View): string {
  if (marker === 'ok') return ink.good(marks.done);
  if (marker === 'failed') return ink.bad(marks.failure);
  return marker === 'warning' ? ink.warn(marks.warning) : ink.accent(marks.active);
}
