import { expect, it } from 'vitest';

import { renderJunit } from './junit.ts';
import { type ReportStyle, renderReport } from './report.ts';
import type { ConformanceReport } from './run.ts';

const result = { description: 'What it is about', group: 'tools', failures: [], durationMs: 1500 } as const;
const report: ConformanceReport = {
  fixtures: '/suite',
  implementation: {
    kind: 'stdio',
    command: ['x'],
    toolPrefix: '',
    name: 'odd',
    version: '1',
    protocolVersion: '2025-11-25',
  },
  totals: { cases: 3, passed: 1, failed: 1, skipped: 1 },
  durationMs: 4500,
  cases: [
    { ...result, id: 'good', file: 'tools/a.json', status: 'pass' },
    {
      ...result,
      id: 'bad',
      file: 'tools/a.json',
      status: 'fail',
      failures: [{ step: 2, what: 'return $.a', expected: '"<&>"', got: 'a\u0000b\u001b[31m\nc' }],
    },
    {
      ...result,
      id: 'later',
      file: 'lifecycle/b.json',
      group: 'lifecycle',
      status: 'skip',
      skipReason: 'no "events"',
    },
  ],
};

it('JUnit XML has a suite a file and a test a case, with everything escaped', () => {
  expect(renderJunit(report)).toBe(
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="conformance" tests="3" failures="1" skipped="1" time="4.500">',
      '  <testsuite name="tools/a.json" tests="2" failures="1" skipped="0" time="3.000">',
      '    <testcase name="good" classname="tools.a" time="1.500"/>',
      '    <testcase name="bad" classname="tools.a" time="1.500"><failure message="return $.a: expected &quot;&lt;&amp;&gt;&quot;, got a\ufffdb\ufffd[31m&#10;c">step 2: return $.a&#10;  expected &quot;&lt;&amp;&gt;&quot;&#10;  got      a\ufffdb\ufffd[31m&#10;c</failure></testcase>',
      '  </testsuite>',
      '  <testsuite name="lifecycle/b.json" tests="1" failures="0" skipped="1" time="1.500">',
      '    <testcase name="later" classname="lifecycle.b" time="1.500"><skipped message="no &quot;events&quot;"/></testcase>',
      '  </testsuite>',
      '</testsuites>',
      '',
    ].join('\n'),
  );
});

it('the text names what failed and what was skipped, and ends with the totals', () => {
  const same = (text: string): string => text;
  const style: ReportStyle = {
    ink: { bold: same, dim: same, good: same, bad: same, warn: same },
    marks: { done: '+', failure: 'X', bullet: '-' },
  };
  expect(renderReport(report, style).split('\n')).toEqual([
    'Conformance of odd 1 over stdio, MCP 2025-11-25',
    '/suite',
    '',
    `X ${'tools/a'.padEnd(40)} 1 of 2`,
    '    X bad',
    '      What it is about',
    '      step 2: return $.a',
    '        expected "<&>"',
    '        got      a\u0000b\u001b[31m',
    'c',
    `- ${'lifecycle/b'.padEnd(40)} 0 of 1`,
    '- skipped 1 case: no "events"',
    '',
    '3 cases: 1 passed, 1 failed, 1 skipped in 4.5 s',
  ]);
});
