import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { quickFileSystem as fs } from '../../test/support/state-fault-fs.ts';
import {
  call,
  HISTORY,
  newStateProject,
  PLAN,
  type StateProject,
  TASKS,
} from '../../test/support/state-project.ts';
import { findWorkspaceTool, WORKSPACE_TOOLS } from './tools.ts';

/*
 * Valid files with unknown members at every level, as later releases and other programs write them. Whatever sequence
 * of calls follows, every unknown member is still there, with its text, at its record.
 */

/** A number that JavaScript cannot hold, told from others by its last digits, stands for each unknown member. */
const MARK_BASE = '90071992547409930000';
const unknownKey = fc.constantFrom(
  'priority',
  'x-ticket',
  '__proto__',
  'constructor',
  '7',
  'größe',
  'toJSON',
);
const unknownValue = fc.constantFrom(
  (mark: string) => mark,
  (mark: string) => `{"deep":[${mark}, 1.50]}`,
  (mark: string) => `[ ${mark} ]`,
);

interface Unknown {
  readonly key: string;
  readonly value: (mark: string) => string;
}
const unknowns: fc.Arbitrary<Unknown[]> = fc.uniqueArray(
  fc.record({ key: unknownKey, value: unknownValue }),
  {
    selector: ({ key }) => key,
    maxLength: 3,
  },
);

/** One tool call that changes something; ids beyond what is there end in an error, which must lose nothing either. */
const step = fc.oneof(
  fc.record({
    tool: fc.constant('task_add'),
    input: fc.constantFrom(
      { title: 'n', context: 'c' },
      { title: 'n', context: 'c', goal: 'g', decisions: ['d'] },
    ),
  }),
  fc.record({
    tool: fc.constant('task_update'),
    input: fc.record({
      id: fc.integer({ min: 1, max: 4 }),
      status: fc.constantFrom('pending', 'in_progress', 'completed'),
    }),
  }),
  fc.record({
    tool: fc.constant('plan_decide'),
    input: fc.record({
      issue_id: fc.integer({ min: 1, max: 4 }),
      decision: fc.string(),
      how_agents: fc.constant(['a']),
    }),
  }),
  fc.record({
    tool: fc.constant('plan_update'),
    input: fc.record({
      action: fc.constantFrom('add', 'edit', 'reopen'),
      issue_id: fc.integer({ min: 1, max: 4 }),
      title: fc.constant('t'),
    }),
  }),
  fc.constant({ tool: 'plan_start', input: { topic: 't', issues: ['i'], research_summary: '' } }),
  fc.constant({ tool: 'task_close', input: {} }),
);

const sample = fc.record({
  root: unknowns,
  records: fc.array(unknowns, { minLength: 1, maxLength: 3 }),
  historyRoot: unknowns,
  cycle: unknowns,
  cyclePlan: unknowns,
  cycleTask: unknowns,
  layout: fc.constantFrom('\n', '', '\r\n  '),
});

/** Writes the three files and gives the text of every unknown member in them. */
function seed(
  project: StateProject,
  { root, records, historyRoot, cycle, cyclePlan, cycleTask, layout }: Seed,
): string[] {
  const marks: string[] = [];
  const members = (known: string[], list: readonly Unknown[]): string => {
    const own = list.map(({ key, value }) => {
      const text = value(MARK_BASE + String(marks.length).padStart(4, '0'));
      marks.push(text.replaceAll(/\s/g, ''));
      return `${JSON.stringify(key)}: ${text}`;
    });
    return `{${layout}${[...own.slice(0, 1), ...known, ...own.slice(1)].join(`,${layout}`)}${layout}}`;
  };
  const issues = records.map((list, index) =>
    members([`"id":${index + 1}`, '"title":"i"', '"status":"pending"'], list),
  );
  project.write(
    PLAN,
    members(
      ['"id":1', '"topic":"t"', `"issues":[${issues.join(',')}]`, '"created_at":"2026-01-01T00:00:00Z"'],
      root,
    ),
  );
  const tasks = records.map((list, index) =>
    members([`"id":${index + 1}`, '"title":"t"', '"status":"pending"', '"deps":[]'], list),
  );
  project.write(
    TASKS,
    members(['"goal":"g"', `"tasks":[${tasks.join(',')}]`, '"decisions":[]'], root.slice(0, 0)),
  );
  const plan = members(['"id":1', '"topic":"t"', '"issues":[]'], cyclePlan);
  const task = members(['"id":1', '"title":"t"'], cycleTask);
  const one = members(
    ['"completed_at":"2026-01-01T00:00:00Z"', '"branch":"b"', `"plan":${plan}`, `"tasks":[${task}]`],
    cycle,
  );
  project.write(HISTORY, members([`"cycles":[${one}]`], historyRoot));
  return marks;
}

type Seed = typeof sample extends fc.Arbitrary<infer T> ? T : never;

const packed = (project: StateProject): string =>
  [PLAN, TASKS, HISTORY]
    .filter((file) => project.has(file))
    .map((file) => project.text(file).replaceAll(/\s/g, ''))
    .join('\n');

describe('unknown members', () => {
  it('stay, to the letter, through any sequence of calls', async () => {
    await fc.assert(
      fc.asyncProperty(
        sample,
        fc.array(step, { maxLength: 8 }),
        fc.boolean(),
        async (files, steps, reopens) => {
          const project = newStateProject({ fs });
          const marks = seed(project, files);
          for (const { tool, input } of steps) {
            // The members of tasks.json around its list have no place in a cycle; all that this test puts in have one.
            const workspace = reopens ? project.reopen() : project.workspace;
            await call({ ...workspace, fs }, tool, input).catch((error: unknown) =>
              expect(error).toMatchObject({ name: 'NexoError' }),
            );
            for (const file of [PLAN, TASKS, HISTORY])
              if (project.has(file)) expect(() => project.json(file)).not.toThrow();
          }
          const text = packed(project);
          for (const mark of marks) expect(text).toContain(mark);
          expect(({} as Record<string, unknown>).deep).toBeUndefined();
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('every tool', () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(
      fc.constantFrom(
        'title',
        'context',
        'deps',
        'id',
        'status',
        'topic',
        'issues',
        'research_summary',
        'action',
        'issue_id',
        'decision',
        'filename',
        'content',
        'query',
        'last_n',
        'how_summary',
        '__proto__',
      ),
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.double(),
        fc.array(fc.string()),
        fc.constantFrom(null, undefined, -1, 0, 1e308, 'add', 'pending'),
        fc.dictionary(fc.string(), fc.string()),
      ),
    ),
  );

  it('answers anything with a result of its schema or a NexoError, and leaves files that it can read', async () => {
    const project = newStateProject({ fs });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...WORKSPACE_TOOLS.map(({ name }) => name)),
        anything,
        async (name, input) => {
          const tool = findWorkspaceTool(name);
          try {
            const result = await tool?.run(project.workspace, input);
            expect(tool?.output.safeParse(result).error).toBeUndefined();
            expect(JSON.parse(JSON.stringify(result))).toBeTypeOf('object');
          } catch (error) {
            expect(error).toMatchObject({ name: 'NexoError' });
          }
          const fresh = project.reopen();
          for (const read of ['plan_status', 'task_list', 'history_search', 'context']) {
            await call(fresh, read);
            expect(findWorkspaceTool(read)?.problem(fresh)).toBeUndefined();
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
