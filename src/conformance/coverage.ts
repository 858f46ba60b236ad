import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { NexoError } from '../errors.ts';
import { packageRoot } from '../version.ts';
import type { CaseStep, ConformanceCase } from './fixture.ts';
import { loadFixtures, ownFixtures } from './load-fixtures.ts';
import { extractLeaves } from './schema-leaves.ts';

export interface CoverageOptions {
  /** Folder of the suite. Default: our own. */
  readonly fixtures?: string | undefined;
  /** Folder of `*.schema.json` files. Default: our own state schemas. */
  readonly schemas?: string | undefined;
}

export interface CoverageReport {
  readonly fixtures: string;
  readonly schemas: readonly SchemaCoverage[];
  readonly leaves: { readonly total: number; readonly covered: number };
  readonly cases: number;
  /** Parameters that a call passes and nothing looks at again. */
  readonly droppedParams: readonly {
    file: string;
    testId: string;
    step?: number;
    params: readonly string[];
  }[];
  /** Cases that do not say what they cover. */
  readonly withoutCovers: readonly { readonly file: string; readonly testId: string }[];
  readonly complete: boolean;
}

export interface SchemaCoverage {
  readonly schema: string;
  readonly leaves: number;
  readonly missing: readonly string[];
}

/**
 * Checks what can be checked of a suite without running it: every leaf of every schema is claimed by a case, every
 * parameter of a call is asserted or named as deliberately not, and every case claims something.
 * Throws CONFORMANCE_FIXTURE_INVALID.
 */
export function checkCoverage(options: CoverageOptions = {}): CoverageReport {
  const fixtures = options.fixtures ?? ownFixtures();
  const cases = loadFixtures(fixtures);
  const schemas = loadSchemas(options.schemas ?? join(packageRoot(), 'assets', 'schemas')).map(
    ({ name, schema }) => {
      const claimed = new Set(cases.flatMap(({ covers }) => covers?.state_schemas?.[name] ?? []));
      const leaves = extractLeaves(schema);
      return { schema: name, leaves: leaves.length, missing: leaves.filter((leaf) => !claimed.has(leaf)) };
    },
  );
  const total = schemas.reduce((sum, { leaves }) => sum + leaves, 0);
  const covered = total - schemas.reduce((sum, { missing }) => sum + missing.length, 0);
  const droppedParams = cases.flatMap(findDroppedParams);
  const withoutCovers = cases
    .filter(({ covers }) => covers === undefined)
    .map(({ file, id }) => ({ file, testId: id }));
  return {
    fixtures,
    schemas,
    leaves: { total, covered },
    cases: cases.length,
    droppedParams,
    withoutCovers,
    complete: covered === total && droppedParams.length === 0 && withoutCovers.length === 0,
  };
}

function findDroppedParams({
  file,
  id,
  steps,
  uncoveredParams,
  isSingle,
}: ConformanceCase): CoverageReport['droppedParams'] {
  return steps.flatMap((step, index) => {
    const params = droppedParamsOf(step).filter((name) => !uncoveredParams.includes(name));
    if (params.length === 0) return [];
    return [{ file, testId: id, ...(isSingle ? {} : { step: index + 1 }), params }];
  });
}

/** A parameter counts as looked at when some asserted path of its step contains its name. Events are exempt. */
function droppedParamsOf({ operation, expectations }: CaseStep): string[] {
  if (operation.kind === 'event') return [];
  const paths = expectations.flatMap(({ returns, files }) => [
    ...returns,
    ...files.flatMap(({ expected }) => (expected.kind === 'json' ? expected.assertions : [])),
  ]);
  return Object.keys(operation.params).filter((name) => !paths.some(({ path }) => path.text.includes(name)));
}

function loadSchemas(folder: string): { name: string; schema: unknown }[] {
  const names = listSchemas(folder);
  if (names.length === 0) {
    throw new NexoError('CONFORMANCE_FIXTURE_INVALID', `${folder} holds no *.schema.json.`, {
      hint: 'Pass a folder of JSON Schemas with --schemas.',
      data: { folder },
    });
  }
  return names.map((name) => {
    try {
      const schema: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      return { name, schema };
    } catch (error) {
      throw new NexoError(
        'CONFORMANCE_FIXTURE_INVALID',
        `${name} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
        {
          hint: 'Correct the schema file.',
          data: { folder, file: name },
          cause: error,
        },
      );
    }
  });
}

function listSchemas(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.schema.json'))
      .sort();
  } catch {
    return []; // No such folder: reported as one without schemas.
  }
}
