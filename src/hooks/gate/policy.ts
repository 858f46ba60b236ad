import type { Effect, GateDecision, GateWorld, TaskAction, ToolCall } from './contract.ts';
import { hasMark, readable } from './marks.ts';
import { mentionsProtected, mentionsTasks } from './mentions.ts';
import { isStream, judgePath } from './paths.ts';

type Denial = Extract<GateDecision, { decision: 'deny' }>;

const ALLOW: GateDecision = { decision: 'allow' };

/** Whether the agent may do all of it; the first effect that it may not do decides. */
export function decideEffects(effects: readonly Effect[], call: ToolCall, world: GateWorld): GateDecision {
  for (const effect of effects) {
    const denial = judge(effect, call, world);
    if (denial !== undefined) return denial;
  }
  return ALLOW;
}

function judge(effect: Effect, call: ToolCall, world: GateWorld): Denial | undefined {
  const may = (capability: string): boolean => !call.capabilities.has(capability);
  switch (effect.kind) {
    case 'malformed':
      return deny('any', effect, 'Send the call again in the form that the tool documents.');
    case 'gate':
      return deny(
        'any',
        effect,
        `An agent may not change the settings that it runs under; name the change to Lead instead.`,
      );
    case 'shell':
      return may('no_shell_exec')
        ? undefined
        : deny('no_shell_exec', effect, 'Use the reading tools, or tell Lead which command to run and why.');
    case 'question':
      return may('no_user_question')
        ? undefined
        : deny(
            'no_user_question',
            effect,
            'Put the question, what depends on it and your recommendation into your report; Lead asks.',
          );
    case 'task':
      return judgeTask(effect.action, effect, call);
    case 'agent':
      return judgeAgent(effect, call);
    case 'write':
      return judgeWrite(effect, call, world);
    case 'unknown': {
      if (!may('no_file_edit'))
        return deny(
          'no_file_edit',
          effect,
          'Use a plain command whose effect can be read off, or report what you need to Lead.',
        );
      return judgeMention(effect, call);
    }
  }
}

function judgeTask(action: TaskAction, effect: Effect, call: ToolCall): Denial | undefined {
  const has = (capability: string): boolean => call.capabilities.has(capability);
  if (has('no_task_create') && (action === 'create' || action === 'any')) {
    return deny('no_task_create', effect, 'Name the missing work in your report; Lead adds tasks.');
  }
  if (has('no_task_update') && action !== 'create') {
    return deny('no_task_update', effect, 'Report the state of the work; Lead changes and closes tasks.');
  }
  if (has('no_task_close') && (action === 'close' || action === 'any')) {
    return deny('no_task_close', effect, 'Report that the work is done; Lead closes the cycle.');
  }
  return undefined;
}

/** An agent outside the gate could do whatever its starter may not. */
function judgeAgent(effect: Extract<Effect, { kind: 'agent' }>, call: ToolCall): Denial | undefined {
  const advice = 'Tell Lead which role is needed and for what; Lead starts agents.';
  if (call.capabilities.has('no_subagent_spawn')) return deny('no_subagent_spawn', effect, advice);
  const theirs = effect.target === undefined ? undefined : call.knownAgents?.get(effect.target);
  const freer = [...call.capabilities].find((capability) => theirs === undefined || !theirs.has(capability));
  return freer === undefined ? undefined : deny(freer, effect, advice);
}

function judgeWrite(
  effect: Extract<Effect, { kind: 'write' }>,
  call: ToolCall,
  world: GateWorld,
): Denial | undefined {
  const { path } = effect;
  if (path !== undefined && !hasMark(path) && isStream(path)) return undefined;
  if (call.capabilities.has('no_file_edit')) {
    return deny(
      'no_file_edit',
      effect,
      'Report the change you want to Lead instead; texts of your own go through the artifact tool.',
    );
  }
  if (path === undefined) return undefined;
  const verdict = judgePath(path, effect.from, effect.recursive === true, { call, world });
  const where = readable(path);
  switch (verdict.kind) {
    case 'inside':
      return undefined;
    case 'outside':
      return deny(
        'any',
        { ...effect, rule: 'outside-workspace', how: `${where} is outside the workspace` },
        'Write inside the workspace, or ask Lead to make the change.',
      );
    case 'state':
      return deny(
        'any',
        { ...effect, rule: 'shared-state', how: `${where} is shared state (${verdict.what})` },
        'Use the nx_ tools that you have; report other changes to Lead.',
      );
    case 'gate':
      return deny(
        'any',
        {
          ...effect,
          rule: 'gate-configuration',
          how: `${where} configures the harness or the gate (${verdict.what})`,
        },
        'An agent may not change the settings that it runs under; name the change to Lead instead.',
      );
    case 'unknown':
      return deny(
        'any',
        {
          ...effect,
          rule: 'unknown-target',
          how: `where the write to ${where} ends cannot be told beforehand`,
        },
        'Write the path out, relative to the workspace.',
      );
  }
}

/** For agents that may edit files: code that nobody can judge may run, unless it names what they must not touch. */
function judgeMention(effect: Extract<Effect, { kind: 'unknown' }>, call: ToolCall): Denial | undefined {
  const { text } = effect;
  if (text === undefined) return undefined;
  const protectedName = mentionsProtected(text, call.gateFiles ?? []);
  if (protectedName !== undefined) {
    return deny(
      'any',
      {
        ...effect,
        rule: 'protected-mention',
        how: `this code names ${readable(protectedName)} and its effect cannot be read off`,
      },
      'Read such files with a plain command; leave changing them to Lead.',
    );
  }
  for (const action of mentionsTasks(text)) {
    const denial = judgeTask(action, { ...effect, kind: 'task', action }, call);
    if (denial !== undefined) return denial;
  }
  return undefined;
}

function deny(capability: string, effect: { rule: string; how: string }, advice: string): Denial {
  const why = capability === 'any' ? 'Refused for an agent with limits' : `Refused by ${capability}`;
  return { decision: 'deny', capability, rule: effect.rule, reason: `${why}: ${effect.how}. ${advice}` };
}
