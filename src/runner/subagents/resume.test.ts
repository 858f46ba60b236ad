import { describe, expect, it } from 'vitest';

import type { Role } from './plan-task.ts';
import { evaluateResume, type PriorInstance, type ResumeQuestion } from './resume.ts';
import { targetsOf } from './targets.ts';

const files = (list: string): PriorInstance['targets'] =>
  targetsOf({ title: 't', context: `Files: ${list}` });
const role = (id: string, resumeTier: Role['resumeTier']): Role => ({
  ...{ id, resumeTier, category: 'do', writes: true },
});
const prior: PriorInstance = {
  ...{
    agentId: 's1',
    task: 1,
    role: 'engineer',
    sessionId: 's1',
    backend: 'scripted',
    targets: files('a.ts'),
  },
  ...{ stoppedAt: 10, isRunning: false, resumes: 0 },
};
const question: ResumeQuestion = {
  task: 2,
  ...{
    role: role('engineer', 'bounded'),
    policy: undefined,
    ownerAgentId: undefined,
    targets: files('a.ts'),
  },
  ...{ backend: 'scripted', canResume: true, isRevision: false, instances: [prior], edits: [] },
};
const ask = (more: Partial<ResumeQuestion>): string => {
  const answer = evaluateResume({ ...question, ...more });
  return 'resume' in answer ? `resume ${answer.resume.agentId}` : answer.why;
};

describe('whether an owner goes on', () => {
  it('follows the tier where there is no policy', () => {
    expect(ask({})).toBe('resume s1');
    expect(ask({ targets: files('b.ts') })).toBe('its files are others');
    expect(ask({ targets: files('b.ts'), task: 1 })).toBe('resume s1');
    const tester = { ...prior, role: 'tester' };
    expect(ask({ role: role('tester', 'ephemeral'), instances: [tester] })).toBe('tester always begins anew');
    expect(ask({ role: role('tester', undefined), instances: [tester] })).toBe('tester always begins anew');
    const researcher = { ...prior, role: 'researcher' };
    const persistent = role('researcher', 'persistent');
    expect(ask({ role: persistent, instances: [researcher], targets: files('z.md') })).toBe('resume s1');
  });

  it('follows the policy before the tier, but never past edits of others', () => {
    const edits = [{ agentId: 's2', files: ['a.ts'], at: 11 }];
    expect(ask({ policy: 'fresh' })).toBe('the task says so');
    expect(ask({ policy: 'resume', targets: files('b.ts') })).toBe('resume s1');
    expect(ask({ policy: 'resume', edits })).toBe('somebody else has edited its files since');
    expect(ask({ edits: [{ agentId: 's1', files: ['a.ts'], at: 11 }] })).toBe('resume s1');
    expect(ask({ edits: [{ agentId: 's2', files: ['a.ts'], at: 9 }] })).toBe('resume s1');
    const tester = [{ ...prior, role: 'tester' }];
    const ephemeral = role('tester', 'ephemeral');
    expect(ask({ policy: 'resume_if_same_artifact', role: ephemeral, instances: tester })).toBe('resume s1');
    expect(ask({ policy: 'resume_if_same_artifact', role: ephemeral, instances: tester, edits })).toContain(
      'edited',
    );
  });

  it('begins anew, without a word, where there is nothing to go on with', () => {
    const nothing = 'there is nothing to go on with';
    expect(ask({ canResume: false })).toBe(nothing);
    expect(ask({ backend: 'codex' })).toBe(nothing);
    expect(ask({ instances: [{ ...prior, sessionId: undefined }] })).toBe(nothing);
    expect(ask({ instances: [{ ...prior, isRunning: true }] })).toBe('nobody has worked on it before');
  });

  it('begins anew for a bounded role after three rounds, and after a review that sent it back', () => {
    expect(ask({ instances: [{ ...prior, resumes: 3 }] })).toBe('it has gone on 3 times');
    expect(ask({ isRevision: true })).toBe('a review has sent it back');
  });

  it('takes the instance that the task names before the last one', () => {
    const named = { ...prior, agentId: 's0', sessionId: 's0', stoppedAt: 5 };
    expect(ask({ instances: [named, prior] })).toBe('resume s1');
    expect(ask({ instances: [named, prior], ownerAgentId: 's0' })).toBe('resume s0');
  });
});

describe('which instance goes on', () => {
  it('is the one of the same task, before a later one of the role', () => {
    const later = {
      ...prior,
      agentId: 's2',
      sessionId: 's2',
      task: 5,
      targets: files('z.ts'),
      stoppedAt: 20,
    };
    expect(ask({ task: 1, instances: [prior, later] })).toBe('resume s1');
    expect(ask({ instances: [prior, later] })).toBe('resume s1');
    expect(ask({ instances: [prior, later], targets: files('z.ts') })).toBe('resume s2');
  });
});
