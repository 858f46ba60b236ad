import { describe, expect, it } from 'vitest';

import { scratchCatalog } from '../../../test/support/catalog.ts';
import { NexoError } from '../../errors.ts';
import { TEMPLATES } from '../invocations/templates.ts';
import { loadCatalog } from '../load.ts';
import { macroWords } from '../validate.ts';
import { checkMacros, expandBody, expandMacros } from './expand.ts';

const words = macroWords(loadCatalog(scratchCatalog().layers));
const options = { words, templates: TEMPLATES.claude, lang: 'en' } as const;

describe('expandMacros', () => {
  it('replaces the macros and nothing else', () => {
    const text = 'Say {{task_register label=Build state=pending}} and } } { {.\n';
    expect(expandMacros(text, options)).toEqual({
      text: 'Say TaskCreate({ subject: "Build", description: "Build" }) and } } { {.\n',
      faults: [],
    });
  });

  it('indents what stands in a list', () => {
    const text =
      '1. Hand it out:\n\n   {{subagent_spawn target_role=tester prompt=>>P}}\n   One\n     two\n   <<P\n2. Next\n';
    expect(expandMacros(text, options).text).toBe(
      '1. Hand it out:\n\n   ```text\n   Agent({\n     subagent_type: "tester",\n     description: "tester",\n     prompt: """\n   One\n     two\n   """\n   })\n   ```\n2. Next\n',
    );
  });

  it.each([
    ['an unknown primitive', '{{subagent_start target_role=tester}}', 'there is no primitive subagent_start'],
    ['a missing parameter', '{{subagent_spawn target_role=tester}}', 'prompt is missing'],
    [
      'an unsupported parameter',
      '{{skill_activation skill=nx-run modus=auto}}',
      'there is no parameter modus',
    ],
    ['a value outside of an enumeration', '{{task_register label=x state=done}}', 'state is "done"'],
    [
      'a role that is no agent',
      '{{subagent_spawn target_role=coder prompt=x}}',
      '"coder", which is no agent',
    ],
    ['a skill that is none', '{{skill_activation skill=nx-fly}}', '"nx-fly", which is no skill'],
    ['a list where a text belongs', '{{task_register label=["x"] state=pending}}', 'label is no text'],
    ['an empty text', '{{task_register label="" state=pending}}', 'label is no text'],
    [
      'a text where options belong',
      '{{user_question question=x options=yes}}',
      'options is no list of options',
    ],
    [
      'an option without a description',
      '{{user_question question=x options=[{"label":"a"}]}}',
      'options is no list',
    ],
    [
      'an option with more',
      '{{user_question question=x options=[{"label":"a","description":"b","c":1}]}}',
      'options is no list',
    ],
  ])('reports %s and leaves the macro as it is', (_name, macro, message) => {
    const { text, faults } = expandMacros(`a\n\n${macro}\n`, options);
    expect(text).toBe(`a\n\n${macro}\n`);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.line).toBe(3);
    expect(faults[0]?.message).toContain(message);
    expect(faults[0]?.fix).toMatch(/^(Use|Add|It takes|Write) /);
    expect(checkMacros(`a\n\n${macro}\n`, words)).toEqual(faults);
  });

  it('takes a placeholder for a role or a skill, and the explorer of the harness', () => {
    const render = (role: string) =>
      expandMacros(`{{subagent_spawn target_role=${role} prompt=x}}`, options).text;
    expect(render('<owner>')).toBe(
      'Agent({ subagent_type: "<owner>", description: "<owner>", prompt: "x" })',
    );
    expect(render('explore')).toBe(
      'Agent({ subagent_type: "Explore", description: "explore", prompt: "x" })',
    );
  });

  it('calls agents and skills what a plugin calls them, and the explorer what the harness does', () => {
    const names = { agentName: (id: string) => `nexo:${id}`, skillName: (id: string) => `nexo:${id}` };
    const text =
      '{{subagent_spawn target_role=tester prompt=x}} {{subagent_spawn target_role=explore prompt=x}} {{skill_activation skill=nx-run}}';
    expect(expandMacros(text, { ...options, names }).text).toBe(
      'Agent({ subagent_type: "nexo:tester", description: "tester", prompt: "x" }) Agent({ subagent_type: "Explore", description: "explore", prompt: "x" }) Skill({ skill: "nexo:nx-run" })',
    );
  });
});

describe('expandBody', () => {
  it('throws with file, line and fix, and counts the other faults', () => {
    const body = { lang: 'en', file: '/c/body.md', text: 'a\n{{nonsense}}\n{{more}}\n' } as const;
    try {
      expandBody(body, options);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(NexoError);
      expect(error).toMatchObject({
        code: 'MACRO_INVALID',
        message: '/c/body.md:2: there is no primitive nonsense (and 1 more)',
        hint: expect.stringContaining('Use one of skill_activation'),
      });
    }
  });
});
