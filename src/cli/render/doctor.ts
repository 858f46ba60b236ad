import type { CheckStatus } from '../../base/check.ts';
import { TIERS } from '../../doctor/choices.ts';
import type { CheckReport, DoctorReport } from '../../doctor/report.ts';
import type { View } from './view.ts';
import { pad } from './width.ts';
import { dotted } from './words.ts';

/** The report as text: the verdict, the counts, then a section for each tier with what is wrong spelled out. */
export function renderDoctor(report: DoctorReport, view: View): string {
  const { ink, marks } = view;
  const { healthy, degraded, critical } = report.counts;
  const counts = dotted(
    [
      `${healthy} healthy`,
      degraded > 0 ? `${degraded} degraded` : '',
      critical > 0 ? `${critical} critical` : '',
      `${report.duration_ms} ms`,
    ],
    marks.bullet,
  );
  const idWidth = Math.max(0, ...report.checks.map(({ id }) => id.length));
  return [
    `${mark(report.overall_status, view)} ${ink.bold(`Nexo is ${report.overall_status}`)}`,
    `  ${ink.dim(counts)}`,
    ...(['unknown', ...TIERS] as const).flatMap((tier) => {
      const checks = report.checks.filter((check) => check.tier === tier);
      if (checks.length === 0) return [];
      return ['', ink.bold(TITLES[tier]), ...checks.flatMap((check) => renderCheck(check, idWidth, view))];
    }),
  ].join('\n');
}

const TITLES: Readonly<Record<CheckReport['tier'], string>> = {
  unknown: 'The doctor itself',
  boot: 'Boot',
  runtime: 'Runtime',
  deep: 'Deep',
};

function renderCheck(check: CheckReport, idWidth: number, view: View): string[] {
  const { ink, marks } = view;
  const flag = check.fixed ? `${ink.good('[FIXED]')} ` : '';
  const head = `${mark(check.status, view)} ${pad(check.id, idWidth)}  ${flag}${check.summary}`;
  const lines = [head, ...check.changes.map((line) => `    ${ink.good(marks.done)} ${line}`)];
  if (check.status === 'healthy') return lines;
  const indent = '    ';
  return [
    ...lines,
    ...check.evidence.map((line) => `${indent}${ink.dim(line)}`),
    ...check.repair_plan.map((step) => `${indent}${marks.arrow} ${step}`),
    ...(check.escalation_prompt === ''
      ? []
      : [`${indent}${ink.dim(`Ask for help: ${check.escalation_prompt}`)}`]),
  ];
}

function mark(status: CheckStatus, { ink, marks }: View): string {
  if (status === 'healthy') return ink.good(marks.done);
  return status === 'degraded' ? ink.warn(marks.warning) : ink.bad(marks.failure);
}
