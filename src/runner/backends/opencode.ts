import { delimiter, join } from 'node:path';

import { findProgram, isProgram } from '../../base/find-program.ts';
import type { Backend, BackendPlace, Located, Offer, OfferedModel, StreamReader } from './contract.ts';
import type { RunEvent } from './events.ts';
import { foldedPrompt, unheldTools } from './fold-prompt.ts';
import { asCost, asCount, asObject, asText, isTransient, type JsonRecord, parseRecord } from './read-json.ts';

/** OpenCode without a person: `opencode run`, the prompt on standard input, events as JSON lines. */
export const opencode: Backend = {
  name: 'opencode',
  resumes: true,
  // Providers take their keys from the environment, each under a name of its own.
  environment: [
    'OPENCODE_*',
    'ANTHROPIC_API_KEY',
    'OPENAI_API_KEY',
    'OPENROUTER_API_KEY',
    'GEMINI_API_KEY',
    'GOOGLE_GENERATIVE_AI_API_KEY',
    'GROQ_API_KEY',
    'MISTRAL_API_KEY',
    'DEEPSEEK_API_KEY',
    'XAI_API_KEY',
    'GITHUB_TOKEN',
    'npm_config_offline',
  ],
  locate,
  offer: (place) => ({
    args: ['models', '--verbose'],
    parse: parseModels,
    dependsOn: ['opencode.json', 'opencode.jsonc'].map((name) => join(configFolder(place), name)),
  }),
  command: (request, { settings }) => {
    const { skip_permissions: skipPermissions = false, args = [] } = settings.opencode ?? {};
    const { sessionId, model, effort, cwd, extraArgs } = request;
    return {
      args: [
        'run',
        ...['--format', 'json', '--dir', cwd],
        ...(skipPermissions ? ['--auto'] : []),
        ...(model === '' ? [] : ['-m', model]),
        ...(effort === '' ? [] : ['--variant', effort]),
        ...(sessionId === undefined ? [] : ['-s', sessionId]),
        ...args,
        ...extraArgs,
      ],
      input: foldedPrompt(request),
      // It takes its folder from here and not from the process's working directory.
      env: { PWD: cwd, OPENCODE_DISABLE_AUTOUPDATE: '1' },
      warnings: unheldTools('OpenCode', request),
    };
  },
  interactive: ({ model, cwd }, { settings }) => ({
    args: [cwd, ...(model === '' ? [] : ['-m', model]), ...(settings.opencode?.args ?? [])],
    env: { PWD: cwd },
  }),
  reader,
};

function locate({ env, userHome, settings }: BackendPlace): Located {
  const named = settings.opencode?.program;
  if (named !== undefined) return { found: true, program: named as [string, ...string[]] };
  const saved = env.OPENCODE_BIN;
  const program =
    saved !== undefined && isProgram(saved)
      ? saved
      : findProgram('opencode', [env.PATH, join(userHome, '.opencode', 'bin')].join(delimiter));
  if (program !== undefined) return { found: true, program: [program] };
  return {
    found: false,
    reason: 'OpenCode is not on this machine',
    hint: 'Install it (npm i -g opencode-ai), or name its program in OPENCODE_BIN.',
  };
}

function configFolder({ env, userHome }: BackendPlace): string {
  const { XDG_CONFIG_HOME: config } = env;
  return join(config === undefined || config === '' ? join(userHome, '.config') : config, 'opencode');
}

/** Lines of `provider/model`, each followed by its data as JSON over several lines. */
function parseModels(stdout: string): Offer | undefined {
  const models: OfferedModel[] = [];
  const parts = stdout.split(/^(?=[\w.@-]+\/\S+$)/m);
  for (const part of parts) {
    const [id = '', ...rest] = part.split('\n');
    if (!/^[\w.@-]+\/\S+$/.test(id)) continue;
    const data = parseRecord(rest.join('\n').trim());
    models.push({ id, efforts: data === undefined ? undefined : Object.keys(asObject(data.variants) ?? {}) });
  }
  if (models.length === 0) return undefined;
  return { models, defaultEfforts: models.length === 1 ? models[0]?.efforts : undefined };
}

function reader(): StreamReader {
  let session = '';
  let failed = false;
  return {
    line: (text) => {
      const record = parseRecord(text);
      if (record === undefined) return [];
      const events = readEvent(record);
      failed ||= events.some(({ kind }) => kind === 'failure');
      const id = asText(record.sessionID);
      if (id === undefined || id === session) return events;
      session = id;
      return [{ kind: 'session', sessionId: id }, ...events];
    },
    end: ({ code, stderr }) => {
      if (failed || code === 0) return [];
      const message = stderr.trim().split('\n').at(-1) || `OpenCode ended with ${code ?? 'a signal'}`;
      return [{ kind: 'failure', message, transient: isTransient(undefined, message) }];
    },
  };
}

function readEvent(record: JsonRecord): RunEvent[] {
  const part = asObject(record.part) ?? {};
  switch (record.type) {
    case 'text':
      return [{ kind: 'text', text: asText(part.text) ?? '' }];
    case 'tool_use': {
      const isError = asObject(part.state)?.status === 'error';
      return [{ kind: 'tool', name: asText(part.tool) ?? 'tool', status: isError ? 'failed' : 'done' }];
    }
    case 'step_finish': {
      const tokens = asObject(part.tokens) ?? {};
      const cached = asCount(asObject(tokens.cache)?.read);
      return [
        { kind: 'turn' },
        {
          kind: 'usage',
          inputTokens: asCount(tokens.input) + asCount(asObject(tokens.cache)?.write) + cached,
          cachedInputTokens: cached,
          outputTokens: asCount(tokens.output) + asCount(tokens.reasoning),
          ...asCost(part.cost),
        },
      ];
    }
    case 'error': {
      const error = asObject(record.error) ?? {};
      const data = asObject(error.data) ?? {};
      const message = asText(data.message) ?? asText(error.name) ?? 'OpenCode reports an error';
      return [{ kind: 'failure', message, transient: isTransient(data.statusCode, message) }];
    }
    default:
      return [];
  }
}
