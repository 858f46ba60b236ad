import type { FinalState } from './final-state.ts';
import { type CallRecord, type Change, possibleLastValues, type Violation } from './ledger.ts';

/** Compares the files at the end with every call that was made. */
export function verifyState(state: FinalState, records: readonly CallRecord[]): Violation[] {
  return [
    ...verifyTasks(state, records),
    ...verifyStatuses(state, records),
    ...verifyPlans(state, records),
    ...verifyDecisions(state, records),
    ...verifyCycles(state, records),
  ];
}

/** One thing that a call makes, under a text that no other call uses. */
interface Expected {
  readonly text: string;
  readonly record: CallRecord;
}

function verifyOccurrences(
  what: string,
  expected: readonly Expected[],
  found: readonly string[],
): Violation[] {
  const counts = new Map<string, number>();
  for (const text of found) counts.set(text, (counts.get(text) ?? 0) + 1);
  const violations: Violation[] = [];
  for (const { text, record } of expected) {
    const count = counts.get(text) ?? 0;
    counts.delete(text);
    const detail = `${what} "${text}" was ${record.answer} and is there ${count} times`;
    if (count > 1) violations.push({ kind: 'doubled', detail });
    else if (count === 0 && record.answer === 'acknowledged') violations.push({ kind: 'lost', detail });
    else if (count === 1 && record.answer === 'refused') violations.push({ kind: 'invented', detail });
  }
  for (const text of counts.keys())
    violations.push({ kind: 'invented', detail: `${what} "${text}" was never asked for` });
  return violations;
}

function verifyTasks({ taskLists }: FinalState, records: readonly CallRecord[]): Violation[] {
  const adds = callsOf(records, 'task_add');
  const all = taskLists.flat();
  const byTitle = new Map(all.map((task) => [task.title, task]));
  const wrong = adds.flatMap((record): Violation[] => {
    const told = memberAt(record.value, 'task', 'id');
    const task = byTitle.get(textParam(record, 'title'));
    if (
      record.answer !== 'acknowledged' ||
      typeof told !== 'number' ||
      task === undefined ||
      task.id === told
    )
      return [];
    return [
      { kind: 'wrong', detail: `task "${task.title}" was acknowledged with id ${told} and has ${task.id}` },
    ];
  });
  return [
    ...verifyOccurrences(
      'task',
      adds.map((record) => ({ text: textParam(record, 'title'), record })),
      all.map(({ title }) => title),
    ),
    ...wrong,
    ...taskLists.flatMap((list, index) => {
      const place = index === 0 ? 'the open list' : `cycle ${index}`;
      return repeated(list.map(({ id }) => id)).map(
        (id): Violation => ({ kind: 'duplicate-id', detail: `task id ${id} is there twice in ${place}` }),
      );
    }),
  ];
}

function verifyStatuses({ taskLists }: FinalState, records: readonly CallRecord[]): Violation[] {
  const adds = new Map(callsOf(records, 'task_add').map((record) => [textParam(record, 'title'), record]));
  const updates = callsOf(records, 'task_update').filter(({ answer }) => answer !== 'refused');
  return taskLists.flat().flatMap((task): Violation[] => {
    const add = adds.get(task.title);
    if (add === undefined) return [];
    const changes: Change<unknown>[] = [
      { ...add, value: 'pending', isCertain: add.answer === 'acknowledged' },
      ...updates.flatMap((record) => {
        // Who was updated is only known from the answer: ids start again with every cycle.
        const title = memberAt(record.value, 'task', 'title');
        const mayBe = typeof title === 'string' ? title === task.title : record.params.id === task.id;
        if (!mayBe) return [];
        return [{ ...record, value: record.params.status, isCertain: typeof title === 'string' }];
      }),
    ];
    const possible = possibleLastValues(changes);
    if (possible.includes(task.status)) return [];
    return [
      {
        kind: 'lost',
        detail: `task "${task.title}" is ${task.status}; acknowledged was ${quoted(possible)}`,
      },
    ];
  });
}

function verifyPlans({ plans }: FinalState, records: readonly CallRecord[]): Violation[] {
  const starts = callsOf(records, 'plan_start');
  const byTopic = new Map(plans.map((plan) => [plan.topic, plan]));
  const wrong = starts.flatMap((record): Violation[] => {
    const told = memberAt(record.value, 'plan_id');
    const plan = byTopic.get(textParam(record, 'topic'));
    if (typeof told !== 'number' || plan === undefined || plan.id === told) return [];
    return [
      { kind: 'wrong', detail: `plan "${plan.topic}" was acknowledged with id ${told} and has ${plan.id}` },
    ];
  });
  const added = callsOf(records, 'plan_update').filter(({ params }) => params.action === 'add');
  const initial = starts.flatMap((record) => {
    // With its plan every first issue is there, or none.
    const issues: unknown = record.params.issues;
    return byTopic.has(textParam(record, 'topic')) && Array.isArray(issues)
      ? issues.map((text) => ({ text: String(text), record }))
      : [];
  });
  return [
    ...verifyOccurrences(
      'plan',
      starts.map((record) => ({ text: textParam(record, 'topic'), record })),
      plans.map(({ topic }) => topic),
    ),
    ...wrong,
    ...verifyOccurrences(
      'issue',
      [...initial, ...added.map((record) => ({ text: textParam(record, 'title'), record }))],
      plans.flatMap(({ issues }) => issues.map(({ title }) => title)),
    ),
    ...repeated(plans.map(({ id }) => id)).map(
      (id): Violation => ({ kind: 'duplicate-id', detail: `two plans have id ${id}` }),
    ),
    ...plans.flatMap(({ topic, issues }) =>
      repeated(issues.map(({ id }) => id)).map(
        (id): Violation => ({
          kind: 'duplicate-id',
          detail: `issue id ${id} is there twice in plan "${topic}"`,
        }),
      ),
    ),
  ];
}

function verifyDecisions({ plans }: FinalState, records: readonly CallRecord[]): Violation[] {
  const changing = records.filter(
    ({ tool, params, answer }) =>
      answer !== 'refused' &&
      (tool === 'plan_decide' || (tool === 'plan_update' && params.action === 'reopen')),
  );
  return plans.flatMap(({ issues }) =>
    issues.flatMap((issue): Violation[] => {
      const changes: Change<string | undefined>[] = [
        {
          startedAt: Number.NEGATIVE_INFINITY,
          endedAt: Number.NEGATIVE_INFINITY,
          value: undefined,
          isCertain: true,
        },
        ...changing.flatMap((record) => {
          const title = decidedTitle(record.value);
          const mayBe = title === undefined ? record.params.issue_id === issue.id : title === issue.title;
          if (!mayBe) return [];
          const value = record.tool === 'plan_decide' ? textParam(record, 'decision') : undefined;
          return [{ ...record, value, isCertain: title !== undefined }];
        }),
      ];
      const possible = possibleLastValues(changes);
      if (possible.includes(issue.decision ?? undefined)) return [];
      const detail = `issue "${issue.title}" has the decision ${quoted([issue.decision])}; acknowledged was ${quoted(possible)}`;
      return [{ kind: 'lost', detail }];
    }),
  );
}

function verifyCycles({ cycleTimes }: FinalState, records: readonly CallRecord[]): Violation[] {
  const archiving = records.filter(
    ({ tool, answer }) => answer !== 'refused' && (tool === 'task_close' || tool === 'plan_start'),
  );
  const isCertain = ({ tool, answer, value }: CallRecord): boolean =>
    answer === 'acknowledged' && (tool === 'task_close' || memberAt(value, 'previousArchived') === true);
  const isExcluded = ({ answer, value }: CallRecord): boolean =>
    answer === 'acknowledged' && memberAt(value, 'previousArchived') === false;
  const least = archiving.filter(isCertain).length;
  const most = archiving.filter((record) => !isExcluded(record)).length;
  const violations: Violation[] = [];
  const range = least === most ? `${least}` : `${least} to ${most}`;
  const detail = `the history has ${cycleTimes.length} cycles; acknowledged or in doubt were ${range}`;
  if (cycleTimes.length < least) violations.push({ kind: 'lost', detail });
  if (cycleTimes.length > most) violations.push({ kind: 'doubled', detail });
  const told = callsOf(records, 'task_close').flatMap(({ value }) => memberAt(value, 'cycle') ?? []);
  for (const time of new Set(told)) {
    const acknowledged = told.filter((other) => other === time).length;
    const present = cycleTimes.filter((other) => other === time).length;
    if (present >= acknowledged) continue;
    violations.push({
      kind: 'lost',
      detail: `cycle ${String(time)} was acknowledged ${acknowledged} times and is there ${present} times`,
    });
  }
  return violations;
}

function callsOf(records: readonly CallRecord[], tool: string): CallRecord[] {
  return records.filter((record) => record.tool === tool);
}

function textParam({ params }: CallRecord, name: string): string {
  const value = params[name];
  return typeof value === 'string' ? value : '';
}

/** `issue` of an answer: its title, or an object with one in later releases of the contract. */
function decidedTitle(value: unknown): string | undefined {
  const issue = memberAt(value, 'issue');
  const title = typeof issue === 'string' ? issue : memberAt(issue, 'title');
  return typeof title === 'string' ? title : undefined;
}

function memberAt(value: unknown, ...names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (node, name) => (typeof node === 'object' && node !== null ? Reflect.get(node, name) : undefined),
    value,
  );
}

function repeated(ids: readonly number[]): number[] {
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
}

function quoted(values: readonly unknown[]): string {
  return values
    .map((value) => (value === undefined || value === null ? 'none' : JSON.stringify(value)))
    .join(' or ');
}
