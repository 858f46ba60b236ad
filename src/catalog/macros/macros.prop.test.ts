import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { scratchCatalog } from '../../../test/support/catalog.ts';
import { HARNESSES } from '../invocations/contract.ts';
import { TEMPLATES } from '../invocations/templates.ts';
import { loadCatalog } from '../load.ts';
import { macroWords } from '../validate.ts';
import { expandMacros } from './expand.ts';
import { scanMacros } from './scan.ts';

const words = macroWords(loadCatalog(scratchCatalog().layers));
const key = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const bare = fc.stringMatching(/^[A-Za-z0-9<>_./:+-]{1,12}$/).filter((text) => !text.startsWith('>>'));
const quoted = fc.string({ unit: 'grapheme', maxLength: 30 });
const structured = fc.oneof(
  fc.array(fc.jsonValue({ maxDepth: 2 })),
  fc.dictionary(key, fc.jsonValue({ maxDepth: 2 })),
);
/** Lines that cannot be taken for the end of the document they stand in. */
const lines = fc.array(
  fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replaceAll(/[\r\n<]/g, '')),
  {
    minLength: 1,
    maxLength: 5,
  },
);

const value = fc.oneof(
  bare.map((text) => ({ written: text, read: text as unknown })),
  quoted.map((text) => ({ written: JSON.stringify(text), read: text as unknown })),
  structured.map((json) => ({
    written: JSON.stringify(json),
    read: JSON.parse(JSON.stringify(json)) as unknown,
  })),
);
const gap = fc.constantFrom(' ', '  ', '\n', '\n  ');

describe('macros', () => {
  it('are read back as they were written, whatever the values hold', () => {
    fc.assert(
      fc.property(
        key,
        fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 5 }),
        fc.uniqueArray(fc.tuple(key, lines), { selector: ([name]) => name, maxLength: 2 }),
        gap,
        (primitive, params, documents, blank) => {
          const free = documents.filter(([name]) => !params.some(([other]) => other === name));
          const head = [
            primitive,
            ...params.map(([name, { written }]) => `${name}=${written}`),
            ...free.map(([name], at) => `${name}=>>DOC${at}`),
          ].join(blank);
          const tail = free.map(([, text], at) => `\n${text.join('\n')}\n<<DOC${at}`).join('');
          const { macros, faults } = scanMacros(`before\n{{${head}}}${tail}\nafter {{ignored`);
          expect(faults).toMatchObject([{ kind: 'syntax' }]);
          expect(macros).toHaveLength(1);
          expect(macros[0]?.primitive).toBe(primitive);
          expect(Object.fromEntries(macros[0]?.params ?? [])).toEqual(
            Object.fromEntries([
              ...params.map(([name, { read }]) => [name, read]),
              ...free.map(([name, text]) => [name, text.join('\n')]),
            ]),
          );
        },
      ),
    );
  });

  it('never throw on any text, and leave what is no macro alone', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.constantFrom(
        '{{',
        '}}',
        '{',
        '}',
        '"',
        '[',
        '>>X',
        '<<X',
        '\n',
        '=',
        '{{task_register ',
        'state=pending',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('');
        for (const harness of HARNESSES) {
          const { text: expanded, faults } = expandMacros(text, {
            words,
            templates: TEMPLATES[harness],
            lang: 'en',
          });
          if (!text.includes('{{')) expect({ expanded, faults }).toEqual({ expanded: text, faults: [] });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('expand a briefing of any shape in every harness, keep its words and leave no macro', () => {
    const label = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
      .filter((text) => text.trim() !== '');
    const prose = lines.filter((text) => text.join('').trim() !== '' && !text.join('\n').includes('{{'));
    fc.assert(
      fc.property(
        prose,
        label,
        fc.constantFrom(...HARNESSES),
        fc.constantFrom('en' as const, 'ko' as const),
        (text, name, harness, lang) => {
          const body = `one\n\n{{subagent_spawn target_role=engineer name=${JSON.stringify(name)} prompt=>>T}}\n${text.join('\n')}\n<<T\n\ntwo\n`;
          const { text: expanded, faults } = expandMacros(body, {
            words,
            templates: TEMPLATES[harness],
            lang,
          });
          expect(faults).toEqual([]);
          expect(expanded.startsWith('one\n\n')).toBe(true);
          expect(expanded.endsWith('\n\ntwo\n')).toBe(true);
          expect(expanded).toContain('engineer');
          expect(expanded).not.toContain('subagent_spawn');
          const content = text.join('\n');
          const block = content.includes('\n') && !content.includes('"""');
          expect(expanded).toContain(block ? `"""\n${content}\n"""` : JSON.stringify(content));
        },
      ),
    );
  });
});
