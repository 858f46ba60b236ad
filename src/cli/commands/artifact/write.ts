import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { NexoError, systemErrorCode } from '../../../errors.ts';
import type { CommandContext } from '../../command.ts';
import { required, text } from '../../flags.ts';
import { defineToolCommand } from '../../tool-command.ts';

export default defineToolCommand({
  tool: 'artifact_write',
  description:
    'Stores a text file below .nexus/state/artifacts/, replacing one of the same name. ' +
    'The content comes from --file, or from standard input. ' +
    'Closing the cycle neither moves nor deletes artifacts; they are not in git.',
  example: 'echo "All green" | nexo artifact write --filename report.md',
  flags: {
    filename: required(text('name to store it under; folders are allowed', { placeholder: 'name' })),
    file: text('file to take the content from', { placeholder: 'path', completes: 'file' }),
  },
  input: async ({ filename, file }, context) => ({
    filename,
    content: decode(file === undefined ? await readInput(context) : readNamedFile(file, context), file),
  }),
  render: ({ path }: { path: string }, { ink, marks }) => `${ink.good(marks.done)} Stored: ${path}`,
});

async function readInput({ io }: CommandContext): Promise<Uint8Array> {
  if (io.stdinIsTerminal) io.stderr.write('Type the content; Ctrl-D on an empty line ends it.\n');
  const content = await io.readStdin();
  if (content.length > 0) return content;
  throw new NexoError('USAGE', 'No content came in on standard input.', {
    hint: 'Pipe it in, or name a file with --file; an empty file is accepted there.',
  });
}

function readNamedFile(file: string, { io }: CommandContext): Uint8Array {
  try {
    return readFileSync(resolve(io.cwd(), file));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    throw new NexoError('IO_FAILED', `${file} cannot be read: ${REASONS[code] ?? code}.`, {
      hint: 'Nothing was stored.',
      cause: error,
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
};

function decode(content: Uint8Array, file: string | undefined): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch (cause) {
    throw new NexoError(
      'INPUT_INVALID',
      `${file ?? 'Standard input'} is not UTF-8 text, and artifacts are text.`,
      {
        hint: 'Convert it first, for example with base64.',
        cause,
      },
    );
  }
}
