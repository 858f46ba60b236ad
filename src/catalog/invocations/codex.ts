import { instanceName, renderCall, renderObservation, renderProseQuestion } from './call.ts';
import { type CallParams, type InvocationTemplates, roleName } from './contract.ts';

/** The question tool takes two or three options. */
const OPTIONS = { min: 2, max: 3 } as const;

const TEXT = {
  skill: {
    en: (name: string, mode: string | undefined) =>
      `Use the skill $${name}${mode === undefined ? '' : ` in ${mode} mode`}.`,
    ko: (name: string, mode: string | undefined) =>
      `스킬 $${name}을(를) ${mode === undefined ? '' : `${mode} 모드로 `}사용한다.`,
  },
  spawn: {
    en: (name: string) => `Where the tool asks for task_name, use ${JSON.stringify(name)}.`,
    ko: (name: string) => `도구가 task_name을 요구하면 ${JSON.stringify(name)}을(를) 쓴다.`,
  },
  resume: {
    en: (calls: string) =>
      `Where followup_task is not offered:\n${calls}\nWithout either, start a fresh agent with a complete briefing.`,
    ko: (calls: string) =>
      `followup_task가 제공되지 않으면:\n${calls}\n둘 다 없으면 브리핑 전체를 담아 새 에이전트를 시작한다.`,
  },
  register: {
    en: 'Leave this out where update_plan is not offered.',
    ko: 'update_plan이 제공되지 않으면 생략한다.',
  },
  ask: { en: 'Where that tool is not offered:', ko: '그 도구가 제공되지 않으면:' },
} as const;

/** Tool shapes of Codex: both of its sets of collaboration tools, since the model decides which one is there. */
export const CODEX: InvocationTemplates = {
  checkedAgainst: '0.169.0',
  render: {
    skill_activation: (params, { lang, skillName }) =>
      TEXT.skill[lang](skillName(params.text('skill')), params.optional('mode')),
    subagent_spawn: (params, context) => {
      const call = renderCall('spawn_agent', {
        agent_type: roleName(params.text('target_role'), 'explorer', context),
        message: params.text('prompt'),
      });
      return `${call}\n${TEXT.spawn[context.lang](taskName(params))}`;
    },
    subagent_resume: (params, { lang }) => {
      const target = params.text('agent_id');
      const message = params.text('prompt');
      const older = [
        renderCall('resume_agent', { id: target }),
        renderCall('send_input', { target, message: SAME[lang] }),
      ].join('\n');
      return `${renderCall('followup_task', { target, message })}\n${TEXT.resume[lang](older)}`;
    },
    task_register: (params, { lang }) =>
      `${renderCall('update_plan', { plan: [{ step: params.text('label'), status: params.text('state') }] })}\n${TEXT.register[lang]}`,
    user_question: (params, { lang }) => {
      const options = params.options('options');
      const prose = renderProseQuestion(params, lang);
      if (options.length < OPTIONS.min || options.length > OPTIONS.max) return prose;
      const call = renderCall('request_user_input', {
        questions: [
          {
            id: 'decision',
            header: lang === 'ko' ? '결정' : 'Decision',
            question: params.text('question'),
            options: options.map(({ label, description }) => ({ label, description })),
          },
        ],
      });
      return `${call}\n${TEXT.ask[lang]} ${prose}`;
    },
    memory_read_observation: (params, { lang }) => renderObservation(params, lang),
  },
};

const SAME = { en: '<the same message>', ko: '<같은 메시지>' } as const;

/** Task names take small letters, digits and underscores. */
function taskName(params: CallParams): string {
  const name = instanceName(params)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  return name === '' ? 'task' : name;
}
