import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { NexoError } from '../errors.ts';
import { packageRoot } from '../version.ts';
import { type ConformanceCase, FIXTURE_GROUPS, parseFixture } from './fixture.ts';

/** Something that is wrong with a fixture, and where. */
export interface FixtureProblem {
  readonly file: string;
  readonly testId?: string;
  readonly message: string;
}

/** Our own suite. */
export function ownFixtures(): string {
  return join(packageRoot(), 'assets', 'conformance');
}

/**
 * Reads a suite: every `.json` in `tools/`, `scenarios/` and `lifecycle/` below `folder`.
 * Throws CONFORMANCE_FIXTURE_INVALID with every problem in `data`, each naming its file and test id.
 */
export function loadFixtures(folder: string): ConformanceCase[] {
  const cases: ConformanceCase[] = [];
  const problems: FixtureProblem[] = [];
  const firstFile = new Map<string, string>();
  for (const { group, file } of listFixtureFiles(folder)) {
    const raw = readJson(join(folder, file), file, problems);
    if (raw === undefined) continue;
    const items: unknown[] = Array.isArray(raw) ? raw : [raw];
    if (items.length === 0) problems.push({ file, message: 'has no case' });
    for (const [index, item] of items.entries()) {
      const testId = testIdOf(item) ?? (Array.isArray(raw) ? `case ${index + 1}` : undefined);
      const place = testId === undefined ? { file } : { file, testId };
      const result = parseFixture(item, { group, file });
      if ('faults' in result) {
        for (const { path, message } of result.faults) {
          problems.push({ ...place, message: path === '' ? message : `${path}: ${message}` });
        }
        continue;
      }
      const taken = firstFile.get(result.parsed.id);
      if (taken !== undefined) problems.push({ ...place, message: `has the test_id of a case in ${taken}` });
      firstFile.set(result.parsed.id, file);
      cases.push(result.parsed);
    }
  }
  if (problems.length > 0) throw invalidFixtures(folder, problems);
  return cases;
}

function listFixtureFiles(folder: string): { group: ConformanceCase['group']; file: string }[] {
  const files = FIXTURE_GROUPS.flatMap((group) => {
    const path = join(folder, group);
    if (!existsSync(path) || !statSync(path).isDirectory()) return [];
    const names = readdirSync(path).filter((name) => name.endsWith('.json'));
    return names.sort().map((name) => ({ group, file: `${group}/${name}` }));
  });
  if (files.length > 0) return files;
  throw new NexoError('CONFORMANCE_FIXTURE_INVALID', `${folder} holds no fixtures.`, {
    hint: `Pass a folder with ${FIXTURE_GROUPS.join('/, ')}/ of .json files.`,
    data: { folder },
  });
}

function readJson(path: string, file: string, problems: FixtureProblem[]): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    problems.push({ file, message: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

function testIdOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null || !('test_id' in item)) return undefined;
  return typeof item.test_id === 'string' ? item.test_id : undefined;
}

function invalidFixtures(folder: string, problems: readonly FixtureProblem[]): NexoError {
  const lines = problems.map(
    ({ file, testId, message }) => `${file}${testId === undefined ? '' : ` (${testId})`}: ${message}`,
  );
  const [first] = lines;
  const more = lines.length > 1 ? ` (and ${lines.length - 1} more)` : '';
  return new NexoError('CONFORMANCE_FIXTURE_INVALID', `${first}${more}`, {
    hint: 'Correct the fixture; docs/conformance.md has the format.',
    data: { folder, problems },
  });
}
