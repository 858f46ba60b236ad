import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { onlyOnDayOfMonth } from './day-of-month.ts';
import { extractJson } from './extract-json.ts';

const templates = join(import.meta.dirname, '..', '..', 'assets', 'templates');

/** An answer of a model, and the object in it or what is wrong with it. */
const ANSWERS: readonly (readonly [string, object | RegExp])[] = [
  ['{"a": 1}', { a: 1 }],
  ['  \n{"a": {"b": [1, "}"]}}\n', { a: { b: [1, '}'] } }],
  ['```json\n{"a": 1}\n```', { a: 1 }],
  ['```\n{"a": "```"}\n```', { a: '```' }],
  ['Here it is:\n```json\n{"a": 1}\n```\nDone.', { a: 1 }],
  ['Sure! {"a": "say \\"{\\" twice"} and {"b": 2}', { a: 'say "{" twice' }],
  ['Use {braces} like {this}: {"a": 1}', { a: 1 }],
  ['A lone { is fine. {"a": 1}', { a: 1 }],
  ['{}', {}],
  ['', /empty/],
  [' \n ', /empty/],
  ['no object at all', /holds no JSON object/],
  ['[1, 2]', /no object/],
  ['"text"', /no object/],
  ['{"a": {"b": 1}, "c": [', /has no end/],
  ['Here: {"a": "unfinished', /has no end/],
  ['{not json} and {nor this}', /nothing that can be read/],
  ['```json\n{"a": 1', /has no end/],
];

describe('the object in an answer', () => {
  it.each(ANSWERS)('%j', (text, expected) => {
    if (expected instanceof RegExp) expect(() => extractJson(text)).toThrow(expected);
    else expect(extractJson(text)).toEqual(expected);
  });

  it('is the same in Python', () => {
    const code = `
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, ${JSON.stringify(templates)})
import nexo_helper
out = []
for text in json.load(sys.stdin):
    try: out.append({"value": nexo_helper.extract_json(text)})
    except ValueError as error: out.append({"error": str(error)})
print(json.dumps(out))`;
    const input = JSON.stringify(ANSWERS.map(([text]) => text));
    const answers = JSON.parse(execFileSync('python3', ['-c', code], { input, encoding: 'utf8' })) as {
      value?: object;
      error?: string;
    }[];
    for (const [index, [text, expected]] of ANSWERS.entries()) {
      const answer = answers[index];
      if (expected instanceof RegExp) expect(answer?.error, text).toMatch(expected);
      else expect(answer?.value, text).toEqual(expected);
    }
  });

  it('is looked for in a time that grows with the answer', () => {
    for (const text of ['{'.repeat(200_000), '{ '.repeat(100_000), '{x}'.repeat(60_000)]) {
      expect(() => extractJson(text)).toThrow();
    }
  });
});

/** Day of the schedule, the date, and whether the work is done. */
const DAYS: readonly (readonly [number, string, boolean])[] = [
  [1, '2026-11-01', true],
  [1, '2026-11-02', false],
  [9, '2026-08-09', true],
  [31, '2026-04-30', true],
  [31, '2026-04-29', false],
  [30, '2026-02-28', true],
  [30, '2028-02-28', false],
  [29, '2028-02-29', true],
  [31, '2100-02-28', true],
  [31, '2026-12-31', true],
];

describe('the day of the month', () => {
  it.each(DAYS)('%i on %s: %s', (day, date, works) => {
    const said: string[] = [];
    const [year = 0, month = 0, dayOfMonth = 0] = date.split('-').map(Number);
    onlyOnDayOfMonth(day, { today: new Date(year, month - 1, dayOfMonth), skip: (text) => said.push(text) });
    expect(said.length === 0).toBe(works);
    if (!works) expect(said[0]).toMatch(/^skipped: today is day \d+, and this runs on day \d+ of the month$/);
  });

  it('is the same in Python and in a shell', () => {
    const python = DAYS.map(([day, date]) => {
      const code = `import sys, datetime; sys.dont_write_bytecode = True; sys.path.insert(0, ${JSON.stringify(templates)})
import nexo_helper; nexo_helper.only_on_day_of_month(${day}, today=datetime.date.fromisoformat("${date}")); print("works")`;
      return execFileSync('python3', ['-c', code], { encoding: 'utf8' }).trim();
    });
    const shell = DAYS.map(([day, date]) => {
      const code = `. "$1/nexo_helper.sh"; only_on_day_of_month ${day} "" ${date}; echo works`;
      return execFileSync('bash', ['-euc', code, 'x', templates], { encoding: 'utf8' }).trim();
    });
    for (const [index, [day, date, works]] of DAYS.entries()) {
      expect(python[index] === 'works', `python ${day} ${date}: ${python[index]}`).toBe(works);
      expect(shell[index], `${day} ${date}`).toBe(python[index]);
    }
  });

  it('does not matter when forced, and has to be one', () => {
    onlyOnDayOfMonth(1, { force: true, today: new Date(2026, 1, 7) });
    for (const day of [0, 32, 1.5, Number.NaN]) expect(() => onlyOnDayOfMonth(day)).toThrow(/from 1 to 31/);
  });
});
