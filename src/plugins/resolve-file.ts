import { NexoError } from '../errors.ts';
import type { Discovered, FoundPlugin } from './discover.ts';
import { stemOf } from './names.ts';

/**
 * The plugin that a person means: its file name, or that without its extension. Core comes first, as it loads first.
 * Throws PLUGIN_NAME_INVALID for what is no plain file name, PLUGIN_NOT_FOUND, and PLUGIN_NAME_INVALID when two fit.
 */
export function findPluginFile({ found, skipped }: Discovered, name: string): FoundPlugin {
  if (name.trim() === '' || /[/\\]|\.\.|\p{Cc}/u.test(name)) {
    throw new NexoError(
      'PLUGIN_NAME_INVALID',
      `${JSON.stringify(name.slice(0, 80))} is no name of a plugin file.`,
      {
        hint: 'Give the file name alone, such as crm-bridge.ts; plugins lie directly in the plugins folder.',
      },
    );
  }
  const exact = found.filter(({ file }) => file === name);
  const fitting = exact.length > 0 ? exact : found.filter(({ file }) => stemOf(file) === name);
  const [first, second] = fitting;
  if (first === undefined) {
    const left = skipped.find(({ file }) => file === name || stemOf(file) === name);
    if (left !== undefined)
      throw new NexoError('PLUGIN_NOT_FOUND', `The plugin ${left.file} is left alone: ${left.reason}.`);
    throw new NexoError('PLUGIN_NOT_FOUND', `There is no plugin ${name.slice(0, 80)}.`, {
      hint: 'nexo plugins list shows all; nexo plugins create makes a new one.',
    });
  }
  if (second !== undefined && second.file !== first.file) {
    throw new NexoError(
      'PLUGIN_NAME_INVALID',
      `${name} may be ${fitting.map(({ file }) => file).join(' or ')}.`,
      {
        hint: 'Give the file name with its extension.',
      },
    );
  }
  return fitting.findLast(({ origin }) => origin === 'personal') ?? first;
}
