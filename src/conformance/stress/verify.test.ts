import { describe, expect, it } from 'vitest';

import type { FinalState } from './final-state.ts';
import { type CallRecord, possibleLastValues, type ViolationKind } from './ledger.ts';
import { verifyState } from './verify.ts';

let clock = 0;

/** A call that begins after all earlier ones have ended. */
function call(tool: string, params: object, answer: CallRecord['answer'], value: unknown = {}): CallRecord {
  clock += 2;
  return {
    tool,
    params: { ...params },
    answer,
    value: answer === 'acknowledged' ? value : undefined,
    startedAt: clock,
    endedAt: clock + 1,
  };
}

const add = (title: string, answer: CallRecord['answer'] = 'acknowledged', id = 1): CallRecord =>
  call('task_add', { title }, answer, { task: { id, title } });
const task = (title: string, id = 1, status = 'pending'): FinalState['taskLists'][number][number] => ({
  id,
  title,
  status,
});
const plan = (
  topic: string,
  id: number,
  issues: FinalState['plans'][number]['issues'] = [],
): FinalState['plans'][number] => ({ id, topic, issues });
const issue = (title: string, id = 1, decision?: string): FinalState['plans'][number]['issues'][number] => ({
  id,
  title,
  status: decision === undefined ? 'pending' : 'decided',
  decision,
});
const start = (topic: string, id: number, previousArchived = false, issues: string[] = []): CallRecord =>
  call('plan_start', { topic, issues }, 'acknowledged', { plan_id: id, previousArchived });

function kinds(state: Partial<FinalState>, records: readonly CallRecord[]): ViolationKind[] {
  return verifyState({ plans: [], taskLists: [[]], cycleTimes: [], ...state }, records).map(
    ({ kind }) => kind,
  );
}

describe('tasks', () => {
  it('that were acknowledged are there once, wherever', () => {
    const records = [add('a'), add('b', 'acknowledged', 2), add('c')];
    expect(
      kinds({ taskLists: [[task('c')], [task('a'), task('b', 2)]], cycleTimes: ['t'] }, [
        ...records,
        call('task_close', {}, 'acknowledged'),
      ]),
    ).toEqual([]);
    expect(kinds({ taskLists: [[task('c')]] }, records)).toEqual(['lost', 'lost']);
    expect(
      kinds(
        {
          taskLists: [
            [task('a'), task('b', 2)],
            [task('c'), task('b', 2)],
          ],
        },
        records,
      ),
    ).toEqual(['doubled']);
  });

  it('that are in doubt may be there or not, but not twice', () => {
    expect(kinds({ taskLists: [[]] }, [add('a', 'unknown')])).toEqual([]);
    expect(kinds({ taskLists: [[task('a')]] }, [add('a', 'unknown')])).toEqual([]);
    expect(kinds({ taskLists: [[task('a'), task('a', 2)]] }, [add('a', 'unknown')])).toEqual(['doubled']);
  });

  it('that were refused, or never asked for, are not there', () => {
    expect(kinds({ taskLists: [[task('a')]] }, [add('a', 'refused')])).toEqual(['invented']);
    expect(kinds({ taskLists: [[task('stranger')]] }, [])).toEqual(['invented']);
  });

  it('have the id that was acknowledged, and no other task of their list has it', () => {
    expect(kinds({ taskLists: [[task('a', 2)]] }, [add('a', 'acknowledged', 1)])).toEqual(['wrong']);
    expect(kinds({ taskLists: [[task('a'), task('b')]] }, [add('a'), add('b')])).toEqual(['duplicate-id']);
    expect(kinds({ taskLists: [[task('a')], [task('b')]] }, [add('a'), add('b')])).toEqual([]);
  });
});

describe('the status of a task', () => {
  const update = (title: string, status: string, answer: CallRecord['answer'] = 'acknowledged'): CallRecord =>
    call('task_update', { id: 1, status }, answer, { task: { id: 1, title } });

  it('is the last one acknowledged', () => {
    const records = [add('a'), update('a', 'in_progress'), update('a', 'completed')];
    expect(kinds({ taskLists: [[task('a', 1, 'completed')]] }, records)).toEqual([]);
    expect(kinds({ taskLists: [[task('a', 1, 'in_progress')]] }, records)).toEqual(['lost']);
    expect(kinds({ taskLists: [[task('a', 1, 'pending')]] }, records)).toEqual(['lost']);
  });

  it('may be one in doubt, which then was meant for that id', () => {
    const records = [add('a'), update('a', 'in_progress'), update('a', 'completed', 'unknown')];
    expect(kinds({ taskLists: [[task('a', 1, 'completed')]] }, records)).toEqual([]);
    expect(kinds({ taskLists: [[task('a', 1, 'in_progress')]] }, records)).toEqual([]);
    const early = [add('a'), update('a', 'completed', 'unknown'), update('a', 'in_progress')];
    expect(kinds({ taskLists: [[task('a', 1, 'completed')]] }, early)).toEqual(['lost']);
  });

  it('may be that of either of two updates that overlap', () => {
    const added = add('a');
    const first = update('a', 'in_progress');
    const records = [added, first, { ...update('a', 'completed'), startedAt: first.startedAt }];
    for (const status of ['in_progress', 'completed'])
      expect(kinds({ taskLists: [[task('a', 1, status)]] }, records)).toEqual([]);
  });
});

describe('plans', () => {
  it('are there once with their issues, under ids of their own', () => {
    const records = [start('p', 1, false, ['i', 'j']), start('q', 2, true)];
    const state = { plans: [plan('q', 2), plan('p', 1, [issue('i'), issue('j', 2)])], cycleTimes: ['t'] };
    expect(kinds(state, records)).toEqual([]);
    expect(kinds({ ...state, plans: [plan('q', 2), plan('p', 1, [issue('i')])] }, records)).toEqual(['lost']);
    expect(kinds({ ...state, plans: [plan('q', 2)] }, records)).toEqual(['lost']);
    expect(
      kinds(
        { ...state, plans: [plan('q', 2), plan('q', 2), plan('p', 1, [issue('i'), issue('j', 2)])] },
        records,
      ),
    ).toEqual(['doubled', 'duplicate-id']);
    expect(
      kinds({ ...state, plans: [plan('q', 1), plan('p', 1, [issue('i'), issue('j', 2)])] }, records),
    ).toEqual(['wrong', 'duplicate-id']);
  });

  it('keep the last decision of each issue', () => {
    const decide = (decision: string, answer: CallRecord['answer'] = 'acknowledged'): CallRecord =>
      call('plan_decide', { issue_id: 1, decision }, answer, { issue: 'i' });
    const reopen = call('plan_update', { action: 'reopen', issue_id: 1 }, 'acknowledged', {
      issue: { title: 'i' },
    });
    const withDecision = (decision?: string): Partial<FinalState> => ({
      plans: [plan('p', 1, [issue('i', 1, decision)])],
    });
    const begin = start('p', 1, false, ['i']);
    expect(kinds(withDecision('x'), [begin, decide('x')])).toEqual([]);
    expect(kinds(withDecision(), [begin, decide('x')])).toEqual(['lost']);
    expect(kinds(withDecision('x'), [begin, decide('x'), decide('y')])).toEqual(['lost']);
    expect(kinds(withDecision('x'), [begin, decide('x'), decide('y', 'unknown')])).toEqual([]);
    expect(kinds(withDecision(), [begin, { ...decide('x'), startedAt: -2, endedAt: -1 }, reopen])).toEqual(
      [],
    );
    expect(kinds(withDecision('z'), [begin])).toEqual(['lost']);
  });
});

describe('cycles', () => {
  const close = (cycle: string, answer: CallRecord['answer'] = 'acknowledged'): CallRecord =>
    call('task_close', {}, answer, { cycle });

  it('are as many as were acknowledged, and at most those in doubt more', () => {
    expect(kinds({ cycleTimes: ['a', 'b'] }, [close('a'), close('b')])).toEqual([]);
    expect(kinds({ cycleTimes: ['a'] }, [close('a'), close('b')])).toEqual(['lost', 'lost']);
    expect(kinds({ cycleTimes: ['a', 'a'] }, [close('a')])).toEqual(['doubled']);
    expect(kinds({ cycleTimes: ['a'] }, [close('a'), close('', 'unknown')])).toEqual([]);
    expect(kinds({ cycleTimes: ['a', 'b'] }, [close('a'), close('', 'unknown')])).toEqual([]);
    expect(kinds({ cycleTimes: ['a', 'b', 'c'] }, [close('a'), close('', 'unknown')])).toEqual(['doubled']);
  });

  it('are the ones that were acknowledged', () => {
    expect(kinds({ cycleTimes: ['x'] }, [close('a')])).toEqual(['lost']);
  });
});

it('of changes one after the other only the last may stand; of overlapping ones any', () => {
  const change = (
    value: string,
    startedAt: number,
    endedAt: number,
    isCertain = true,
  ): Parameters<typeof possibleLastValues<string>>[0][number] => ({ value, startedAt, endedAt, isCertain });
  expect(possibleLastValues([change('a', 0, 1), change('b', 2, 3)])).toEqual(['b']);
  expect(possibleLastValues([change('a', 0, 3), change('b', 2, 4)])).toEqual(['a', 'b']);
  expect(possibleLastValues([change('a', 0, 1), change('b', 2, 3, false)])).toEqual(['a', 'b']);
  expect(possibleLastValues([change('a', 0, 1, false), change('b', 2, 3)])).toEqual(['b']);
});
