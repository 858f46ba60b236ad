import { NexoError } from '../../errors.ts';
import { printableText } from './printable.ts';
import type { View } from './view.ts';

/** The error object of `--json`. */
export interface ErrorEnvelope {
  readonly error: { readonly code: string; readonly message: string; readonly hint?: string };
}

/** Any failure as the envelope. A plain Error is a bug of ours and gets the code UNEXPECTED. */
export function toEnvelope(error: unknown): ErrorEnvelope {
  if (error instanceof NexoError) {
    const { code, message, hint } = error;
    return { error: { code, message, ...(hint === undefined ? {} : { hint }) } };
  }
  return { error: { code: 'UNEXPECTED', message: messageOf(error), hint: BUG_HINT } };
}

/** Any failure as text for a person: what happened, what to do next, the code. A bug shows its stack as well. */
export function renderFailure(error: unknown, view: View): string {
  const { code, message, hint } = toEnvelope(error).error;
  const { ink, marks } = view;
  const lines = marked(marks.failure, `${message} [${code}]`, view).map(ink.bad);
  if (hint !== undefined) lines.push(...marked(marks.arrow, hint, view));
  if (!(error instanceof NexoError) && error instanceof Error && error.stack !== undefined) {
    const frames = error.stack.split('\n').slice(1);
    lines.push(...frames.map((frame) => ink.dim(printableText(frame))));
  }
  return `${lines.join('\n')}\n`;
}

function marked(mark: string, text: string, view: View): string[] {
  const [first = '', ...rest] = view.paragraph(printableText(text), '  ');
  return [`${mark} ${first.trimStart()}`, ...rest];
}

const BUG_HINT = 'This is a fault in Nexo, not in your input. Please report it with the command you ran.';

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
