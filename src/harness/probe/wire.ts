import { asRecord } from '../payload.ts';

export function asRecords(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(asRecord) : [];
}

/** The text of a message's content: a string, or parts of which some hold text. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return asRecords(content)
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('\n');
}
