import type { ConfigEdit } from './contract.ts';
import type { EditOutcome } from './json-edit.ts';

export type BlockEdit = Extract<ConfigEdit, { kind: 'block' }>;

/** Puts the block into a text: in place of an older one of ours, else at the end. */
export function insertBlock(text: string, edit: BlockEdit, written: string | undefined): EditOutcome {
  const found = findBlock(text, edit);
  if (found === 'unbalanced')
    return { kind: 'conflict', reason: `its markers "${edit.start}" and "${edit.end}" do not match` };
  const block = renderBlock(edit, eolOf(text));
  if (found !== undefined) {
    if (found.text === block) return { kind: 'unchanged' };
    const isOurs =
      written !== undefined && found.text === renderBlock({ ...edit, text: written }, eolOf(text));
    if (!isOurs) return { kind: 'conflict', reason: 'the block between our markers was edited by hand' };
    return { kind: 'changed', text: text.slice(0, found.start) + block + text.slice(found.end) };
  }
  const reason = edit.conflict?.(text);
  if (reason !== undefined) return { kind: 'conflict', reason };
  const eol = eolOf(text);
  const gap = text === '' ? '' : text.endsWith('\n') ? eol : eol + eol;
  return { kind: 'changed', text: text + gap + block };
}

/** Takes our block out, with the empty line before it; one that was edited is left and reported. */
export function removeBlock(text: string, edit: BlockEdit): EditOutcome {
  const found = findBlock(text, edit);
  if (found === undefined) return { kind: 'unchanged' };
  if (found === 'unbalanced' || found.text !== renderBlock(edit, eolOf(text))) {
    return { kind: 'conflict', reason: 'the block between our markers was edited by hand' };
  }
  const before = text.slice(0, found.start).replace(/(\r?\n)\r?\n$/, '$1');
  return { kind: 'changed', text: before + text.slice(found.end) };
}

function findBlock(
  text: string,
  { start, end }: BlockEdit,
): { start: number; end: number; text: string } | 'unbalanced' | undefined {
  const starts = text.split(start).length - 1;
  const ends = text.split(end).length - 1;
  if (starts === 0 && ends === 0) return undefined;
  const from = text.indexOf(start);
  const to = text.indexOf(end, from);
  if (starts !== 1 || ends !== 1 || to < from) return 'unbalanced';
  const lineEnd = text.indexOf('\n', to);
  const stop = lineEnd === -1 ? text.length : lineEnd + 1;
  return { start: from, end: stop, text: text.slice(from, stop) };
}

function renderBlock({ start, end, text }: BlockEdit, eol: string): string {
  const lines = [start, ...text.replace(/\n$/, '').split('\n'), end];
  return `${lines.join(eol)}${eol}`;
}

function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
