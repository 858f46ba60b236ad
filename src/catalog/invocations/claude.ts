import { instanceName, renderCall, renderObservation, renderProseQuestion } from './call.ts';
import { type InvocationTemplates, roleName } from './contract.ts';

/** The question tool takes two to four options; other numbers are asked in prose. */
const OPTIONS = { min: 2, max: 4 } as const;

const THEN = { en: 'Then', ko: '그다음' } as const;
const TASK_ID = { en: '<its id>', ko: '<돌려받은 id>' } as const;
const RESUME_ELSE = {
  en: 'Where that tool is not offered, start a fresh agent with a complete briefing.',
  ko: '그 도구가 제공되지 않으면 브리핑 전체를 담아 새 에이전트를 시작한다.',
} as const;

/** Tool shapes of Claude Code. */
export const CLAUDE: InvocationTemplates = {
  checkedAgainst: '2.1.329',
  render: {
    skill_activation: (params, { skillName }) =>
      renderCall('Skill', { skill: skillName(params.text('skill')), args: params.optional('mode') }),
    subagent_spawn: (params, context) => {
      return renderCall('Agent', {
        subagent_type: roleName(params.text('target_role'), 'Explore', context),
        description: instanceName(params),
        prompt: params.text('prompt'),
      });
    },
    subagent_resume: (params, { lang }) =>
      `${renderCall('SendMessage', { to: params.text('agent_id'), message: params.text('prompt') })}\n${RESUME_ELSE[lang]}`,
    task_register: (params, { lang }) => {
      const label = params.text('label');
      const status = params.text('state');
      const create = renderCall('TaskCreate', { subject: label, description: label });
      if (status === 'pending') return create;
      return `${create}\n${THEN[lang]} ${renderCall('TaskUpdate', { taskId: TASK_ID[lang], status })}`;
    },
    user_question: (params, { lang }) => {
      const options = params.options('options');
      if (options.length < OPTIONS.min || options.length > OPTIONS.max)
        return renderProseQuestion(params, lang);
      return renderCall('AskUserQuestion', {
        questions: [
          {
            question: params.text('question'),
            header: lang === 'ko' ? '결정' : 'Decision',
            options: options.map(({ label, description }) => ({ label, description })),
            multiSelect: false,
          },
        ],
      });
    },
    memory_read_observation: (params, { lang }) => renderObservation(params, lang),
  },
};
