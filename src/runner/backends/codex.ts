import { join } from 'node:path';

import { findProgram, isProgram } from '../../base/find-program.ts';
import type { Backend, BackendPlace, BackendRequest, Located, Offer, StreamReader } from './contract.ts';
import type { RunEvent } from './events.ts';
import { foldedPrompt, unheldTools } from './fold-prompt.ts';
import { asCount, asList, asObject, asText, isTransient, type JsonRecord, parseRecord } from './read-json.ts';

/** Codex without a person: `codex exec`, the prompt on standard input, events as JSON lines. */
export const codex: Backend = {
  name: 'codex',
  resumes: true,
  environment: ['OPENAI_*', 'CODEX_*', 'AZURE_OPENAI_API_KEY'],
  locate,
  offer: (place) => ({
    args: ['debug', 'models'],
    parse: parseModels,
    dependsOn: [join(codexHome(place), 'config.toml')],
  }),
  command: (request, { settings }) => ({
    args: commandLine(request, settings.codex ?? {}),
    input: foldedPrompt(request),
    env: {},
    warnings: unheldTools('Codex', request),
  }),
  interactive: ({ model, effort, cwd }, { settings }) => ({
    args: [
      ...['-C', cwd],
      ...(model === '' ? [] : ['-m', model]),
      ...(effort === '' ? [] : ['-c', `model_reasoning_effort=${JSON.stringify(effort)}`]),
      ...(settings.codex?.args ?? []),
    ],
    env: {},
  }),
  reader,
};

function commandLine(
  request: BackendRequest,
  {
    sandbox,
    skip_permissions: skipPermissions = false,
    args = [],
  }: NonNullable<BackendPlace['settings']['codex']>,
): string[] {
  const { sessionId, model, effort, cwd, extraArgs } = request;
  const isNew = sessionId === undefined;
  const setting = (key: string, value: string): string[] => ['-c', `${key}=${JSON.stringify(value)}`];
  return [
    'exec',
    ...(isNew ? [] : ['resume']),
    '--json',
    '--skip-git-repo-check',
    ...(skipPermissions ? ['--dangerously-bypass-approvals-and-sandbox'] : []),
    // A resumed session has no flags for these two: it takes the folder it is started in.
    ...(isNew ? ['-C', cwd] : []),
    ...(sandbox === undefined || skipPermissions ? [] : setting('sandbox_mode', sandbox)),
    ...(model === '' ? [] : ['-m', model]),
    ...(effort === '' ? [] : setting('model_reasoning_effort', effort)),
    ...args,
    ...extraArgs,
    ...(isNew ? [] : [sessionId]),
    '-',
  ];
}

function locate({ env, settings }: BackendPlace): Located {
  const named = settings.codex?.program;
  if (named !== undefined) return { found: true, program: named as [string, ...string[]] };
  const saved = env.CODEX_BIN;
  const program = saved !== undefined && isProgram(saved) ? saved : findProgram('codex', env.PATH);
  if (program !== undefined) return { found: true, program: [program] };
  return {
    found: false,
    reason: 'Codex is not on this machine',
    hint: 'Install it (npm i -g @openai/codex) and sign in, or name its program in CODEX_BIN.',
  };
}

function codexHome({ env, userHome }: BackendPlace): string {
  const { CODEX_HOME: home } = env;
  return home === undefined || home === '' ? join(userHome, '.codex') : home;
}

function parseModels(stdout: string): Offer | undefined {
  const catalog = parseRecord(stdout.trim());
  if (catalog === undefined || !Array.isArray(catalog.models)) return undefined;
  const models = catalog.models.map(asObject).flatMap((model) => {
    const id = asText(model?.slug);
    const efforts = asList(model?.supported_reasoning_levels).flatMap(
      (level) => asText(asObject(level)?.effort) ?? [],
    );
    return id === undefined ? [] : [{ id, efforts }];
  });
  // Which one runs by default is the configuration's choice, except where there is no choice.
  return { models, defaultEfforts: models.length === 1 ? models[0]?.efforts : undefined };
}

function reader(): StreamReader {
  let failed = false;
  let lastError = '';
  let isDone = false;
  return {
    line: (text) => {
      const record = parseRecord(text);
      if (record === undefined) return [];
      const events = readEvent(record);
      if (record.type === 'error') lastError = asText(record.message) ?? lastError;
      if (record.type === 'turn.completed') isDone = true;
      failed ||= events.some(({ kind }) => kind === 'failure');
      return events;
    },
    end: ({ code, stderr }) => {
      if (failed || (code === 0 && isDone)) return [];
      if (code === 0 && lastError === '') return [];
      const lastLine = stderr.trim().split('\n').at(-1);
      const message = lastError || lastLine || `Codex ended with ${code ?? 'a signal'}`;
      return [{ kind: 'failure', message, transient: isTransient(undefined, message) }];
    },
  };
}

function readEvent(record: JsonRecord): RunEvent[] {
  switch (record.type) {
    case 'thread.started': {
      const sessionId = asText(record.thread_id);
      return sessionId === undefined ? [] : [{ kind: 'session', sessionId }];
    }
    case 'turn.completed': {
      const usage = asObject(record.usage) ?? {};
      return [
        { kind: 'turn' },
        {
          kind: 'usage',
          inputTokens: asCount(usage.input_tokens),
          cachedInputTokens: asCount(usage.cached_input_tokens),
          outputTokens: asCount(usage.output_tokens),
        },
      ];
    }
    case 'turn.failed': {
      const message = asText(asObject(record.error)?.message) ?? 'the turn failed';
      return [{ kind: 'failure', message, transient: isTransient(undefined, message) }];
    }
    // Not final: Codex goes on connecting. The end of the process decides.
    case 'error':
      return [{ kind: 'retry', message: asText(record.message) ?? 'an error' }];
    case 'item.started':
    case 'item.completed':
      return readItem(asObject(record.item) ?? {}, record.type === 'item.completed');
    default:
      return [];
  }
}

const TOOLS: ReadonlySet<unknown> = new Set([
  'command_execution',
  'file_change',
  'mcp_tool_call',
  'web_search',
]);

function readItem(item: JsonRecord, isDone: boolean): RunEvent[] {
  if (item.type === 'agent_message') return isDone ? [{ kind: 'answer', text: asText(item.text) ?? '' }] : [];
  // Warnings come as error items, and a run with them is no failed run.
  if (item.type === 'error')
    return isDone ? [{ kind: 'warning', message: asText(item.message) ?? 'a warning' }] : [];
  if (!TOOLS.has(item.type)) return [];
  const name =
    item.type === 'mcp_tool_call'
      ? `${asText(item.server) ?? ''}.${asText(item.tool) ?? ''}`
      : String(item.type);
  const status = isDone
    ? item.status === 'failed' || item.status === 'declined'
      ? 'failed'
      : 'done'
    : 'started';
  return [{ kind: 'tool', name, status }];
}
