import { describe, expect, it } from 'vitest';

import { isYes, listOf, METADATA_KEYS, parseMetadata } from './metadata.ts';

const codes = (text: string): string[] => parseMetadata(text).findings.map(({ code }) => code);

describe('parseMetadata', () => {
  it.each(['#', '//', '--', ';'])('reads a header behind %s', (mark) => {
    const text = `#!/usr/bin/env x\n${mark} nexo: name=report\n${mark} nexo: schedule=09:00\nwork()\n`;
    expect(parseMetadata(text)).toEqual({ values: { name: 'report', schedule: '09:00' }, findings: [] });
  });

  it('reads through a byte order mark, CRLF, indentation and blanks around both sides', () => {
    const text = '\ufeff# nexo:name = report \r\n  \t# nexo:   description=  a = b \r\nx\r\n';
    expect(parseMetadata(text)).toEqual({
      values: { name: 'report', description: 'a = b' },
      findings: [],
    });
  });

  it('reads line 25 and not line 26', () => {
    const filler = (lines: number): string => '#\n'.repeat(lines);
    expect(parseMetadata(`${filler(24)}# nexo: name=x`).values).toEqual({ name: 'x' });
    const late = parseMetadata(`${filler(25)}# nexo: name=x`);
    expect(late.values).toEqual({});
    expect(late.findings).toMatchObject([{ code: 'late', line: 26 }]);
  });

  it('drops an unknown key and names the one that was meant', () => {
    const { values, findings } = parseMetadata(
      '# nexo: invalidkey=value\n# nexo: cronid=x\n# nexo: Schedule=1',
    );
    expect(values).toEqual({});
    expect(findings.map(({ message }) => message)).toEqual([
      'line 1: no key is called "invalidkey"',
      'line 2: no key is called "cronid"; did you mean cron_id?',
      'line 3: no key is called "Schedule"; did you mean schedule?',
    ]);
  });

  it('takes the last of a repeated key, and tells a repetition from a conflict', () => {
    expect(parseMetadata('# nexo: name=a\n# nexo: name=a').findings).toMatchObject([
      { code: 'duplicate', key: 'name', line: 2 },
    ]);
    const conflict = parseMetadata('# nexo: name=a\n# nexo: name=b');
    expect(conflict.values).toEqual({ name: 'b' });
    expect(conflict.findings).toMatchObject([{ code: 'conflict', key: 'name', line: 2 }]);
  });

  it('keeps an empty value and skips a line without "="', () => {
    expect(parseMetadata('# nexo: schedule=\n# nexo: daily').values).toEqual({ schedule: '' });
    expect(codes('# nexo: daily')).toEqual(['no-value']);
  });

  it('warns of a line that was meant as metadata and is spelled otherwise', () => {
    expect(codes('#nexo: name=x')).toEqual(['prefix']);
    expect(codes('# Nexo: name=x')).toEqual(['prefix']);
    expect(codes('//  nexo : name=x')).toEqual(['prefix']);
    expect(codes('# nexo is nice: a=b\nprint("# nexo: name=x")')).toEqual([]);
  });

  it('answers for a file without metadata, an empty one and any text at all', () => {
    for (const text of ['', '\n', '\ufeff', 'a\0b', '\ud800', '# nexo:', 'x'.repeat(100_000)]) {
      expect(parseMetadata(text).values).toEqual({});
    }
  });

  it('lets no key reach the prototype', () => {
    const { values } = parseMetadata('# nexo: __proto__=x\n# nexo: constructor=y');
    expect(Object.keys(values)).toEqual([]);
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
  });

  it('tells of a bounded number of oddities', () => {
    expect(codes('# nexo: name=x\n'.repeat(100_000)).length).toBeLessThanOrEqual(50);
  });

  it('keeps every known key', () => {
    const text = METADATA_KEYS.map((key) => `# nexo: ${key}=1`).join('\n');
    expect(Object.keys(parseMetadata(text).values)).toEqual([...METADATA_KEYS]);
  });
});

describe('values', () => {
  it('say yes in four ways', () => {
    expect(['1', 'true', 'YES', ' on '].map(isYes)).toEqual([true, true, true, true]);
    expect([undefined, '', '0', 'y', 'truee'].map(isYes)).toEqual([false, false, false, false, false]);
  });

  it('are lists with commas', () => {
    expect(listOf(' git, ,jq ')).toEqual(['git', 'jq']);
    expect(listOf(undefined)).toEqual([]);
  });
});
