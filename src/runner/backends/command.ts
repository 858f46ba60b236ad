import { writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

import { findProgram, isProgram } from '../../base/find-program.ts';
import type { Backend, BackendPlace, BackendRequest, Located, StreamReader } from './contract.ts';
import { parseEventLine } from './events.ts';
import { foldedPrompt } from './fold-prompt.ts';
import { isTransient } from './read-json.ts';

/** Any program, by a template of its arguments. Each word of the template is one word of the command: no shell. */
export const command: Backend = {
  name: 'command',
  resumes: true,
  environment: [],
  locate,
  offer: ({ settings }) => {
    const { models, efforts } = settings.command ?? {};
    return { models: models?.map((id) => ({ id, efforts })), defaultEfforts: efforts };
  },
  command: (request, { settings }) => {
    const { args = [], resume_args: resumeArgs, input = 'prompt' } = settings.command ?? {};
    const template = request.sessionId === undefined ? args : (resumeArgs ?? args);
    const warnings =
      request.sessionId !== undefined &&
      resumeArgs === undefined &&
      !args.some((word) => word.includes('{session}'))
        ? ['The command has no resume_args and no {session}, so it begins anew.']
        : [];
    const takesSystemPrompt = template.some((word) => word.includes('{system_prompt}'));
    const folded = foldedPrompt(takesSystemPrompt ? { ...request, systemPrompt: '' } : request);
    return {
      args: [...fill(template, request, folded), ...request.extraArgs],
      input: input === 'prompt' ? folded : '',
      env: {},
      warnings,
    };
  },
  // Which of the two forms a line has shows by itself, so a program may print both.
  reader,
};

function locate({ env, settings }: BackendPlace): Located {
  const [file, ...words] = settings.command?.program ?? [];
  if (file === undefined) {
    return {
      found: false,
      reason: 'No command is configured',
      hint: 'Name a program under backends: command: in config/runtime.yaml.',
    };
  }
  const program = isAbsolute(file) ? (isProgram(file) ? file : undefined) : findProgram(file, env.PATH);
  if (program !== undefined) return { found: true, program: [program, ...words] };
  return {
    found: false,
    reason: `${file} is not on this machine, or not for this user to run`,
    hint: 'Correct backends: command: program: in config/runtime.yaml.',
  };
}

/** Puts values in the place of `{model}` and the like. A word whose only values are empty is left out. */
function fill(template: readonly string[], request: BackendRequest, prompt: string): string[] {
  let promptFile: string | undefined;
  const values: Readonly<Record<string, () => string>> = {
    model: () => request.model,
    effort: () => request.effort,
    cwd: () => request.cwd,
    session: () => request.sessionId ?? '',
    system_prompt: () => request.systemPrompt,
    prompt: () => prompt,
    prompt_file: () => {
      promptFile ??= writePrompt(request, prompt);
      return promptFile;
    },
  };
  return template.flatMap((word) => {
    let hasPlace = false;
    let hasValue = false;
    const filled = word.replace(/\{([a-z_]+)\}/g, (whole, name: string) => {
      const value = Object.hasOwn(values, name) ? values[name]?.() : undefined;
      if (value === undefined) return whole;
      hasPlace = true;
      hasValue ||= value !== '';
      return value;
    });
    return hasPlace && !hasValue ? [] : [filled];
  });
}

/** In the run's own folder, which is cleared of it when the run has ended. */
function writePrompt({ folder }: BackendRequest, prompt: string): string {
  const path = join(folder, PROMPT_FILE);
  writeFileSync(path, prompt, { mode: 0o600 });
  return path;
}

/** The name under which a prompt lies in a run's folder while the run needs it. */
export const PROMPT_FILE = 'prompt.txt';

/** Lines of text are the answer; a line in our own form of events is one. */
function reader(): StreamReader {
  let failed = false;
  return {
    line: (text) => {
      const event = parseEventLine(text);
      if (event === undefined) return [{ kind: 'text', text: `${text}\n` }];
      failed ||= event.kind === 'failure';
      return [event];
    },
    end: ({ code, stderr }) => {
      if (failed || code === 0) return [];
      const message = stderr.trim().split('\n').at(-1) || `The command ended with ${code ?? 'a signal'}`;
      return [
        { kind: 'failure', message, transient: code === EX_TEMPFAIL || isTransient(undefined, message) },
      ];
    },
  };
}

/** The exit code by which a program asks to be started again later, see sysexits.h. */
const EX_TEMPFAIL = 75;
