import type { ProjectRoot } from '../workspace/root.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { type Completes, type FlagTable, type FlagValues, flagName, type RawFlag } from './flags.ts';
import type { Io } from './io.ts';
import { printable } from './render/printable.ts';
import type { View } from './render/view.ts';

/** A word without a flag before it. */
export interface Positional {
  readonly name: string;
  readonly description: string;
  readonly required?: boolean;
  readonly variadic?: boolean;
  readonly choices?: readonly string[];
  readonly completes?: Completes;
}

/** The project in use: `--root` beats every other way to find it. */
export interface ChosenRoot {
  readonly path: string;
  readonly source: ProjectRoot['source'] | 'flag';
}

/** What a command is given besides its own flags. */
export interface CommandContext {
  readonly io: Io;
  readonly json: boolean;
  readonly view: View;
  /** False without a terminal, in CI and with `--json`: then nothing may ask a question. */
  readonly interactive: boolean;
  /** The value of `--root`, as typed. */
  readonly rootFlag: string | undefined;
  /** Throws PROJECT_ROOT_AMBIGUOUS or PROJECT_ROOT_MISSING. */
  root(): Promise<ChosenRoot>;
  workspace(): Promise<Workspace>;
  /** A line for the person, on standard error, never part of the result. */
  note(line: string): void;
  /** Output as it happens: on standard output, or on standard error when that carries a JSON document. */
  stream(text: string): void;
}

export interface CommandInput<F extends FlagTable> {
  readonly flags: FlagValues<F>;
  readonly words: readonly string[];
  readonly context: CommandContext;
}

export interface CommandSpec<F extends FlagTable, Data> {
  /** What it does and when to use it, a sentence or a short paragraph. */
  readonly description: string;
  /** One command line that works as it stands; run by the tests. */
  readonly example: string;
  readonly flags: F;
  readonly positionals?: readonly Positional[];
  /**
   * `protocol`: standard output belongs to somebody else (an MCP client, git), so the edge writes nothing there,
   * not even an error. `lines`: with `--json` the command writes documents of one line each while it goes on, and the
   * result, or the error, is the last of them.
   */
  readonly stdout?: 'result' | 'protocol' | 'lines';
  /**
   * It ends itself cleanly when `context.io.signal` is aborted; others are ended at once, which loses nothing.
   * `as-done`: it runs until it is told to stop, so its own exit code stands and not that of the signal, and it sees to
   * it itself that the end comes in time.
   */
  readonly stopsItself?: boolean | 'as-done';
  run(input: CommandInput<F>): Promise<Data>;
  /** The document of `--json`, where that is not all of the data. */
  document?(data: Data): unknown;
  /** The result as text. Every string in `data` is already safe to print (see `printable`). */
  render?(data: Data, view: View): string;
  /** Instead of `render`: text that is printed as it is, such as a script. What is not ours is made safe by it. */
  verbatim?(data: Data, view: View): string;
  /** True when the command did its work and the answer is bad news: exit code 1. */
  failed?(data: Data): boolean;
  /** Instead of `failed`, where the answer has more than two exit codes. */
  exitCode?(data: Data): number;
}

export interface CommandOutcome {
  readonly data: unknown;
  readonly exitCode: number;
  text(view: View): string;
}

/** A command as the edge sees it, its types closed over. */
export interface Command {
  readonly description: string;
  readonly example: string;
  readonly flags: FlagTable;
  readonly positionals: readonly Positional[];
  readonly stdout: 'result' | 'protocol' | 'lines';
  readonly stopsItself: boolean | 'as-done';
  /** Throws USAGE when `raw` does not fit the flags. */
  execute(
    raw: Readonly<Record<string, RawFlag>>,
    words: readonly string[],
    context: CommandContext,
  ): Promise<CommandOutcome>;
}

/** Defines a command: data in, data out, and how to show it. The edge parses, prints and sets the exit code. */
export function defineCommand<const F extends FlagTable, Data>(spec: CommandSpec<F, Data>): Command {
  return {
    description: spec.description,
    example: spec.example,
    flags: spec.flags,
    positionals: spec.positionals ?? [],
    stdout: spec.stdout ?? 'result',
    stopsItself: spec.stopsItself ?? false,
    async execute(raw, words, context) {
      const data = await spec.run({ flags: readFlags(spec.flags, raw), words, context });
      return {
        data: spec.document === undefined ? data : spec.document(data),
        exitCode: spec.exitCode?.(data) ?? (spec.failed?.(data) === true ? 1 : 0),
        text: (view) => spec.verbatim?.(data, view) ?? spec.render?.(printable(data), view) ?? '',
      };
    },
  };
}

function readFlags<F extends FlagTable>(table: F, raw: Readonly<Record<string, RawFlag>>): FlagValues<F> {
  const values = Object.entries(table).map(([key, flag]) => [key, flag.read(raw[key], flagName(key))]);
  // Each value was made by the reader of its own key, which is what FlagValues says.
  return Object.fromEntries(values) as FlagValues<F>;
}
