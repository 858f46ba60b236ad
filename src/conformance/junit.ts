import type { ConformanceReport } from './run.ts';
import type { CaseResult } from './run-case.ts';

/** A run as JUnit XML, the form that build servers read: a suite a fixture file, a test a case. */
export function renderJunit(report: ConformanceReport): string {
  const { cases, failed, skipped } = report.totals;
  const suites = [...Map.groupBy(report.cases, ({ file }) => file)].map(([file, results]) =>
    renderSuite(file, results),
  );
  const totals = attributes({ tests: cases, failures: failed, skipped, time: seconds(report.durationMs) });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="conformance"${totals}>\n${suites.join('')}</testsuites>\n`;
}

function renderSuite(file: string, results: readonly CaseResult[]): string {
  const count = (status: CaseResult['status']): number =>
    results.filter((result) => result.status === status).length;
  const time = seconds(results.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const head = attributes({
    name: file,
    tests: results.length,
    failures: count('fail'),
    skipped: count('skip'),
    time,
  });
  return `  <testsuite${head}>\n${results.map(renderCase).join('')}  </testsuite>\n`;
}

function renderCase({ id, file, status, failures, skipReason, durationMs }: CaseResult): string {
  const head = attributes({
    name: id,
    classname: file.replace(/\.json$/, '').replaceAll('/', '.'),
    time: seconds(durationMs),
  });
  if (status === 'pass') return `    <testcase${head}/>\n`;
  if (status === 'skip')
    return `    <testcase${head}><skipped${attributes({ message: skipReason ?? '' })}/></testcase>\n`;
  const [first] = failures;
  const message = first === undefined ? '' : `${first.what}: expected ${first.expected}, got ${first.got}`;
  const text = failures
    .map(
      ({ step, what, expected, got }) =>
        `${step === undefined ? '' : `step ${step}: `}${what}\n  expected ${expected}\n  got      ${got}`,
    )
    .join('\n');
  return `    <testcase${head}><failure${attributes({ message })}>${escapeXml(text)}</failure></testcase>\n`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

/** What XML 1.0 cannot hold, not even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is what it is for
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

function escapeXml(text: string): string {
  return text
    .replace(NOT_XML, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');
}
