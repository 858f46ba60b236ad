import { nodeFileSystem, readRegularFile } from '../base/durable-file.ts';
import { NexoError } from '../errors.ts';

export type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly missing: boolean; readonly message: string; readonly fix: string };

/** A text file of a pack; what is wrong with it is an answer, because one bad file never hides the others. */
export function readPackText(path: string, maxBytes: number): ReadText {
  const bad = (message: string, fix: string, missing = false): ReadText => ({
    ok: false,
    missing,
    message,
    fix,
  });
  let bytes: Buffer;
  try {
    const found = readRegularFile(nodeFileSystem, path, maxBytes);
    if (found === undefined)
      return bad('is missing', 'Add the file, or take its name out of persona.toml.', true);
    bytes = found.bytes;
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    if (error.code === 'FILE_TOO_LARGE') return bad(`has more than ${maxBytes} bytes`, 'Make it smaller.');
    if (error.code === 'PATH_NOT_A_FILE') return bad('is no regular file', 'Put the file itself there.');
    return bad('cannot be read', error.hint ?? 'Check its permissions.');
  }
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return bad('is not UTF-8 text', 'Save it as UTF-8.');
  }
}
