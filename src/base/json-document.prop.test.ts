import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  changeRecord,
  createRecord,
  findListTail,
  parseDocument,
  readFollowingRecords,
  recordSeparator,
  renderDocument,
  renderDocumentParts,
  salvageDocument,
} from './json-document.ts';

/** Keys that collide with the list's, with prototypes and with array indices, next to any text. */
const key = fc.oneof(
  fc.constantFrom('tasks', '__proto__', 'constructor', 'toJSON', '0', '10', 'ä', '"', ''),
  fc.string(),
);
const json = fc.jsonValue({ maxDepth: 4 });
const record = fc.dictionary(key, json, { noNullPrototype: true });
/** Members in any order, as JSON text: objects would sort keys that look like numbers. */
const entries = fc.uniqueArray(fc.tuple(key, json), { selector: ([name]) => name, maxLength: 6 });

interface Sample {
  readonly text: string;
  readonly records: readonly unknown[];
  readonly members: readonly (readonly [string, string])[];
}

const sample: fc.Arbitrary<Sample> = fc
  .record({
    before: entries,
    after: entries,
    records: fc.array(record, { maxLength: 6 }),
    space: fc.constantFrom('', ' ', '\n', '\r\n', '\t\t', '\n    '),
  })
  .map(({ before, after, records, space }) => {
    const taken = new Set(['tasks', ...before.map(([name]) => name)]);
    const head = before.filter(([name]) => name !== 'tasks');
    const foot = after.filter(([name]) => !taken.has(name));
    const write = ([name, value]: [string, unknown]): [string, string] => [name, JSON.stringify(value)];
    const list = `[${space}${records.map((each) => JSON.stringify(each)).join(`${space},${space}`)}${space}]`;
    const members: [string, string][] = [...head.map(write), ['tasks', list], ...foot.map(write)];
    const body = members.map(([name, text]) => `${JSON.stringify(name)}${space}:${space}${text}`);
    return { text: `${space}{${space}${body.join(`${space},${space}`)}${space}}${space}`, records, members };
  });

describe('a JSON document', () => {
  it('comes through parsing and rendering with its values, and with its keys in order', () => {
    fc.assert(
      fc.property(sample, ({ text, members }) => {
        const document = parseDocument(text, 'tasks');
        const rendered = renderDocument(document);
        expect(JSON.parse(rendered)).toEqual(JSON.parse(text));
        expect([...document.members.keys()]).toEqual(members.map(([name]) => name));
        expect([...parseDocument(rendered, 'tasks').members.keys()]).toEqual(members.map(([name]) => name));
        // A second time nothing moves any more.
        expect(renderDocument(parseDocument(rendered, 'tasks'))).toBe(rendered);
      }),
    );
  });

  it('gets a further record in the middle of its text just as by rendering it anew', () => {
    fc.assert(
      fc.property(sample, record, ({ text }, extra) => {
        const document = parseDocument(text, 'tasks');
        fc.pre(document.records.length > 0);
        const added = createRecord(extra, 'tasks');
        const { untilListEnd, tail } = renderDocumentParts(document);
        const whole = renderDocument({ ...document, records: [...document.records, added] });
        expect(untilListEnd + recordSeparator('tasks') + added.text + tail).toBe(whole);
      }),
    );
  });

  it('is followed from any record to its end', () => {
    fc.assert(
      fc.property(sample, ({ text, records }) => {
        const tail = findListTail(text, 'tasks');
        expect(tail?.isEmpty).toBe(records.length === 0);
        // As after a record 0, or as the whole rest of a list that begins with one.
        const rest = tail?.isEmpty ? `,0${tail.text}` : (tail?.text ?? '');
        expect(readFollowingRecords(rest).tail).toEqual({ text: tail?.text, isEmpty: false });
      }),
    );
  });

  it('is salvaged up to a cut, without a record too many or changed', () => {
    fc.assert(
      fc.property(sample, fc.nat(), ({ text, records }, cut) => {
        const salvaged = salvageDocument(text.slice(0, cut % (text.length + 1)), 'tasks');
        expect(salvaged.records.map(({ value }) => value)).toEqual(
          records.slice(0, salvaged.records.length).map((each) => JSON.parse(JSON.stringify(each))),
        );
      }),
    );
  });

  it('is salvaged without throwing from any text at all', () => {
    const anyText = fc.oneof(
      fc.string(),
      fc.tuple(sample, fc.nat(), fc.string({ maxLength: 3 })).map(([{ text }, at, put]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + put + text.slice(place + 1);
      }),
    );
    fc.assert(
      fc.property(anyText, (text) => {
        expect(() => JSON.parse(renderDocument(salvageDocument(text, 'tasks')))).not.toThrow();
        expect(() => salvageDocument(text, undefined)).not.toThrow();
      }),
    );
  });

  it('has a record changed with every other member of it as it was', () => {
    fc.assert(
      fc.property(record, record, fc.array(key), (value, changes, removed) => {
        const all = { ...changes, ...Object.fromEntries(removed.map((name) => [name, undefined])) };
        const changed = changeRecord({ text: JSON.stringify(value), value }, all, 'tasks');
        const expected: Record<string, unknown> = Object.fromEntries(
          Object.entries({ ...value, ...all }).filter(([, each]) => each !== undefined),
        );
        expect(changed.value).toEqual(JSON.parse(JSON.stringify(expected)));
        expect(JSON.parse(changed.text)).toEqual(changed.value);
      }),
    );
  });
});
