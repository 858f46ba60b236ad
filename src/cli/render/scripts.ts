import type { ScriptReport } from '../../automation/scripts/doctor/item.ts';
import type { LastRun, ListedScript, ScriptDetail } from '../../automation/scripts/overview.ts';
import { renderFacts, renderItems } from './catalog.ts';
import type { View } from './view.ts';
import { count, dotted, shortTime } from './words.ts';

/** A line for each script, with what it is for below. */
export function renderScriptList(scripts: readonly ListedScript[], view: View): string {
  if (scripts.length === 0)
    return `No scripts yet. ${view.ink.accent(view.marks.arrow)} nexo scripts create morning-report`;
  return [
    view.ink.bold(count(scripts.length, 'script')),
    ...renderItems(
      scripts.map((script) => ({
        columns: [script.name, script.runtime, when(script), lastRun(script)],
        lines: script.description === '' ? [] : [script.description],
      })),
      view,
    ),
  ].join('\n');
}

/** What is attached, at most two; else what is only declared. */
function when({ schedules, declared_schedule, enabled, removed_at, core }: ListedScript): string {
  const labels = schedules.slice(0, 2).map(({ schedule_label }) => schedule_label);
  if (schedules.length > 2) labels.push(`${schedules.length - 2} more`);
  const declared = declared_schedule.required
    ? declared_schedule.valid
      ? `${declared_schedule.schedule_label} (not installed)`
      : 'invalid schedule'
    : 'by hand';
  const label = labels.length > 0 ? labels.join(', ') : declared;
  const marks = [core ? 'core' : '', removed_at !== null ? 'out of use' : enabled ? '' : 'off'];
  return [label, ...marks.filter((mark) => mark !== '').map((mark) => `[${mark}]`)].join(' ');
}

function lastRun({ last_run_at, last_exit_code }: ListedScript): string {
  if (last_run_at === null) return 'never run';
  return `${shortTime(last_run_at)} ${last_exit_code === null ? 'running' : `exit ${last_exit_code}`}`;
}

export function renderScript(script: ScriptDetail, view: View): string {
  const { ink, marks } = view;
  const facts: [string, string][] = [
    ['path', script.path],
    ['runtime', script.runtime],
    ['about', script.description],
    ['runs', when(script)],
    ['class', script.reason === '' ? '' : `${script.classification}: ${script.reason}`],
    ...Object.entries(script.metadata).filter(([key]) => !['name', 'description', 'runtime'].includes(key)),
  ];
  return [
    ...renderFacts(
      script.name,
      facts.filter(([, value]) => value !== ''),
      view,
    ),
    ...script.findings.map(({ message }) => `  ${ink.warn(marks.warning)} ${view.line(message, 4)}`),
    ...(script.runs.length === 0
      ? [ink.dim('  No run by hand yet.')]
      : ['', ink.bold('Newest runs by hand')]),
    ...script.runs.flatMap((run) => [
      `  ${shortTime(run.started_at)}  ${dotted(
        [
          run.ended_at === null ? 'running' : run.interrupted ? 'interrupted' : `exit ${run.exit_code}`,
          run.timed_out ? 'timed out' : (run.signal ?? ''),
          run.duration_ms === null ? '' : `${(run.duration_ms / 1000).toFixed(1)} s`,
        ],
        marks.bullet,
      )}`,
      ...view.paragraph(run.error || run.summary, '    '),
    ]),
  ].join('\n');
}

export interface ScriptStatus {
  readonly name: string;
  readonly enabled: boolean;
  readonly classification: string;
  readonly reason: string;
  readonly declared_schedule: ListedScript['declared_schedule'];
  readonly schedules: ListedScript['schedules'];
  readonly last_run: LastRun | null;
}

export function renderStatus(status: ScriptStatus, view: View): string {
  const { ink, marks } = view;
  const { last_run: run, declared_schedule: declared } = status;
  const ended = run?.exit_code === null ? 'running' : `exit ${run?.exit_code}`;
  return [
    `${ink.bold(status.name)} ${marks.bullet} ${status.classification} ${marks.bullet} ${
      status.enabled ? ink.good('enabled') : ink.warn('DISABLED')
    }`,
    ...(status.reason === '' ? [] : [`  ${status.reason}`]),
    ...status.schedules.map(
      ({ cron_id, schedule_label, backend }) => `  ${schedule_label} as ${cron_id} by ${backend}`,
    ),
    ...(status.schedules.length === 0 && declared.required
      ? [
          declared.valid
            ? `  ${declared.schedule_label}, not installed yet: nexo scripts reconcile`
            : `  ${ink.bad(marks.failure)} ${declared.error}`,
        ]
      : []),
    run === null
      ? ink.dim('  never run')
      : `  last run ${shortTime(run.started_at)} ${marks.bullet} ${ended} ${marks.bullet} ${run.started_by}`,
    ...(run === null || run.summary === '' ? [] : [`  ${view.line(run.summary.slice(0, 120), 2)}`]),
  ].join('\n');
}

/** One block for each script: how it fares, then everything that was looked at. */
export function renderScriptReports(reports: readonly ScriptReport[], view: View): string {
  const { ink, marks } = view;
  if (reports.length === 0)
    return `There are no scripts to look at. ${ink.accent(marks.arrow)} nexo scripts create NAME`;
  const sign = {
    pass: ink.good(marks.done),
    warn: ink.warn(marks.warning),
    fail: ink.bad(marks.failure),
  };
  return reports
    .flatMap(({ status, items, name }) => [
      `${sign[status]} ${ink.bold(name ?? 'not found')} ${ink.dim(status)}`,
      ...items.flatMap(({ level, msg }) => {
        const [first = '', ...rest] = view.paragraph(msg, '    ');
        return [`  ${sign[level]} ${first.trim()}`, ...rest];
      }),
    ])
    .join('\n');
}
