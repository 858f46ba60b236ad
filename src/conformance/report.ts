import type { CoverageReport } from './coverage.ts';
import type { ConformanceReport } from './run.ts';
import type { CaseResult } from './run-case.ts';

/** The little that the reports need to know of the place that they are printed to. */
export interface ReportStyle {
  readonly ink: Readonly<Record<'bold' | 'dim' | 'good' | 'bad' | 'warn', (text: string) => string>>;
  readonly marks: { readonly done: string; readonly failure: string; readonly bullet: string };
}

/** A run as text: one line a fixture file, everything about what failed, the totals last. */
export function renderReport(report: ConformanceReport, style: ReportStyle): string {
  const { ink } = style;
  const { implementation, totals } = report;
  const tested =
    implementation.kind === 'in-process'
      ? 'the tools of this nexo, in process'
      : `${implementation.name} ${implementation.version}`.trim() +
        ` over stdio, MCP ${implementation.protocolVersion}`;
  const byFile = Map.groupBy(report.cases, ({ file }) => file);
  const lines = [`Conformance of ${ink.bold(tested)}`, ink.dim(report.fixtures), ''];
  for (const [file, cases] of byFile) lines.push(...renderFile(file, cases, style));
  lines.push(...renderSkipped(report.cases, style));
  const counts = [
    ink.good(`${totals.passed} passed`),
    totals.failed === 0 ? '' : ink.bad(`${totals.failed} failed`),
    totals.skipped === 0 ? '' : ink.warn(`${totals.skipped} skipped`),
  ];
  const seconds = (report.durationMs / 1000).toFixed(1);
  lines.push(
    '',
    `${totals.cases} cases: ${counts.filter((part) => part !== '').join(', ')} ${ink.dim(`in ${seconds} s`)}`,
  );
  return lines.join('\n');
}

function renderFile(file: string, cases: readonly CaseResult[], { ink, marks }: ReportStyle): string[] {
  const failed = cases.filter(({ status }) => status === 'fail');
  const skipped = cases.filter(({ status }) => status === 'skip');
  const mark =
    failed.length > 0
      ? ink.bad(marks.failure)
      : skipped.length === cases.length
        ? ink.warn(marks.bullet)
        : ink.good(marks.done);
  const passed = `${cases.length - failed.length - skipped.length} of ${cases.length}`;
  return [
    `${mark} ${file.replace(/\.json$/, '').padEnd(40)} ${ink.dim(passed)}`,
    ...failed.flatMap((result) => renderFailedCase(result, { ink, marks })),
  ];
}

/** Each reason once, with the number of its cases: a suite skips many for the same. */
function renderSkipped(cases: readonly CaseResult[], { ink, marks }: ReportStyle): string[] {
  const byReason = Map.groupBy(
    cases.filter(({ status }) => status === 'skip'),
    ({ skipReason = 'no reason given' }) => skipReason,
  );
  return [...byReason].map(([reason, { length }]) => {
    const which = length === 1 ? '1 case' : `${length} cases`;
    return `${ink.warn(marks.bullet)} skipped ${which}: ${reason}`;
  });
}

function renderFailedCase({ id, description, failures }: CaseResult, { ink, marks }: ReportStyle): string[] {
  return [
    `    ${ink.bad(marks.failure)} ${ink.bold(id)}`,
    `      ${ink.dim(description)}`,
    ...failures.flatMap(({ step, what, expected, got }) => [
      `      ${step === undefined ? '' : `step ${step}: `}${what}`,
      `        expected ${ink.good(expected)}`,
      `        got      ${ink.bad(got)}`,
    ]),
  ];
}

/** A coverage check as text; `61 of 61 leaves` is its last line. */
export function renderCoverage(report: CoverageReport, { ink, marks }: ReportStyle): string {
  const mark = (good: boolean): string => (good ? ink.good(marks.done) : ink.bad(marks.failure));
  const lines = [`Coverage of ${ink.dim(report.fixtures)}`, ''];
  for (const { schema, leaves, missing } of report.schemas) {
    lines.push(
      `${mark(missing.length === 0)} ${schema.padEnd(40)} ${ink.dim(`${leaves - missing.length} of ${leaves}`)}`,
    );
    lines.push(...missing.map((leaf) => `    no case covers ${ink.bad(leaf)}`));
  }
  lines.push(
    `${mark(report.droppedParams.length === 0)} every parameter is asserted or named in uncovered_params`,
  );
  for (const { file, testId, step, params } of report.droppedParams) {
    const place = step === undefined ? testId : `${testId}, step ${step}`;
    lines.push(`    ${file} (${place}): ${ink.bad(params.join(', '))}`);
  }
  lines.push(`${mark(report.withoutCovers.length === 0)} every case says what it covers`);
  lines.push(...report.withoutCovers.map(({ file, testId }) => `    ${file} (${testId})`));
  const { covered, total } = report.leaves;
  lines.push('', `${covered} of ${total} leaves in ${report.cases} cases`);
  return lines.join('\n');
}
