import { ownProgram } from '../own-program.ts';
import type { Backend, StreamReader } from './contract.ts';
import { parseEventLine } from './events.ts';
import { foldedPrompt } from './fold-prompt.ts';

/**
 * The built-in backend: a process of this program that follows a script, or echoes. It costs nothing and does the same
 * each time, so everything above a backend can be tried and tested without a key.
 */
export const scripted: Backend = {
  name: 'scripted',
  resumes: true,
  environment: [],
  locate: () => ({ found: true, program: ownProgram() }),
  offer: () => ({
    models: ['scripted', 'scripted-mini'].map((id) => ({ id, efforts: ['low', 'medium', 'high', 'max'] })),
    defaultEfforts: ['low', 'medium', 'high', 'max'],
  }),
  command: (request, { settings }) => {
    const script = request.script ?? settings.scripted?.script;
    const option = (flag: string, value: string | undefined): string[] =>
      value === undefined || value === '' ? [] : [flag, value];
    return {
      args: [
        SCRIPTED_VERB,
        ...option('--script', script),
        ...option('--session', request.sessionId),
        ...option('--model', request.model),
        ...option('--effort', request.effort),
        ...['--attempt', String(request.attempt), '--sessions', `${request.folder}/../sessions`],
        ...request.extraArgs,
      ],
      input: foldedPrompt(request),
      env: {},
      warnings: [],
    };
  },
  reader,
};

/** The first word of the command line that makes this program the scripted agent. */
export const SCRIPTED_VERB = '__scripted';

function reader(): StreamReader {
  let failed = false;
  return {
    line: (text) => {
      const event = parseEventLine(text);
      failed ||= event?.kind === 'failure';
      return event === undefined ? [] : [event];
    },
    end: ({ code, stderr }) => {
      if (failed || code === 0) return [];
      const message = stderr.trim().split('\n').at(-1) || `The script ended with ${code ?? 'a signal'}`;
      return [{ kind: 'failure', message, transient: false }];
    },
  };
}
