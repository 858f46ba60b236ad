import type { HereDoc, SyntaxNode } from 'unbash';

import { hasMark } from '../marks.ts';
import type { Flow } from './flow.ts';
import { isProducer } from './listing.ts';
import { type ValueContext, valuesOf } from './values.ts';

/** What a stage of a pipeline hands on. */
export function flowOf(node: SyntaxNode, input: Flow, context: ValueContext): Flow {
  if (node.type !== 'Command') return { kind: 'unknown' };
  const name = node.name?.value ?? '';
  if (isProducer(node)) return { kind: 'listing' };
  if (/^(?:sort|uniq|head|tail|grep|egrep|tac)$/.test(name) && input.kind === 'listing') return input;
  if (name === 'echo') {
    const words = node.args.flatMap((arg) => (arg.type === 'Word' ? [valuesOf(arg, context).join(' ')] : []));
    const text = words.join(' ');
    return hasMark(text) || text.includes('\\') ? { kind: 'unknown' } : { kind: 'text', text, isPiped: true };
  }
  const document = node.redirects.find((redirect) => redirect.type === 'HereDoc');
  if (name === 'cat' && document?.type === 'HereDoc' && node.args.length === 0)
    return piped(documentFlow(document));
  return { kind: 'unknown' };
}

function piped(flow: Flow): Flow {
  return flow.kind === 'text' ? { ...flow, isPiped: true } : flow;
}

export function documentFlow(document: HereDoc): Flow {
  const { body } = document;
  const isPlain = (body.parts ?? []).every((part) => part.type === 'Literal');
  return isPlain ? { kind: 'text', text: body.text } : { kind: 'unknown' };
}
