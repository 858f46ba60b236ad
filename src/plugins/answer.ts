/** What a tool answered, as every door shows it. */
export interface PluginAnswer {
  readonly value: Readonly<Record<string, unknown>>;
  /** It said no: `{ok: false, error: …}`, which is how a tool does so without an exception. */
  readonly isRefusal: boolean;
}

/** Text that is a JSON object is that object; any other answer stands in `result`, as clients want an object. */
export function toPluginAnswer(answered: unknown): PluginAnswer {
  const whole = typeof answered === 'string' ? (objectIn(answered) ?? { result: answered }) : answered;
  const value = isObject(whole) ? { ...whole } : { result: whole };
  return { value, isRefusal: 'ok' in value && value.ok === false && 'error' in value };
}

function objectIn(text: string): object | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // text that only begins like JSON
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
