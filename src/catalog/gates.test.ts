import { beforeEach, describe, expect, it } from 'vitest';

import { agentMeta, type ScratchCatalog, scratchCatalog, skillMeta } from '../../test/support/catalog.ts';
import { nexoVersion } from '../version.ts';
import { GATES, type Gate } from './finding.ts';
import { loadCatalog } from './load.ts';
import { createManifest, renderManifest } from './manifest.ts';
import { validateCatalog } from './validate.ts';

let scratch: ScratchCatalog;
beforeEach(() => {
  scratch = scratchCatalog();
});

/** What loading cannot see: these gates read the texts. */
const TEXT_GATES: readonly (Gate | undefined)[] = ['G6', 'G7', 'N1', 'N2', 'N4', 'N5', undefined];

/** Findings without those that the manifest has to show after any change of the built-in layer. */
function findings(gate?: Gate) {
  const all = TEXT_GATES.includes(gate)
    ? validateCatalog(scratch.layers, { version: nexoVersion() }).findings
    : loadCatalog(scratch.layers).findings;
  return all
    .filter((finding) => (gate === undefined ? finding.gate !== 'N4' : finding.gate === gate))
    .map(({ gate: name, level, file, line, message, fix }) => {
      expect(fix.length, message).toBeGreaterThan(5);
      return { gate: name, level, file, line, message };
    });
}

const ENGINEER = 'agents/engineer/meta.yml';
const PLAN = 'skills/nx-plan/meta.yml';
const CAPABILITIES = 'vocabulary/capabilities.yml';

/** Each gate: a change of the shipped catalog, and the one finding that follows. */
const BROKEN: readonly [
  Gate,
  string,
  () => string,
  { file?: string; line: number; message: string; level?: 'warning' },
][] = [
  [
    'G1',
    'a missing field',
    () => scratch.edit(ENGINEER, 'name: Engineer\n', ''),
    { line: 1, message: 'name is missing' },
  ],
  [
    'G1',
    'a field that is not known',
    () => scratch.edit(ENGINEER, 'task: Code\n', 'task: Code\nicon: wrench\n'),
    { line: 14, message: 'icon is no field of this file' },
  ],
  [
    'G1',
    'a value of the wrong type',
    () => scratch.edit(ENGINEER, /capabilities:\n(?: {2}- .*\n)+/, 'capabilities: none\n'),
    { line: 6, message: 'capabilities must be a list' },
  ],
  [
    'G1',
    'a tier that no model has',
    () => scratch.edit(ENGINEER, 'model_tier: standard', 'model_tier: medium'),
    { line: 12, message: 'model_tier has a value that is not allowed' },
  ],
  [
    'G1',
    'broken YAML',
    () => scratch.edit(ENGINEER, 'task: Code', 'task: Code: more'),
    { line: 13, message: 'is not valid YAML: Nested mappings are not allowed in compact mappings' },
  ],
  [
    'G1',
    'an empty body',
    () => scratch.write('built-in', 'agents/engineer/body.md', ' \n\n'),
    { line: 1, message: 'is empty' },
  ],
  [
    'G1',
    'a body with front matter',
    () => scratch.edit('agents/engineer/body.md', '# Engineer', '---\nid: x\n---\n# Engineer'),
    { line: 1, message: 'begins with front matter' },
  ],
  [
    'G1',
    'a skill without triggers that is not manual',
    () => scratch.edit(PLAN, 'triggers:\n  - plan\n', ''),
    { line: 1, message: 'triggers are missing; only a skill with manual_only: true has none' },
  ],
  [
    'G1',
    'a summary that is too short',
    () => scratch.edit(PLAN, /summary: .*/, 'summary: Plan'),
    { line: 5, message: 'summary is too short' },
  ],
  [
    'G1',
    'an entry of the vocabulary without a field',
    () => scratch.edit('vocabulary/resume-tiers.yml', '  default: Always start fresh.\n', ''),
    { line: 12, message: 'ephemeral.default is missing' },
  ],
  [
    'G2',
    'a capability that does not exist',
    () => scratch.edit(ENGINEER, 'no_task_create', 'no_coffee'),
    { line: 7, message: 'there is no capability no_coffee' },
  ],
  [
    'G3',
    'a category that does not exist',
    () => scratch.edit(ENGINEER, 'category: do', 'category: make'),
    { line: 5, message: 'there is no category make' },
  ],
  [
    'G3',
    'a second lead',
    () => scratch.edit(ENGINEER, 'category: do', 'category: lead'),
    { line: 5, message: 'the category lead belongs to the agent lead, and only to it' },
  ],
  [
    'G3',
    'a second primary agent',
    () => scratch.edit(ENGINEER, 'task: Code', 'mode: primary'),
    { line: 13, message: 'the agent lead is primary, and no other one is' },
  ],
  [
    'G3',
    'a limit on Lead',
    () => scratch.edit('agents/lead/meta.yml', 'capabilities: []', 'capabilities: [no_file_edit]'),
    { line: 6, message: 'Lead is not gated and has no capabilities' },
  ],
  [
    'G4',
    'a tier that does not exist',
    () => scratch.edit(ENGINEER, 'resume_tier: bounded', 'resume_tier: forever'),
    { line: 11, message: 'there is no resume tier forever' },
  ],
  [
    'G5',
    'a trigger that is no tag',
    () => scratch.edit(PLAN, '  - plan\n', '  - plan\n  - scheme\n'),
    { line: 8, message: 'there is no tag scheme' },
  ],
  [
    'G5',
    'a trigger that is an action',
    () => scratch.edit(PLAN, '  - plan\n', '  - plan\n  - m\n'),
    { line: 8, message: 'the tag activates no skill: m' },
  ],
  [
    'G5',
    'a trigger of another skill',
    () => scratch.edit(PLAN, '  - plan\n', '  - plan\n  - run\n'),
    { line: 8, message: 'the tag activates nx-run: run' },
  ],
  [
    'G5',
    'a capability that blocks nothing',
    () =>
      scratch.edit(
        CAPABILITIES,
        '  blocks_semantic_classes:\n    - nexus_cycle_closure\n',
        '  blocks_semantic_classes: []\n',
      ),
    { line: 40, message: 'no_task_close.blocks_semantic_classes is too short' },
  ],
  [
    'G5',
    'a class that is not snake case',
    () => scratch.edit(CAPABILITIES, 'nexus_cycle_closure', 'cycle-closure'),
    { line: 41, message: 'no_task_close.blocks_semantic_classes.0 must be snake case' },
  ],
  [
    'G5',
    'guidance of a few words',
    () => scratch.edit(CAPABILITIES, /Closing archives[\s\S]*?reported\.\n/, 'Short.\n'),
    { line: 42, message: 'no_task_close.prose_guidance is too short' },
  ],
  [
    'G6',
    'a tool of a harness',
    () => scratch.edit('agents/engineer/body.md', '# Engineer', '# Engineer\n\nCall apply_patch.'),
    { line: 3, message: 'names a tool of a harness: apply_patch' },
  ],
  [
    'G6',
    'call syntax',
    () => scratch.edit('agents/engineer/body.md', '# Engineer', '# Engineer\n\nDo Bash(ls).'),
    { line: 3, message: 'names a tool of a harness: Bash(' },
  ],
  [
    'G6',
    'a namespaced slash command',
    () => scratch.edit('agents/engineer/body.md', '# Engineer', '# Engineer\n\nType /nexo:nx-run.'),
    { line: 3, message: 'names a namespaced slash command: /nexo:nx-run' },
  ],
  [
    'G6',
    'the name of a harness in a description',
    () => scratch.edit(ENGINEER, 'Writes and debugs', 'In Claude Code writes and debugs'),
    { line: 4, message: 'names a harness: Claude Code' },
  ],
  [
    'G6',
    'an unknown macro, which only warns',
    () => scratch.edit('agents/engineer/body.md', '# Engineer', '# Engineer\n\n{{teleport to=mars}}'),
    { line: 3, message: 'there is no primitive teleport', level: 'warning' },
  ],
  [
    'G7',
    'a model',
    () => scratch.edit('agents/engineer/body.md', '# Engineer', '# Engineer\n\nAsk gpt-5.4 first.'),
    { line: 3, message: 'names a model: gpt-5.4' },
  ],
  [
    'G8',
    'a script in the folder',
    () => scratch.write('built-in', 'agents/engineer/run.sh', 'echo\n'),
    { line: 1, message: 'is code, and a catalog holds text only' },
  ],
  [
    'G8',
    'a body that is a program',
    () => scratch.write('built-in', 'agents/engineer/body.md', '#!/bin/sh\necho\n'),
    { line: 1, message: 'begins like a program' },
  ],
  [
    'G9',
    'a file too many',
    () => scratch.write('built-in', 'agents/engineer/notes.md', 'x\n'),
    { line: 1, message: 'does not belong here' },
  ],
  [
    'G9',
    'a file in place of a folder',
    () => scratch.write('built-in', 'agents/README.md', 'x\n'),
    { line: 1, message: 'is not a folder' },
  ],
  [
    'G10',
    'an id that is not the folder',
    () => scratch.edit(ENGINEER, 'id: engineer', 'id: developer'),
    { line: 1, message: 'the id developer is not the name of the folder, engineer' },
  ],
  [
    'G11',
    'a trigger with the wrong text',
    () => scratch.edit('vocabulary/tags.yml', '"[m:gc]"', '"[m-gc]"'),
    { line: 58, message: 'the trigger of m-gc is written "[m-gc]"' },
  ],
  [
    'G11',
    'a variant with the wrong text',
    () => scratch.edit('vocabulary/tags.yml', '"[rule:<any>]"', '"[rule:*]"'),
    { line: 71, message: 'the trigger of rule is written "[rule:*]"' },
  ],
  [
    'N1',
    'a macro without a value it needs',
    () => scratch.edit('agents/engineer/body.md', '# Engineer', '# Engineer\n\n{{task_register label=x}}'),
    { line: 3, message: '{{task_register …}}: state is missing' },
  ],
  [
    'N1',
    'a macro that does not end',
    () => scratch.edit('agents/engineer/body.md', '# Engineer', '# Engineer\n\n{{task_register label=x'),
    { line: 3, message: '{{task_register … expects key=value here' },
  ],
  [
    'N2',
    'a heading too many in Korean',
    () => scratch.edit('agents/engineer/body.ko.md', '## 맡는 일', '## 맡는 일\n\n## 또 하나'),
    { line: 1, message: 'has 12 headings of the levels' },
  ],
  [
    'N2',
    'another macro in Korean',
    () => scratch.edit('skills/nx-run/body.ko.md', 'skill=nx-sync', 'skill=nx-plan'),
    { line: 1, message: 'has the macros' },
  ],
  [
    'N2',
    'a verdict that Korean lacks',
    () => scratch.edit('agents/reviewer/body.ko.md', /BLOCKED/g, '차단'),
    { line: 1, message: 'lacks BLOCKED, which the English one has' },
  ],
  [
    'N3',
    'a vocabulary of one’s own',
    () => scratch.write('personal', 'vocabulary/capabilities.yml', '[]\n'),
    { line: 1, message: 'is not read: a later layer adds tags to the vocabulary, and nothing else' },
  ],
  [
    'N5',
    'a help text that does not exist',
    () => scratch.edit(PLAN, '  - resume_invocation', '  - make_coffee'),
    { line: 9, message: 'there is no help make_coffee for claude, codex, opencode' },
  ],
];

describe('the gates', () => {
  it('pass the shipped catalog, manifest included', () => {
    expect(validateCatalog(scratch.layers, { version: nexoVersion() }).findings).toEqual([]);
  });

  it.each(BROKEN)('%s refuses %s', (gate, _what, change, expected) => {
    const file = change();
    const found = findings(gate);
    expect(found).toContainEqual({
      gate,
      level: expected.level ?? 'error',
      file,
      line: expected.line,
      message: expect.stringContaining(expected.message),
    });
  });

  it('are all tried from this side', () => {
    const tried = new Set([...BROKEN.map(([gate]) => gate), 'N4']);
    expect(Object.keys(GATES).filter((gate) => !tried.has(gate))).toEqual([]);
  });

  it('G9 reports a missing body and a missing metadata file', () => {
    scratch.remove('built-in', 'agents/engineer/body.md');
    scratch.remove('built-in', 'skills/nx-run/meta.yml');
    expect(findings('G9').map(({ file, message }) => [file, message])).toEqual([
      [scratch.path('built-in', 'agents/engineer/body.md'), 'is missing'],
      [scratch.path('built-in', 'skills/nx-run/meta.yml'), 'is missing'],
    ]);
  });

  it('N2 reports a missing translation', () => {
    scratch.remove('built-in', 'agents/engineer/body.ko.md');
    expect(findings('N2')).toMatchObject([
      { file: scratch.path('built-in', 'agents/engineer/body.ko.md'), message: 'is missing' },
    ]);
  });

  it('N1 reports a primitive that a harness cannot say', async () => {
    const { TEMPLATES } = await import('./invocations/templates.ts');
    const { task_register: _gone, ...rest } = TEMPLATES.codex.render;
    const templates = { ...TEMPLATES, codex: { ...TEMPLATES.codex, render: rest } };
    const { findings: found } = validateCatalog(scratch.layers, { version: nexoVersion(), templates });
    expect(found.filter(({ gate }) => gate === 'N1').map(({ message }) => message)).toEqual([
      expect.stringContaining('still has a macro after it was rendered for codex: task_register'),
      expect.stringContaining('still has a macro after it was rendered for codex: task_register'),
      'the primitive task_register has no rendering for codex',
    ]);
  });

  it('N4 notices a changed body, a changed translation, a changed vocabulary and another version', () => {
    expect(findings('N4')).toEqual([]);
    expect(validateCatalog(scratch.layers, { version: '9.9.9' }).findings).toMatchObject([
      { gate: 'N4', line: 2 },
    ]);
    const refresh = (): void => {
      const manifest = createManifest(loadCatalog(scratch.layers), nexoVersion());
      if (manifest !== undefined) scratch.write('built-in', 'manifest.json', renderManifest(manifest));
      expect(findings('N4')).toEqual([]);
    };
    for (const change of [
      () => scratch.edit('agents/engineer/body.md', 'You are the engineer.', 'You are an engineer.'),
      () => scratch.edit('agents/engineer/body.ko.md', '당신은 engineer다.', '너는 engineer다.'),
      () => scratch.edit(CAPABILITIES, 'May not close the cycle.', 'May never close the cycle.'),
    ]) {
      change();
      expect(findings('N4')).toMatchObject([
        { level: 'error', file: scratch.path('built-in', 'manifest.json') },
      ]);
      refresh();
    }
    scratch.remove('built-in', 'manifest.json');
    expect(findings('N4')).toMatchObject([{ message: 'is missing' }]);
  });

  it('N5 notices a harness that lacks a help text', () => {
    scratch.edit('vocabulary/harness-docs.yml', 'codex:', 'codexx:');
    expect(findings('N5').map(({ message }) => message)).toContain(
      'codex lacks instruction_file, slash_command_display, resume_invocation',
    );
  });

  it('take words of a harness from a user as a warning only', () => {
    scratch.write('personal', 'agents/critic/meta.yml', agentMeta('critic'));
    scratch.write('personal', 'agents/critic/body.md', '# Critic\n\nRead AGENTS.md and ask sonnet.\n');
    expect(findings()).toMatchObject([
      { gate: 'G6', level: 'warning', line: 3 },
      { gate: 'G7', level: 'warning', line: 3 },
    ]);
  });

  it('let innocent words pass', () => {
    scratch.write('personal', 'agents/critic/meta.yml', agentMeta('critic'));
    scratch.write(
      'personal',
      'agents/critic/body.md',
      '# Critic\n\nRead, write and edit; run a shell task. Use task_add. See docs/a:b, http://x:80/y and 9:30/10:30.\nA task list, an agent, a skill, `task`, read(2), o(n), {x}, $5, context.\n',
    );
    scratch.write('personal', 'skills/deploy/meta.yml', skillMeta('deploy'));
    scratch.write('personal', 'skills/deploy/body.md', '# Deploy\n');
    expect(findings()).toEqual([]);
  });
});
