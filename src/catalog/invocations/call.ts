import type { Lang } from '../body.ts';
import type { CallParams, ChoiceOption } from './contract.ts';

/** A value in a call as it is written for a model to read. */
export type CallValue =
  | string
  | boolean
  | readonly CallValue[]
  | { readonly [key: string]: CallValue | undefined };

/** Longest call that stays on one line. */
const MAX_LINE = 100;

/**
 * A tool call in the notation that models know best: `Agent({ prompt: "…" })`. Short calls are one line. A longer one
 * stands in a fenced block, so that the Markdown in its prompt does not become part of the body around it; a text of
 * several lines stands between `"""` as it is, because escaped line breaks are hard to read for models too.
 */
export function renderCall(tool: string, args: Readonly<Record<string, CallValue | undefined>>): string {
  const line = `${tool}(${inline(args)})`;
  if (line.length <= MAX_LINE && !hasBlock(args)) return line;
  const call = `${tool}(${block(args, '')})`;
  const longest = Math.max(2, ...(call.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${call}\n${fence}`;
}

function inline(value: CallValue | undefined): string {
  if (typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(inline).join(', ')}]`;
  return `{ ${entries(value)
    .map(([key, item]) => `${key}: ${inline(item)}`)
    .join(', ')} }`;
}

function block(value: CallValue, indent: string): string {
  const inner = `${indent}  `;
  if (typeof value === 'string' && isBlock(value)) return `"""\n${value}\n"""`;
  if (isList(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => `${inner}${fitted(item, inner)}`).join(',\n')}\n${indent}]`;
  }
  if (typeof value === 'object') {
    const lines = entries(value).map(([key, item]) => `${inner}${key}: ${fitted(item, inner)}`);
    return `{\n${lines.join(',\n')}\n${indent}}`;
  }
  return inline(value);
}

function fitted(value: CallValue, indent: string): string {
  const flat = inline(value);
  return flat.length + indent.length <= MAX_LINE && !hasBlock(value) ? flat : block(value, indent);
}

/** A text that is written between `"""`; one that holds the mark itself has to be escaped instead. */
function isBlock(text: string): boolean {
  return text.includes('\n') && !text.includes('"""');
}

function hasBlock(value: CallValue | undefined): boolean {
  if (typeof value === 'string') return isBlock(value);
  if (isList(value)) return value.some(hasBlock);
  return typeof value === 'object' && entries(value).some(([, item]) => hasBlock(item));
}

function entries(value: object | undefined): [string, CallValue][] {
  return Object.entries(value ?? {}).filter(([, item]) => item !== undefined);
}

function isList(value: unknown): value is readonly CallValue[] {
  return Array.isArray(value);
}

const ASK = { en: 'Ask the user in prose', ko: '사용자에게 글로 묻는다' } as const;
const WAIT = { en: 'Wait for the answer.', ko: '답을 기다린다.' } as const;
const PICK = {
  en: 'Wait for the answer and map it to one of these.',
  ko: '답을 기다려 아래 선택지 중 하나로 해석한다.',
} as const;

/** The question without a tool: a sentence and a numbered list. */
export function renderProseQuestion(params: CallParams, lang: Lang): string {
  const options = params.options('options');
  const question = `${ASK[lang]}: ${JSON.stringify(params.text('question'))}`;
  if (options.length === 0) return `${question} ${WAIT[lang]}`;
  return [`${question} ${PICK[lang]}`, ...options.map(numbered)].join('\n');
}

function numbered({ label, description }: ChoiceOption, at: number): string {
  return `${at + 1}. ${label}: ${description}`;
}

const OBSERVED = {
  en: (params: CallParams) =>
    `(The read of ${params.text('file_path')} by ${params.text('reader_identity')} at ${params.text('observed_at')} is recorded by the hook; there is nothing to call.)`,
  ko: (params: CallParams) =>
    `(${params.text('reader_identity')}이(가) ${params.text('observed_at')}에 ${params.text('file_path')}을(를) 읽은 사실은 훅이 기록한다. 따로 호출할 것은 없다.)`,
} as const;

/** Reads of memory are observed by the hook behind every tool call, in all harnesses. */
export function renderObservation(params: CallParams, lang: Lang): string {
  return OBSERVED[lang](params);
}

/** Names the instance: what the author wrote, else the role. */
export function instanceName(params: CallParams): string {
  return params.optional('name') ?? params.text('target_role');
}
