import { instanceName, renderCall, renderObservation, renderProseQuestion } from './call.ts';
import { type InvocationTemplates, roleName } from './contract.ts';

const IN_MODE = {
  en: (mode: string) => `Then follow it in ${mode} mode.`,
  ko: (mode: string) => `그런 다음 ${mode} 모드로 따른다.`,
} as const;
const KNOWN_TASK = { en: '<role of that agent>', ko: '<그 에이전트의 역할>' } as const;
const KNOWN_DESCRIPTION = { en: 'Continue', ko: '이어서' } as const;

/** Tool shapes of OpenCode. */
export const OPENCODE: InvocationTemplates = {
  checkedAgainst: '1.18.33',
  render: {
    skill_activation: (params, { lang, skillName }) => {
      const call = renderCall('skill', { name: skillName(params.text('skill')) });
      const mode = params.optional('mode');
      return mode === undefined ? call : `${call}\n${IN_MODE[lang](mode)}`;
    },
    subagent_spawn: (params, context) => {
      return renderCall('task', {
        subagent_type: roleName(params.text('target_role'), 'explore', context),
        description: instanceName(params),
        prompt: params.text('prompt'),
      });
    },
    subagent_resume: (params, { lang }) =>
      renderCall('task', {
        task_id: params.text('agent_id'),
        subagent_type: KNOWN_TASK[lang],
        description: KNOWN_DESCRIPTION[lang],
        prompt: params.text('prompt'),
      }),
    task_register: (params) =>
      renderCall('todowrite', {
        todos: [{ content: params.text('label'), status: params.text('state'), priority: 'medium' }],
      }),
    user_question: (params, { lang }) => {
      const options = params.options('options');
      if (options.length === 0) return renderProseQuestion(params, lang);
      return renderCall('question', {
        questions: [
          {
            question: params.text('question'),
            header: lang === 'ko' ? '결정' : 'Decision',
            options: options.map(({ label, description }) => ({ label, description })),
          },
        ],
      });
    },
    memory_read_observation: (params, { lang }) => renderObservation(params, lang),
  },
};
