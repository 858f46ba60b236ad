import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { checkCoverage } from './coverage.ts';

const SCHEMA = {
  type: 'object',
  properties: { a: { type: 'string' }, list: { type: 'array', items: { type: 'number' } } },
};

function folders(
  fixtures: readonly unknown[],
  schema: unknown = SCHEMA,
): { fixtures: string; schemas: string } {
  const folder = mkdtempSync(join(tmpdir(), 'coverage-'));
  mkdirSync(join(folder, 'tools'));
  mkdirSync(join(folder, 'schemas'));
  writeFileSync(join(folder, 'tools', 't.json'), JSON.stringify(fixtures));
  writeFileSync(
    join(folder, 'schemas', 's.schema.json'),
    typeof schema === 'string' ? schema : JSON.stringify(schema),
  );
  return { fixtures: folder, schemas: join(folder, 'schemas') };
}

const base = { test_id: 'one', description: 'One case of this little suite' };
const whole = {
  ...base,
  covers: { state_schemas: { 's.schema.json': ['a', 'list[]'] } },
  action: { tool: 't', params: { title: 'x' } },
  postcondition: { return_value: { '$.task.title': 'x' } },
};

describe('coverage', () => {
  it('is complete when every leaf is claimed and every parameter looked at', () => {
    expect(checkCoverage(folders([whole]))).toMatchObject({
      complete: true,
      leaves: { total: 2, covered: 2 },
      cases: 1,
    });
  });

  it('names the leaves that no case claims, by their exact spelling', () => {
    const report = checkCoverage(
      folders([
        { ...whole, covers: { state_schemas: { 's.schema.json': ['a.b', 'list'], other: ['list[]'] } } },
      ]),
    );
    expect(report.schemas).toEqual([{ schema: 's.schema.json', leaves: 2, missing: ['a', 'list[]'] }]);
    expect(report.complete).toBe(false);
  });

  it('adds up the claims of all cases', () => {
    const claim = (id: string, leaf: string): object => ({
      ...whole,
      test_id: id,
      covers: { state_schemas: { 's.schema.json': [leaf] } },
    });
    expect(checkCoverage(folders([claim('one', 'a'), claim('two', 'list[]')])).complete).toBe(true);
  });

  it('finds a parameter that nothing looks at again, unless it is named as such', () => {
    const dropped = { ...whole, action: { tool: 't', params: { title: 'x', owner: 'y' } } };
    expect(checkCoverage(folders([dropped]))).toMatchObject({
      complete: false,
      droppedParams: [{ file: 'tools/t.json', testId: 'one', params: ['owner'] }],
    });
    expect(checkCoverage(folders([{ ...dropped, uncovered_params: ['owner'] }])).complete).toBe(true);
  });

  it('looks for a parameter of a step in that step only, and not at all for events', () => {
    const { action, postcondition: _, ...rest } = whole;
    const steps = [
      { action, assert_return: { '$.other': 1 } },
      {
        event: { type: 'agent_spawn', params: { agent_id: 'x' } },
        assert_state: { 'f.json': { '$.title': 'x' } },
      },
    ];
    expect(checkCoverage(folders([{ ...rest, steps }])).droppedParams).toEqual([
      { file: 'tools/t.json', testId: 'one', step: 1, params: ['title'] },
    ]);
  });

  it('finds cases that claim nothing', () => {
    const { covers: _, ...silent } = whole;
    expect(checkCoverage(folders([silent, { ...whole, test_id: 'two' }]))).toMatchObject({
      complete: false,
      withoutCovers: [{ file: 'tools/t.json', testId: 'one' }],
    });
  });

  it('stops at schemas that are no JSON, or none', () => {
    const invalid = expect.objectContaining({ code: 'CONFORMANCE_FIXTURE_INVALID' });
    expect(() => checkCoverage(folders([whole], '{'))).toThrow(invalid);
    expect(() => checkCoverage({ ...folders([whole]), schemas: '/no/such/folder' })).toThrow(invalid);
  });
});
