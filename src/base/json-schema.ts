import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';

import { NexoError } from '../errors.ts';

/** What is wrong with a value, a sentence each; none when it fits. */
export type CheckValue = (value: unknown) => readonly string[];

/** A check for a JSON Schema, draft 2020-12. Throws INPUT_INVALID when the schema itself is unusable. */
export function compileJsonSchema(schema: Readonly<Record<string, unknown>>): CheckValue {
  // Formats and keywords that we do not know say nothing, as the standard has it.
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false, logger: false });
  try {
    const { $schema: _draft, ...own } = schema;
    const validate = ajv.compile(own);
    return (value) => (validate(value) ? [] : (validate.errors ?? []).map(inWords));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NexoError('INPUT_INVALID', `The JSON Schema cannot be used: ${why}.`, { cause });
  }
}

function inWords({ instancePath, message = 'does not fit', params }: ErrorObject): string {
  const place = instancePath === '' ? 'The value' : `"${instancePath.slice(1).replaceAll('/', '.')}"`;
  const allowed: unknown = params.allowedValues;
  const named: unknown = params.additionalProperty;
  const more = Array.isArray(allowed)
    ? `: ${allowed.map(String).join(', ')}`
    : typeof named === 'string'
      ? `: ${named}`
      : '';
  return `${place} ${message}${more}.`;
}
