import { describe, expect, it } from 'vitest';

import {
  changeObject,
  changeRecord,
  createRecord,
  decodeUtf8,
  findListTail,
  type JsonDocument,
  JsonFault,
  parseDocument,
  parseJson,
  readFollowingRecords,
  recordSeparator,
  renderDocument,
  renderDocumentParts,
  salvageDocument,
} from './json-document.ts';

const fault = (message: string): unknown => expect.objectContaining({ name: 'JsonFault', message });

function valuesOf({ records }: JsonDocument): unknown[] {
  return records.map(({ value }) => value);
}

describe('decodeUtf8', () => {
  it('gives the text of UTF-8 bytes', () => {
    expect(decodeUtf8(Buffer.from('{"ä": "🌲"}'))).toBe('{"ä": "🌲"}');
  });

  it.each([
    ['is empty', Buffer.alloc(0)],
    ['begins with a byte order mark', Buffer.from('\ufeff{}')],
    ['is not UTF-8 text', Buffer.from([0x7b, 0xff, 0x7d])],
    ['is not UTF-8 text', Buffer.from('{"a":"ä"}', 'latin1')],
    ['is not UTF-8 text', Buffer.from('{"a":1}', 'utf16le').subarray(0, 5).fill(0xd8, 1, 2)],
  ])('says that a file %s', (message, bytes) => {
    expect(() => decodeUtf8(bytes)).toThrow(fault(message));
  });
});

describe('parseJson', () => {
  it.each(['{', '[1,]', '{"a":NaN}', "{'a':1}", '{"a":1}}', 'undefined', '', '{"a":1e}'])(
    'refuses %j',
    (text) => {
      expect(() => parseJson(text)).toThrow(fault('is not valid JSON'));
    },
  );

  it('names merge conflict markers', () => {
    const text = '{\n<<<<<<< HEAD\n  "a": 1\n=======\n  "a": 2\n>>>>>>> other\n}\n';
    expect(() => parseJson(text)).toThrow(fault('holds merge conflict markers'));
  });

  it('takes marker-like text inside a string for text, also after a line separator', () => {
    const value = { context: 'a\u2028=======\u2028<<<<<<< HEAD\u2029>>>>>>> b\n======= ' };
    expect(parseJson(JSON.stringify(value))).toEqual(value);
  });

  it('accepts 256 levels and refuses more, however many', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(() => parseJson(nested(256))).not.toThrow();
    expect(() => parseJson(nested(257))).toThrow(fault('is nested deeper than 256 levels'));
    expect(() => parseJson(nested(1_000_000))).toThrow(JsonFault);
  });

  it('keeps __proto__ an ordinary key', () => {
    const value = parseJson('{"__proto__": {"polluted": true}}');
    expect(Object.hasOwn(value as object, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('parseDocument', () => {
  it('separates the list from the members around it, in file order', () => {
    const document = parseDocument('{"goal":"g","tasks":[{"id":1},{"id":2}],"x":[1]}', 'tasks');
    expect([...document.members]).toEqual([
      ['goal', '"g"'],
      ['tasks', ''],
      ['x', '[1]'],
    ]);
    expect(valuesOf(document)).toEqual([{ id: 1 }, { id: 2 }]);
    expect(document.records.map(({ text }) => text)).toEqual(['{"id":1}', '{"id":2}']);
  });

  it('takes a missing list for an empty one', () => {
    expect(parseDocument('{}', 'tasks').records).toEqual([]);
  });

  it('reads a root that is the list itself', () => {
    expect(valuesOf(parseDocument(' [ {"a":1} , 2 , "x]" ] ', undefined))).toEqual([{ a: 1 }, 2, 'x]']);
  });

  it.each([
    ['is not a JSON object', '[]', 'tasks'],
    ['is not a JSON object', 'null', 'tasks'],
    ['is not a JSON object', '"text"', 'tasks'],
    ['is not a JSON array', '{}', undefined],
    ['has no list "tasks"', '{"tasks":{}}', 'tasks'],
    ['has no list "tasks"', '{"tasks":null}', 'tasks'],
    ['names a key twice', '{"tasks":[],"tasks":[]}', 'tasks'],
    ['names a key twice', '{"goal":"a","tasks":[],"goal":"b"}', 'tasks'],
    ['names a key twice', '{"tasks":[1],"t\\u0061sks":[2]}', 'tasks'],
    ['names a key twice', '{"tasks":1,"tasks":[]}', 'tasks'],
  ])('says that a document %s: %s', (message, text, key) => {
    expect(() => parseDocument(text, key)).toThrow(fault(message));
  });

  it('is not misled by brackets, quotes and backslashes in strings', () => {
    const record = { a: ']}", \\', 'b"]': '\\"[{', c: '\\\\' };
    expect(valuesOf(parseDocument(JSON.stringify({ '"[': '[', tasks: [record, record] }), 'tasks'))).toEqual([
      record,
      record,
    ]);
  });
});

describe('renderDocument', () => {
  it('writes two spaces a level and ends in a newline, as JSON.stringify lays it out', () => {
    const value = {
      goal: 'g',
      tasks: [
        { id: 1, deps: [2] },
        { id: 2, deps: [] },
      ],
      extra: 1,
    };
    const records = value.tasks.map((task) => createRecord(task, 'tasks'));
    const members = new Map([
      ['goal', '"g"'],
      ['tasks', ''],
      ['extra', '1'],
    ]);
    expect(renderDocument({ members, listKey: 'tasks', records })).toBe(
      `${JSON.stringify(value, null, 2)}\n`,
    );
  });

  it('writes a root list, and empty lists in both forms', () => {
    const members = new Map<string, string>();
    const one = [createRecord({ a: 1 }, undefined)];
    expect(renderDocument({ members, listKey: undefined, records: one })).toBe(
      '[\n  {\n    "a": 1\n  }\n]\n',
    );
    expect(renderDocument({ members, listKey: undefined, records: [] })).toBe('[]\n');
    expect(renderDocument({ members, listKey: 'tasks', records: [] })).toBe('{\n  "tasks": []\n}\n');
  });

  it('adds the list behind the members when it was missing', () => {
    const document = parseDocument('{"a":1}', 'tasks');
    expect(renderDocument(document)).toBe('{\n  "a": 1,\n  "tasks": []\n}\n');
  });

  it('keeps numbers that JavaScript cannot hold', () => {
    const text =
      '{\n  "n": 1e400,\n  "tasks": [\n    {"id": 1, "snowflake": 12345678901234567890, "z": 1.0}\n  ]\n}\n';
    expect(renderDocument(parseDocument(text, 'tasks'))).toBe(text);
  });

  it('comes in two parts between which a further record fits', () => {
    const document = parseDocument('{"tasks":[{"id":1}],"after":"ä"}', 'tasks');
    const { untilListEnd, tail } = renderDocumentParts(document);
    const added = untilListEnd + recordSeparator('tasks') + createRecord({ id: 2 }, 'tasks').text + tail;
    expect(JSON.parse(added)).toEqual({ tasks: [{ id: 1 }, { id: 2 }], after: 'ä' });
    expect(untilListEnd + tail).toBe(renderDocument(document));
  });
});

describe('salvageDocument', () => {
  const whole = JSON.stringify({ goal: 'g', tasks: [{ id: 1 }, { id: 2 }], after: true });

  it('gives whole records and members up to the first fault', () => {
    const document = salvageDocument('{"goal":"g","n":[1],"tasks":[{"id":1},{"id":2},{"id":', 'tasks');
    expect(valuesOf(document)).toEqual([{ id: 1 }, { id: 2 }]);
    expect([...document.members]).toEqual([
      ['goal', '"g"'],
      ['n', '[1]'],
    ]);
  });

  it('never throws and never invents, wherever the text is cut', () => {
    for (let end = 0; end <= whole.length; end += 1) {
      const document = salvageDocument(whole.slice(0, end), 'tasks');
      expect([{ id: 1 }, { id: 2 }].slice(0, document.records.length)).toEqual(valuesOf(document));
      expect(() => JSON.parse(renderDocument(document))).not.toThrow();
    }
  });

  it.each([
    '',
    '\0',
    '{"a\nb": 1}',
    '{"a" 1}',
    '[[',
    '{"tasks":[,]}',
    '{"tasks":[}]}',
    '{"x": tru, "tasks":[1]}',
  ])('bears %j', (text) => expect(salvageDocument(text, 'tasks').records).toEqual([]));

  it('stops at a record that is too deep', () => {
    const deep = '['.repeat(300) + ']'.repeat(300);
    expect(valuesOf(salvageDocument(`{"tasks":[1,${deep},2]}`, 'tasks'))).toEqual([1]);
  });
});

describe('findListTail and readFollowingRecords', () => {
  it.each([
    ['{"cycles":[{"a":1}]}', ']}', false],
    ['{"cycles":[]}', ']}', true],
    ['{"cycles": [ 1 , 2 ] , "x": "é" }\r\n', ' ] , "x": "é" }\r\n', false],
  ])('finds what follows the last record of %s', (text, tail, isEmpty) => {
    expect(findListTail(text, 'cycles')).toEqual({ text: tail, isEmpty });
  });

  it('finds no tail without a list', () => {
    expect(findListTail('{"x":[1]}', 'cycles')).toBeUndefined();
  });

  it('reads the records that were added behind a known one', () => {
    expect(readFollowingRecords(', {"b":2},3 ]}')).toEqual({
      records: [
        { text: '{"b":2}', value: { b: 2 } },
        { text: '3', value: 3 },
      ],
      tail: { text: ' ]}', isEmpty: false },
    });
    expect(readFollowingRecords('\n]}').records).toEqual([]);
  });

  it.each(['', ',', ', {"b"', '}', ' x ]', ', [1'])('refuses %j as the rest of a list', (text) => {
    expect(() => readFollowingRecords(text)).toThrow(JsonFault);
  });
});

describe('changeRecord', () => {
  const record = (text: string) => ({ text, value: JSON.parse(text) as unknown });

  it('sets, adds and takes out members and keeps the text of the others', () => {
    const before = record(
      '{"id": 1, "big": 12345678901234567890, "inf": 1e999, "status":"a", "old": 1, "z": {"k":1.0}}',
    );
    const { text, value } = changeRecord(before, { status: 'b', old: undefined, new: ['n'] }, 'tasks');
    expect(text).toBe(
      [
        '{',
        '      "id": 1,',
        '      "big": 12345678901234567890,',
        '      "inf": 1e999,',
        '      "status": "b",',
        '      "z": {"k":1.0},',
        '      "new": [',
        '        "n"',
        '      ]',
        '    }',
      ].join('\n'),
    );
    expect(value).toEqual(JSON.parse(text));
  });

  it('leaves __proto__ and keys that look like numbers where they are', () => {
    const { text } = changeRecord(record('{"b":1,"__proto__":{"x":1},"2":0,"a":1}'), { a: 2 }, 'tasks');
    expect(text.replaceAll(/\s/g, '')).toBe('{"b":1,"__proto__":{"x":1},"2":0,"a":2}');
  });

  it('refuses a record that names a key twice', () => {
    expect(() => changeRecord(record('{"id":1,"id":2}'), { status: 'b' }, 'tasks')).toThrow(
      fault('names a key twice'),
    );
  });

  it('changes an object anywhere in a text, with texts for its members', () => {
    expect(changeObject('{"id":1,"x":[ ]}', [['id', '7']], '')).toBe('{\n  "id": 7,\n  "x": [ ]\n}');
    expect(changeObject('{"id":1}', [['id', undefined]], '')).toBe('{}');
  });
});
