import { homedir } from 'node:os';
import { isatty } from 'node:tty';

import { NexoError, systemErrorCode } from '../errors.ts';

/** A place to write text: the process's own stream, or a list of strings in a test. */
export interface Output {
  readonly isTerminal: boolean;
  /** Width of the terminal in columns; undefined when there is none. */
  readonly columns: number | undefined;
  /** Height of the terminal in lines, where there is one. */
  readonly rows?: number | undefined;
  write(text: string): void;
}

/** The world as a command sees it. Commands reach the process only through this. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  readonly stdinIsTerminal: boolean;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Throws PROJECT_ROOT_MISSING when the folder has been deleted under the shell. */
  cwd(): string;
  userHome(): string;
  /** Everything that comes in on standard input, to its end. */
  readStdin(): Promise<Uint8Array>;
  /** Puts a question to the person at the terminal; undefined when they close the input instead. */
  ask(question: string): Promise<string | undefined>;
  /** Calls `listener` at each SIGHUP, which ends the program otherwise; answers with the way to stop listening. */
  onHangUp(listener: () => void): () => void;
  /** The file that was started, as the shell named it: through npm's link, that link. */
  readonly program: string;
}

/** The real process. */
export function processIo(signal: AbortSignal): Io {
  return {
    env: process.env,
    // Asking the stream itself would open it, which costs a tenth of a start.
    stdinIsTerminal: isatty(0),
    stdout: streamOutput(process.stdout),
    stderr: streamOutput(process.stderr),
    signal,
    cwd: workingDirectory,
    userHome: homedir,
    readStdin: async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of process.stdin) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    ask: askAtTerminal,
    onHangUp: (listener) => {
      process.on('SIGHUP', listener);
      return () => process.off('SIGHUP', listener);
    },
    program: process.argv[1] ?? '',
  };
}

function streamOutput(stream: NodeJS.WriteStream): Output {
  return {
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
    get rows() {
      return stream.isTTY ? stream.rows : undefined;
    },
    write: (text) => {
      stream.write(text);
    },
  };
}

async function askAtTerminal(question: string): Promise<string | undefined> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((resolve, reject) => {
      terminal.on('close', () => resolve(undefined));
      // The line editor takes Ctrl-C for itself; the process as a whole is to end by it.
      terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      terminal.question(question).then(resolve, reject);
    });
  } finally {
    terminal.close();
  }
}

function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    throw new NexoError('PROJECT_ROOT_MISSING', 'The working directory no longer exists.', {
      hint: 'Go to a folder that exists, or pass --root DIR.',
    });
  }
}
