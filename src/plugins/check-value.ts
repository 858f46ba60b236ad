import { type CheckValue, compileJsonSchema } from '../base/json-schema.ts';
import { NexoError } from '../errors.ts';
import { OverBudget, withinBudget } from './budget.ts';
import type { JsonObject, PluginTool } from './contract.ts';
import { pluginError } from './plugin-error.ts';

/**
 * How long it may take to hold one value against its schema, in milliseconds: an honest schema needs a thousandth of it,
 * also on a machine that has much else to do.
 */
const CHECK_MS = 1000;
/** The same for making the check out of a schema, which loads the compiler the first time. */
const COMPILE_MS = 5000;
/** How many faults go into a message. */
const MAX_FAULTS = 3;

const compiled = new WeakMap<JsonObject, CheckValue>();

/** Throws TOOL_INPUT_INVALID when the input is not what the tool takes. */
export function checkInput(file: string, { name, inputSchema }: PluginTool, input: unknown): JsonObject {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw new NexoError('TOOL_INPUT_INVALID', `The input of ${name} has to be an object.`);
  const faults = faultsOf(file, inputSchema, input);
  if (faults.length === 0) return { ...input };
  throw new NexoError('TOOL_INPUT_INVALID', `The input of ${name} does not fit: ${shown(faults)}`, {
    hint: `Look at its parameters: nexo plugins get ${file}`,
    data: { plugin: file, tool: name, faults },
  });
}

/** Throws PLUGIN_RESULT_INVALID when the answer is not what the tool has promised. */
export function checkResult(file: string, { name, outputSchema }: PluginTool, value: unknown): void {
  if (outputSchema === undefined) return;
  const faults = faultsOf(file, outputSchema, value);
  if (faults.length === 0) return;
  throw pluginError(
    'PLUGIN_RESULT_INVALID',
    file,
    `the answer of ${name} is not what it promises: ${shown(faults)}`,
    {
      hint: `Correct the tool or its outputSchema in ${file}.`,
      data: { tool: name, faults },
    },
  );
}

function faultsOf(file: string, schema: JsonObject, value: unknown): readonly string[] {
  try {
    const check = compiled.get(schema) ?? withinBudget(COMPILE_MS, () => compileJsonSchema(schema));
    compiled.set(schema, check);
    return withinBudget(CHECK_MS, () => check(value));
  } catch (error) {
    if (error instanceof OverBudget)
      throw pluginError(
        'PLUGIN_RESULT_INVALID',
        file,
        `its schema takes longer than ${CHECK_MS / 1000} s to check a value`,
        {
          hint: 'Make the patterns in it simpler.',
        },
      );
    if (!(error instanceof NexoError)) throw error;
    throw pluginError('PLUGIN_RESULT_INVALID', file, error.message.replace(/\.$/, ''), { cause: error });
  }
}

function shown(faults: readonly string[]): string {
  const more = faults.length > MAX_FAULTS ? ` (and ${faults.length - MAX_FAULTS} more)` : '';
  return faults.slice(0, MAX_FAULTS).join(' ').replace(/\.$/, '') + more;
}
