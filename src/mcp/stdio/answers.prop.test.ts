import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { outcomeJson } from './answers.ts';

const value = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }));

describe('the answer of a tool', () => {
  it('carries any value twice, as structure and as its own text, in both eras', () => {
    fc.assert(
      fc.property(value, fc.boolean(), fc.boolean(), fc.string(), (structured, isError, isModern, id) => {
        const json = JSON.stringify(structured);
        const answer = { json, value: structured, isError, workspace: '/p "q"' };
        const context = { method: 'tools/call', isModern, workspace: '/p "q"' };
        const text = outcomeJson(id, { kind: 'tool', answer }, context).toString();
        expect(text).not.toMatch(/[\n\r]/);
        const message = JSON.parse(text);
        expect([message.jsonrpc, message.id]).toEqual(['2.0', id]);
        expect(message.result.content).toEqual([{ type: 'text', text: json }]);
        expect(JSON.stringify(message.result.structuredContent)).toBe(json);
        expect(message.result.isError).toBe(isError ? true : undefined);
        expect(message.result.resultType).toBe(isModern ? 'complete' : undefined);
        expect(message.result._meta['nexo/workspace']).toBe('/p "q"');
      }),
    );
  });
});
