import { NexoError } from '../errors.ts';
import type { Command } from './command.ts';
import { createContext } from './context.ts';
import type { Io } from './io.ts';
import { renderFailure, toEnvelope } from './render/failure.ts';
import { printableJson, printableJsonLine } from './render/printable.ts';
import { createView } from './render/view.ts';
import { type Request, readPlainCommandLine } from './request.ts';
import { failureOf } from './table.ts';

/** Exit codes of every command. 130 and 143, for the two signals, are the lifecycle's. */
export const EXIT = { done: 0, failed: 1, usage: 2, caller: 3 } as const;

/** For help inside a JSON document. */
const PLAIN_VIEW = createView({ isTerminal: false, columns: undefined, write: () => {} }, {});

export interface ExecuteOptions {
  /** Told once the command is known, before it runs. */
  onCommand?(command: Command): void;
}

/** Runs one command line from words to printed result, and answers with the exit code. Never throws. */
export async function execute(
  argv: readonly string[],
  io: Io,
  options: ExecuteOptions = {},
): Promise<number> {
  const json = wantsJson(argv);
  let stdoutIsOurs = true;
  let toJson = printableJson;
  try {
    const request = (await readPlainCommandLine(argv)) ?? (await parse(argv, io, json));
    if (request.kind === 'text') {
      io.stdout.write(json ? `${printableJson({ help: request.text.trim() })}\n` : endOfLine(request.text));
      return EXIT.done;
    }
    const { command, raw, words, root } = request;
    stdoutIsOurs = command.stdout !== 'protocol';
    toJson = command.stdout === 'lines' ? printableJsonLine : printableJson;
    options.onCommand?.(command);
    const context = createContext({ io, json, root });
    const outcome = await command.execute(raw, words, context);
    if (stdoutIsOurs)
      io.stdout.write(json ? `${toJson(outcome.data)}\n` : endOfLine(outcome.text(context.view)));
    return outcome.exitCode;
  } catch (error) {
    const failure = json && stdoutIsOurs ? await failureOf(argv)?.() : undefined;
    if (failure === undefined) reportFailure(error, io, json && stdoutIsOurs, toJson);
    else io.stdout.write(`${printableJson(failure(error))}\n`);
    return exitCodeOf(error);
  }
}

async function parse(argv: readonly string[], io: Io, json: boolean): Promise<Request> {
  const { parseCommandLine } = await import('./program.ts');
  return parseCommandLine(argv, json ? PLAIN_VIEW : createView(io.stdout, io.env));
}

/** Whether the answer is to be JSON. Has to be known even when the command line cannot be read. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end === -1 ? argv.length : end).includes('--json');
}

/** The failure where the reader looks for it: the JSON document on standard output, or text on standard error. */
export function reportFailure(
  error: unknown,
  io: Pick<Io, 'stdout' | 'stderr' | 'env'>,
  json: boolean,
  toJson = printableJson,
): void {
  if (json) io.stdout.write(`${toJson(toEnvelope(error))}\n`);
  else io.stderr.write(renderFailure(error, createView(io.stderr, io.env)));
}

/** Failures that say the command line, or a file that it names, is no use: nothing was tried. */
const UNUSABLE_INPUT: ReadonlySet<string> = new Set([
  'USAGE',
  'INPUT_INVALID',
  'CONFORMANCE_FIXTURE_INVALID',
  'BACKEND_UNAVAILABLE',
]);

function exitCodeOf(error: unknown): number {
  if (!(error instanceof NexoError)) return EXIT.failed;
  if (error.code === 'CALLER_UNREGISTERED') return EXIT.caller;
  return UNUSABLE_INPUT.has(error.code) ? EXIT.usage : EXIT.failed;
}

function endOfLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
