import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { findProgram, isProgram } from '../../base/find-program.ts';
import type { Backend, BackendPlace, Located, Offer, StreamReader } from './contract.ts';
import type { RunEvent } from './events.ts';
import {
  asCost,
  asCount,
  asList,
  asObject,
  asText,
  isTransient,
  type JsonRecord,
  parseRecord,
} from './read-json.ts';

/** Claude Code without a person: `claude -p`, the prompt on standard input, events as JSON lines. */
export const claudeCode: Backend = {
  name: 'claude_code',
  resumes: true,
  environment: [
    'ANTHROPIC_*',
    'CLAUDE_CONFIG_DIR',
    'CLAUDE_CODE_*',
    'DISABLE_*',
    'AWS_*',
    'GOOGLE_APPLICATION_CREDENTIALS',
  ],
  locate,
  offer: () => ({ args: ['--help'], parse: parseHelp, dependsOn: [] }),
  command: (request, { settings }) => {
    const option = (flag: string, value: string): string[] => (value === '' ? [] : [flag, value]);
    const { skip_permissions: skipPermissions = false, args = [] } = settings.claude_code ?? {};
    return {
      args: [
        '-p',
        ...['--output-format', 'stream-json', '--verbose'],
        ...(skipPermissions ? ['--dangerously-skip-permissions'] : []),
        ...option('--model', request.model),
        ...option('--effort', request.effort),
        ...option('--append-system-prompt', request.systemPrompt),
        ...option('--allowedTools', request.allowedTools.join(',')),
        ...(request.maxTurns === undefined ? [] : ['--max-turns', String(request.maxTurns)]),
        ...(request.maxUsd === undefined ? [] : ['--max-budget-usd', String(request.maxUsd)]),
        ...(request.sessionId === undefined ? [] : ['--resume', request.sessionId]),
        ...args,
        ...request.extraArgs,
      ],
      input: request.prompt,
      env: { DISABLE_AUTOUPDATER: '1' },
      warnings: [],
    };
  },
  interactive: ({ model, effort }, { settings }) => ({
    args: [
      ...(model === '' ? [] : ['--model', model]),
      ...(effort === '' ? [] : ['--effort', effort]),
      ...(settings.claude_code?.args ?? []),
    ],
    env: {},
  }),
  reader,
};

function locate({ env, userHome, savedPaths, settings }: BackendPlace): Located {
  const named = settings.claude_code?.program;
  if (named !== undefined) return { found: true, program: named as [string, ...string[]] };
  const saved = readSavedPath(join(savedPaths, 'claude-cli-path'));
  const folders = [join(userHome, '.local', 'bin'), join(userHome, '.npm-global', 'bin'), '/usr/local/bin'];
  const program =
    [saved, env.CLAUDE_BIN].find((path) => path !== undefined && isProgram(path)) ??
    findProgram('claude', [env.PATH, ...folders].join(delimiter));
  if (program !== undefined) return { found: true, program: [program] };
  return {
    found: false,
    reason: 'Claude Code is not on this machine',
    hint: 'Install it and sign in, or name its program in CLAUDE_BIN.',
  };
}

function readSavedPath(file: string): string | undefined {
  try {
    const path = readFileSync(file, 'utf8').trim();
    return path === '' ? undefined : path;
  } catch {
    return undefined; // none is saved
  }
}

/** The efforts stand in the help; which models there are it does not tell. */
function parseHelp(help: string): Offer | undefined {
  const found = /--effort\s+<[^>]*>[^(]*\(([^)]*)\)/.exec(help)?.[1];
  const efforts = found?.match(/[a-z]+/g)?.filter((word) => word !== 'choices');
  return efforts === undefined ? undefined : { models: undefined, defaultEfforts: efforts };
}

function reader(): StreamReader {
  /** A message comes in several lines with the same id and the same usage. */
  const seen = new Set<string>();
  let isEnded = false;
  return {
    line: (text) => {
      const record = parseRecord(text);
      if (record === undefined) return [];
      switch (record.type) {
        case 'system':
          return readSystem(record);
        case 'assistant':
          return readAssistant(record, seen);
        case 'user':
          return readToolResults(record);
        case 'result':
          isEnded = true;
          return readResult(record);
        default:
          return [];
      }
    },
    end: ({ code, stderr }) => {
      if (isEnded || code === 0) return [];
      const message = stderr.trim().split('\n').at(-1) || `Claude Code ended with ${code ?? 'a signal'}`;
      return [{ kind: 'failure', message, transient: isTransient(undefined, message) }];
    },
  };
}

function readSystem(record: JsonRecord): RunEvent[] {
  const events: RunEvent[] = [];
  const sessionId = asText(record.session_id);
  if (sessionId !== undefined) events.push({ kind: 'session', sessionId });
  if (record.subtype === 'init') {
    const model = asText(record.model);
    if (model !== undefined) events.push({ kind: 'used', model });
  } else if (record.subtype === 'api_retry') {
    events.push({ kind: 'retry', message: asText(record.error) ?? 'the provider was asked again' });
  }
  return events;
}

function readAssistant(record: JsonRecord, seen: Set<string>): RunEvent[] {
  const message = asObject(record.message) ?? {};
  const events: RunEvent[] = [];
  const id = asText(message.id) ?? '';
  if (id === '' || !seen.has(id)) {
    seen.add(id);
    const usage = asObject(message.usage);
    events.push({ kind: 'turn' });
    if (usage !== undefined) events.push({ kind: 'usage', ...readUsage(usage) });
  }
  for (const part of asList(message.content).map(asObject)) {
    if (part?.type === 'text') events.push({ kind: 'text', text: asText(part.text) ?? '' });
    if (part?.type === 'tool_use')
      events.push({ kind: 'tool', name: asText(part.name) ?? 'tool', status: 'started' });
  }
  return events;
}

function readToolResults(record: JsonRecord): RunEvent[] {
  return asList(asObject(record.message)?.content)
    .map(asObject)
    .filter((part) => part?.type === 'tool_result')
    .map((part) => ({ kind: 'tool', name: 'tool', status: part?.is_error === true ? 'failed' : 'done' }));
}

const LIMITS: Readonly<Record<string, 'turns' | 'cost_run'>> = {
  error_max_turns: 'turns',
  error_max_budget_usd: 'cost_run',
};

/** A result may say `success` and still be an error: both fields count. */
function readResult(record: JsonRecord): RunEvent[] {
  const events: RunEvent[] = [];
  const sessionId = asText(record.session_id);
  if (sessionId !== undefined) events.push({ kind: 'session', sessionId });
  const usage = asObject(record.usage);
  const models = Object.keys(asObject(record.modelUsage) ?? {});
  if (models.length === 1 && models[0] !== undefined) events.push({ kind: 'used', model: models[0] });
  if (usage !== undefined || typeof record.total_cost_usd === 'number')
    events.push({ kind: 'total', ...readUsage(usage ?? {}), ...asCost(record.total_cost_usd) });
  const subtype = asText(record.subtype) ?? 'success';
  if (record.is_error === true || subtype !== 'success') {
    const message = asText(record.result) ?? asText(record.terminal_reason) ?? subtype;
    const limit = LIMITS[subtype];
    events.push({
      kind: 'failure',
      message,
      transient: isTransient(undefined, message),
      ...(limit && { limit }),
    });
    return events;
  }
  const structured = record.structured_output;
  const answer = structured === undefined ? asText(record.result) : JSON.stringify(structured);
  if (answer !== undefined) events.push({ kind: 'answer', text: answer });
  return events;
}

function readUsage(usage: JsonRecord): {
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
} {
  const cached = asCount(usage.cache_read_input_tokens);
  return {
    inputTokens: asCount(usage.input_tokens) + asCount(usage.cache_creation_input_tokens) + cached,
    cachedInputTokens: cached,
    outputTokens: asCount(usage.output_tokens),
  };
}
