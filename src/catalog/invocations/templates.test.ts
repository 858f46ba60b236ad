import { describe, expect, it } from 'vitest';

import { scratchCatalog } from '../../../test/support/catalog.ts';
import { loadCatalog } from '../load.ts';
import { expandMacros } from '../macros/expand.ts';
import { macroWords } from '../validate.ts';
import { HARNESSES, type Harness } from './contract.ts';
import { TEMPLATES } from './templates.ts';

const words = macroWords(loadCatalog(scratchCatalog().layers));

function render(harness: Harness, macro: string, lang: 'en' | 'ko' = 'en'): string {
  const { text, faults } = expandMacros(macro, { words, templates: TEMPLATES[harness], lang });
  expect(faults).toEqual([]);
  return text;
}

/** One macro for each primitive, with every parameter, and the values that have to arrive. */
const FULL: Readonly<Record<string, { macro: string; values: readonly string[] }>> = {
  skill_activation: { macro: '{{skill_activation skill=nx-plan mode=auto}}', values: ['nx-plan', 'auto'] },
  subagent_spawn: {
    macro:
      '{{subagent_spawn target_role=engineer name="fix_the_cache" resume_tier_hint=bounded prompt=>>P}}\nTASK: one\n- two "quoted"\n<<P',
    values: ['engineer', 'fix_the_cache', 'TASK: one\n- two "quoted"'],
  },
  subagent_resume: {
    macro: '{{subagent_resume agent_id=a-91 prompt="Read again."}}',
    values: ['a-91', 'Read again.'],
  },
  task_register: {
    macro: '{{task_register label="Build it" state=in_progress}}',
    values: ['Build it', 'in_progress'],
  },
  user_question: {
    macro:
      '{{user_question question="Which way?" options=[{"label": "A", "description": "fast"}, {"label": "B", "description": "safe"}]}}',
    values: ['Which way?', 'A', 'fast', 'B', 'safe'],
  },
  memory_read_observation: {
    macro:
      '{{memory_read_observation file_path=.nexus/memory/a.md reader_identity=architect observed_at=2026-01-02T03:04:05Z}}',
    values: ['.nexus/memory/a.md', 'architect', '2026-01-02T03:04:05Z'],
  },
};

describe('invocation templates', () => {
  it('cover every primitive of the vocabulary, and no others', () => {
    const ids = words.invocations.map(({ id }) => id).sort();
    expect(Object.keys(FULL).sort()).toEqual(ids);
    for (const harness of HARNESSES) expect(Object.keys(TEMPLATES[harness].render).sort()).toEqual(ids);
  });

  describe.each(HARNESSES)('for %s', (harness) => {
    it.each(Object.entries(FULL))('carry every value of %s, in both languages', (_id, { macro, values }) => {
      for (const lang of ['en', 'ko'] as const) {
        const text = render(harness, macro, lang);
        for (const value of values) expect(text).toContain(value);
        expect(text).not.toContain('{{');
      }
    });

    it('ask in prose with a numbered list when the tool does not take so many options', () => {
      const options = ['one', 'two', 'three', 'four', 'five'].map((label) => ({
        label,
        description: `${label}!`,
      }));
      const text = render(harness, `{{user_question question="Which?" options=${JSON.stringify(options)}}}`);
      if (harness === 'opencode') expect(text).toContain('question({');
      else
        expect(text).toBe(
          'Ask the user in prose: "Which?" Wait for the answer and map it to one of these.\n1. one: one!\n2. two: two!\n3. three: three!\n4. four: four!\n5. five: five!',
        );
    });

    it('ask for free text when there are no options', () => {
      expect(render(harness, '{{user_question question="Why?" options=[]}}')).toBe(
        'Ask the user in prose: "Why?" Wait for the answer.',
      );
    });
  });

  it.each([
    ['claude', 'Skill({ skill: "nx-plan", args: "auto" })'],
    ['codex', 'Use the skill $nx-plan in auto mode.'],
    ['opencode', 'skill({ name: "nx-plan" })\nThen follow it in auto mode.'],
  ] as const)('deliver the mode of a skill in %s', (harness, expected) => {
    expect(render(harness, '{{skill_activation skill=nx-plan mode=auto}}')).toBe(expected);
  });

  it.each([
    ['claude', 'Skill({ skill: "nx-run" })'],
    ['codex', 'Use the skill $nx-run.'],
    ['opencode', 'skill({ name: "nx-run" })'],
  ] as const)('say nothing of a mode that is not asked for in %s', (harness, expected) => {
    expect(render(harness, '{{skill_activation skill=nx-run}}')).toBe(expected);
  });

  it.each([
    [
      'claude',
      'TaskCreate({ subject: "Build", description: "Build" })\nThen TaskUpdate({ taskId: "<its id>", status: "completed" })',
    ],
    [
      'codex',
      'update_plan({ plan: [{ step: "Build", status: "completed" }] })\nLeave this out where update_plan is not offered.',
    ],
    ['opencode', 'todowrite({ todos: [{ content: "Build", status: "completed", priority: "medium" }] })'],
  ] as const)('show a step with parameters that the tool of %s has', (harness, expected) => {
    expect(render(harness, '{{task_register label=Build state=completed}}')).toBe(expected);
  });

  it.each([
    [
      'claude',
      'SendMessage({ to: "a-1", message: "Go on." })\nWhere that tool is not offered, start a fresh agent with a complete briefing.',
    ],
    [
      'codex',
      'followup_task({ target: "a-1", message: "Go on." })\nWhere followup_task is not offered:\nresume_agent({ id: "a-1" })\nsend_input({ target: "a-1", message: "<the same message>" })\nWithout either, start a fresh agent with a complete briefing.',
    ],
    [
      'opencode',
      '```text\ntask({\n  task_id: "a-1",\n  subagent_type: "<role of that agent>",\n  description: "Continue",\n  prompt: "Go on."\n})\n```',
    ],
  ] as const)('continue an agent in %s', (harness, expected) => {
    expect(render(harness, '{{subagent_resume agent_id=a-1 prompt="Go on."}}')).toBe(expected);
  });

  it('name the spawned instance as Codex wants it, and never leave it empty', () => {
    expect(
      render('codex', '{{subagent_spawn target_role=tester name="Verify: the Cache!" prompt=x}}'),
    ).toContain('"verify_the_cache"');
    expect(render('codex', '{{subagent_spawn target_role=tester name="검증" prompt=x}}')).toContain('"task"');
  });

  it('keep a prompt with fences and triple quotes in one block', () => {
    const text = render('claude', '{{subagent_spawn target_role=tester prompt=>>P}}\n````md\nx\n````\n<<P');
    expect(text.startsWith('`````text\n')).toBe(true);
    expect(text.endsWith('\n`````')).toBe(true);
    const quoted = render('claude', '{{subagent_spawn target_role=tester prompt=>>P}}\na\n"""\nb\n<<P');
    expect(quoted).toContain(String.raw`prompt: "a\n\"\"\"\nb"`);
  });
});
