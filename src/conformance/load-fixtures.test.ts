import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { NexoError } from '../errors.ts';
import { loadFixtures } from './load-fixtures.ts';

const good = {
  test_id: 'good_case',
  description: 'A case that is as it should be',
  covers: { return_value: { task_list: ['exists'] } },
  action: { tool: 'task_list', params: {} },
};

/** A suite with the given files. */
function suite(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'suite-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

function problemsOf(files: Readonly<Record<string, unknown>>): unknown {
  try {
    loadFixtures(suite(files));
    return [];
  } catch (error) {
    const failure = error as NexoError;
    expect(failure.code).toBe('CONFORMANCE_FIXTURE_INVALID');
    return failure.data?.problems;
  }
}

describe('a suite', () => {
  it('is read in the order tools, scenarios, lifecycle, and by name; a file holds one case or several', () => {
    const folder = suite({
      'lifecycle/c.json': { ...good, test_id: 'c' },
      'scenarios/b.json': { ...good, test_id: 'b' },
      'tools/z.json': [
        { ...good, test_id: 'z1' },
        { ...good, test_id: 'z2' },
      ],
      'tools/a.json': { ...good, test_id: 'a' },
      'tools/README.md': 'not a fixture',
      'schema/fixture.schema.json': 'not a fixture',
    });
    expect(loadFixtures(folder).map(({ id, file }) => `${file} ${id}`)).toEqual([
      'tools/a.json a',
      'tools/z.json z1',
      'tools/z.json z2',
      'scenarios/b.json b',
      'lifecycle/c.json c',
    ]);
  });

  it('may use what original fixtures use: lists as contents, tokens, empty claims, no claims at all', () => {
    const { covers: _, ...withoutCovers } = good;
    const folder = suite({
      'lifecycle/x.json': {
        ...good,
        precondition: {
          state_files: { '{STATE_ROOT}/{HARNESS_ID}/agent-tracker.json': [{ harness_id: 'h' }], 'a.md': {} },
        },
        covers: { state_schemas: { 'plan.schema.json': [] } },
      },
      'tools/y.json': { ...withoutCovers, test_id: 'y' },
    });
    expect(loadFixtures(folder)).toHaveLength(2);
  });

  it('is refused when there is none', () => {
    expect(() => loadFixtures(suite({ 'other/a.json': good }))).toThrow(
      expect.objectContaining({ code: 'CONFORMANCE_FIXTURE_INVALID' }),
    );
    expect(() => loadFixtures('/no/such/folder')).toThrow(
      expect.objectContaining({ code: 'CONFORMANCE_FIXTURE_INVALID' }),
    );
  });
});

describe('a wrong fixture is named by file, test and place', () => {
  const one = (fixture: unknown): unknown => problemsOf({ 'tools/t.json': fixture });
  const { action: _, ...bare } = good;

  it.each<[string, unknown, RegExp]>([
    ['no kind', bare, /exactly one of action, event and steps, and has none/],
    ['two kinds', { ...good, event: { type: 'session_end' } }, /has action and event/],
    ['an unknown key', { ...good, surprise: 1 }, /surprise/],
    ['a short description', { ...good, description: 'short' }, /^description: /],
    ['a bad test_id', { ...good, test_id: 'Bad Id' }, /^test_id: /],
    ['an unknown event', { ...bare, event: { type: 'lunch_break' } }, /^event\.type: /],
    [
      'a path that is none',
      { ...good, postcondition: { return_value: { 'a..b': 1 } } },
      /^postcondition\.return_value.*is not a path/,
    ],
    [
      'an unknown matcher',
      { ...good, postcondition: { return_value: { '$.a': { type: 'float' } } } },
      /^postcondition\.return_value\.\$\.a/,
    ],
    [
      'a broken pattern',
      { ...good, postcondition: { return_value: { '$.a': { type: 'string', pattern: '(' } } } },
      /is no regular expression/,
    ],
    [
      'a list as assertion',
      { ...good, postcondition: { state_files: { 'a.json': [1] } } },
      /^postcondition\.state_files\.a\.json/,
    ],
    [
      'an unknown token',
      { ...good, precondition: { state_files: { '{HOME}/a': {} } } },
      /unknown token \{HOME\}/,
    ],
    [
      'a way out',
      { ...good, precondition: { state_files: { '../a': {} } } },
      /has an empty, \. or \.\. part/,
    ],
    [
      'an absolute path',
      { ...good, precondition: { state_files: { '/etc/passwd': {} } } },
      /not a path relative/,
    ],
    ['nothing covered', { ...good, covers: {} }, /neither state_schemas nor return_value/],
    ['no steps', { ...bare, steps: [] }, /^steps: /],
    ['a step without an operation', { ...bare, steps: [{ description: 'x' }] }, /^steps/],
    [
      'a step with two',
      { ...bare, steps: [{ action: good.action, event: { type: 'session_end' } }] },
      /^steps/,
    ],
    ['no object', 'text', /is not an object/],
  ])('%s', (_name, fixture, message) => {
    expect(one([fixture])).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          file: 'tools/t.json',
          message: expect.stringMatching(message),
          testId: expect.any(String),
        }),
      ]),
    );
  });

  it('every problem of every file at once', () => {
    const problems = problemsOf({
      'tools/a.json': '{',
      'tools/b.json': [bare, good],
      'scenarios/c.json': good,
      'tools/d.json': [],
    });
    expect(problems).toEqual([
      { file: 'tools/a.json', message: expect.stringContaining('JSON') },
      { file: 'tools/b.json', testId: 'good_case', message: expect.stringContaining('has none') },
      { file: 'tools/d.json', message: 'has no case' },
      { file: 'scenarios/c.json', testId: 'good_case', message: 'has the test_id of a case in tools/b.json' },
    ]);
  });
});
