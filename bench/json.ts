export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member `key` when it is a list, else an empty one. */
export function listAt(value: unknown, key: string): readonly unknown[] {
  const list = isRecord(value) ? value[key] : undefined;
  return Array.isArray(list) ? list : [];
}

/** The text of a tool's result. */
export function textOf(result: unknown): string {
  const [first] = listAt(result, 'content');
  return isRecord(first) && typeof first.text === 'string' ? first.text : JSON.stringify(result);
}
