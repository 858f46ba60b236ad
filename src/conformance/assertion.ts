import * as z from 'zod';

import { followJsonPath, type JsonPath, MISSING } from './json-path.ts';

const MatcherSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('iso8601') }),
  z.strictObject({
    type: z.literal('string'),
    minLength: z.number().optional(),
    pattern: z.string().refine(isPattern, 'is no regular expression').optional(),
  }),
  z.strictObject({ type: z.literal('number'), min: z.number().optional(), max: z.number().optional() }),
  z.strictObject({ type: z.literal('boolean') }),
]);
type Matcher = z.infer<typeof MatcherSchema>;

/** What a fixture expects at one path: the value itself, or a matcher. */
export const ExpectedSchema = z.union([z.string(), z.number(), z.boolean(), z.null(), MatcherSchema]);
export type Expected = z.infer<typeof ExpectedSchema>;

export interface Assertion {
  readonly path: JsonPath;
  readonly expected: Expected;
}

/** One thing that was not as the fixture demands, in words. */
export interface Mismatch {
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

/** Every assertion that does not hold for `root`. */
export function checkAssertions(root: unknown, assertions: readonly Assertion[]): Mismatch[] {
  return assertions.flatMap(({ path, expected }) => {
    const value = followJsonPath(root, path);
    if (isAsExpected(value, expected)) return [];
    return [{ path: path.text, expected: describeExpected(expected), got: describeValue(value) }];
  });
}

/** Longest value that is quoted in a report, in characters. */
const MAX_QUOTED = 200;

/** The value as a report quotes it: JSON, cut when it is long. */
export function describeValue(value: unknown): string {
  if (value === MISSING || value === undefined) return 'nothing there';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}

function isAsExpected(value: unknown, expected: Expected): boolean {
  // A key that was removed counts as null: fixtures have no other way to demand its absence.
  if (expected === null) return value === null || value === MISSING;
  return typeof expected === 'object' ? matches(value, expected) : value === expected;
}

function matches(value: unknown, matcher: Matcher): boolean {
  switch (matcher.type) {
    case 'iso8601':
      return typeof value === 'string' && isIsoTime(value);
    case 'string':
      return (
        typeof value === 'string' &&
        value.length >= (matcher.minLength ?? 0) &&
        (matcher.pattern === undefined || new RegExp(matcher.pattern).test(value))
      );
    case 'number':
      return (
        typeof value === 'number' &&
        value >= (matcher.min ?? Number.NEGATIVE_INFINITY) &&
        value <= (matcher.max ?? Number.POSITIVE_INFINITY)
      );
    case 'boolean':
      return typeof value === 'boolean';
  }
}

const ISO_TIME =
  /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)([.,]\d+)?)?(Z|[+-][01]\d(:?[0-5]\d)?)?$/;

function isIsoTime(text: string): boolean {
  const day = ISO_TIME.exec(text)?.[1];
  if (day === undefined) return false;
  // Date carries 30 February over into March, which the round trip shows.
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

function describeExpected(expected: Expected): string {
  if (expected === null) return 'null or no such key';
  if (typeof expected !== 'object') return describeValue(expected);
  switch (expected.type) {
    case 'iso8601':
      return 'an ISO 8601 time';
    case 'string':
      return [
        'a string',
        expected.minLength === undefined ? '' : `of at least ${expected.minLength} characters`,
        expected.pattern === undefined ? '' : `matching /${expected.pattern}/`,
      ]
        .filter((part) => part !== '')
        .join(' ');
    case 'number':
      return [
        'a number',
        expected.min === undefined ? '' : `of at least ${expected.min}`,
        expected.max === undefined ? '' : `up to ${expected.max}`,
      ]
        .filter((part) => part !== '')
        .join(' ');
    case 'boolean':
      return 'true or false';
  }
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
