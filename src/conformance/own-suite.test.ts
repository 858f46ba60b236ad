import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

import { WORKSPACE_TOOLS } from '../workspace/tools.ts';
import { checkCoverage } from './coverage.ts';
import { type ConformanceCase, EVENT_TYPES, FixtureSchema } from './fixture.ts';
import { loadFixtures, ownFixtures } from './load-fixtures.ts';
import { runConformance } from './run.ts';

const cases = loadFixtures(ownFixtures());

describe('our own suite', () => {
  it('passes', async () => {
    const { totals, cases: results } = await runConformance({ env: process.env, cwd: process.cwd() });
    expect(results.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(totals).toEqual({ cases: 146, passed: 146, failed: 0, skipped: 0 });
  });

  it('covers every leaf of every schema', () => {
    expect(checkCoverage()).toMatchObject({ complete: true, leaves: { total: 61, covered: 61 } });
  });

  it('has cases for every tool and every event, refusals for every tool that can refuse', () => {
    const operations = cases.flatMap(({ steps }) => steps.map(({ operation }) => operation));
    for (const { name } of WORKSPACE_TOOLS) {
      expect(
        operations.filter((operation) => operation.kind === 'tool' && operation.tool === name).length,
        name,
      ).toBeGreaterThan(5);
    }
    for (const type of EVENT_TYPES) {
      expect(
        operations.some((operation) => operation.kind === 'event' && operation.type === type),
        type,
      ).toBe(true);
    }
    const refusing = new Set(
      cases
        .filter(expectsRefusal)
        .flatMap(({ steps }) =>
          steps.map(({ operation }) => (operation.kind === 'tool' ? operation.tool : '')),
        ),
    );
    for (const name of [
      'plan_start',
      'plan_update',
      'plan_decide',
      'task_add',
      'task_update',
      'task_close',
      'artifact_write',
    ]) {
      expect(refusing).toContain(name);
    }
  });

  it('claims only what it asserts', () => {
    for (const fixture of cases) {
      for (const [schema, leaves] of Object.entries(fixture.covers?.state_schemas ?? {})) {
        for (const leaf of leaves)
          expect(assertedLeaves(fixture, schema), `${fixture.id} claims ${leaf}`).toContainEqual(
            expect.stringMatching(toPattern(leaf)),
          );
      }
    }
  });
});

describe('the schema of fixtures', () => {
  const path = join(ownFixtures(), 'schema', 'fixture.schema.json');

  it('is what the loader checks', async () => {
    const { $schema, ...rest } = z.toJSONSchema(FixtureSchema, { io: 'input' });
    const title = 'One conformance case of a Nexus workspace; a fixture file holds one, or a list of them';
    await expect(`${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`).toMatchFileSnapshot(path);
  });

  it('accepts every case of the suite and refuses what is none', () => {
    const accepts = new Ajv2020({ strict: false }).compile(JSON.parse(readFileSync(path, 'utf8')));
    for (const group of ['tools', 'scenarios', 'lifecycle']) {
      for (const name of readdirSync(join(ownFixtures(), group))) {
        const raw: unknown = JSON.parse(readFileSync(join(ownFixtures(), group, name), 'utf8'));
        for (const fixture of Array.isArray(raw) ? raw : [raw])
          expect(accepts(fixture), `${name} ${JSON.stringify(accepts.errors)}`).toBe(true);
      }
    }
    expect(accepts({ test_id: 'x', description: 'has no operation at all' })).toBe(false);
  });
});

function expectsRefusal({ steps }: ConformanceCase): boolean {
  return steps.some(({ expectations }) =>
    expectations.some(
      ({ error, errorContains, returns }) =>
        error === true || errorContains !== undefined || returns.some(({ path }) => path.text === '$.error'),
    ),
  );
}

/** Asserted paths of the file that a schema is for, as `tasks[].deps[]`. */
function assertedLeaves({ steps }: ConformanceCase, schema: string): string[] {
  const name = schema.replace('.schema.json', '');
  return steps
    .flatMap(({ expectations }) => expectations.flatMap(({ files }) => files))
    .filter(({ path }) => new RegExp(`[/]${name}\\.jsonl?$`).test(path))
    .flatMap(({ expected }) => (expected.kind === 'json' ? expected.assertions : []))
    .map(({ path }) =>
      path.text
        .replace(/^\$\.?/, '')
        .replace(/\[-?\d+\]/g, '[]')
        .replace(/^\[\]\.?/, ''),
    );
}

/** The leaf itself, or a member of an object that is a leaf. */
function toPattern(leaf: string): RegExp {
  return new RegExp(`^${leaf.replace(/[[\].]/g, '\\$&')}(\\.|$)`);
}
