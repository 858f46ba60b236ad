import { NexoError } from '../../errors.ts';
import { LINE_BREAK, printableText } from './printable.ts';
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
  const lines = [`${view.ink.bad(`${view.marks.failure} ${safe(message)}`)} ${view.ink.dim(`[${code}]`)}`];
  if (hint !== undefined) lines.push(`${view.ink.accent(view.marks.arrow)} ${safe(hint)}`);
  if (!(error instanceof NexoError) && error instanceof Error && error.stack !== undefined) {
    lines.push(
      ...error.stack
        .split('\n')
        .slice(1)
        .map((frame) => view.ink.dim(safe(frame))),
    );
  }
  return `${lines.join('\n')}\n`;
}

const BUG_HINT = 'This is a fault in Nexo, not in your input. Please report it with the command you ran.';

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function safe(text: string): string {
  return printableText(text).replaceAll(LINE_BREAK, '\n  ');
}
