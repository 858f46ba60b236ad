import type { DoctorReport } from './report.ts';

/** The report in few words, for a model: the verdict, and only what is not in order spelled out. */
export function outlineReport({ overall_status: overall, counts, checks }: DoctorReport): string {
  const { healthy, total } = counts;
  return [
    `Nexo is ${overall}: ${healthy} of ${total} checks are healthy.`,
    ...checks
      .filter(({ status, changes }) => status !== 'healthy' || changes.length > 0)
      .flatMap(({ id, status, summary, evidence, repair_plan: plan, changes }) => [
        `${id} (${status}): ${summary}`,
        ...changes.map((line) => `  changed: ${line}`),
        ...(status === 'healthy'
          ? []
          : [...evidence.map((line) => `  ${line}`), ...plan.map((step) => `  -> ${step}`)]),
      ]),
  ].join('\n');
}
