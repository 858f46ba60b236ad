import { NexoError } from '../errors.ts';
import type { PluginLibrary } from '../plugins/library.ts';
import type { CommandContext } from './command.ts';

/** Opens the operator's plugins, does the work, and ends what it started. */
export async function withPlugins<T>(
  context: CommandContext,
  work: (library: PluginLibrary) => T | Promise<T>,
): Promise<T> {
  const { openLibrary } = await import('../plugins/open.ts');
  const { resolveHomePaths } = await import('../home/paths.ts');
  const { io } = context;
  const library = openLibrary({
    paths: resolveHomePaths(io.env, io.userHome()),
    env: io.env,
    log: () => {}, // each command shows what is wrong in its own way
  });
  try {
    library.refresh();
    await library.settled();
    return await work(library);
  } finally {
    await library.close();
  }
}

/** Reads `--input '{"query": "Ada"}'`. Throws USAGE for anything but a JSON object. */
export function parseInputObject(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new NexoError('USAGE', '--input is no JSON object.', {
    hint: `Write it like --input '{"name": "value"}'.`,
  });
}
