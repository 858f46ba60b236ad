import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { parseMetadata } from '../scripts/metadata.ts';
import { readDeclaration } from './declaration.ts';
import { SKIP_REASONS } from './tick.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'schedules.md'), 'utf8');
const headers = [...page.matchAll(/```python\n([\s\S]*?)```/g)].map(([, text = '']) => text);

describe('the page about schedules', () => {
  it('has headers that the parser accepts as they stand', () => {
    expect(headers.length).toBeGreaterThanOrEqual(2);
    for (const header of headers) {
      const { values, findings } = parseMetadata(header);
      expect(findings).toEqual([]);
      expect(readDeclaration(values), header).toMatchObject({ required: true, valid: true });
    }
  });

  it('names as unsupported what the parser refuses, with the hint that it gives', () => {
    const rows = [
      ...page.matchAll(
        /^\| `(schedule|interval_seconds)=([^`]+)`(?:, `interval_seconds=([^`]+)`)? \| (.*) \|$/gm,
      ),
    ];
    const base = { name: 'x', runtime: 'python', cron_id: 'x', schedule_required: 'true' };
    const refused = rows.filter(([, , value = '']) => !/^(HH|N$)/.test(value));
    expect(refused.length).toBe(4);
    for (const [, key = '', value = '', interval, instead = ''] of refused) {
      const { valid, problems } = readDeclaration({ ...base, [key]: value });
      expect(valid, value).toBe(false);
      const written = /`(?:schedule|interval_seconds)=[^`]+`/.exec(instead)?.[0].slice(1, -1);
      if (written !== undefined && value !== '0 9 * * *') expect(problems[0]?.hint).toContain(written);
      if (interval !== undefined)
        expect(readDeclaration({ ...base, interval_seconds: interval }).valid).toBe(false);
    }
  });

  it('explains every reason to skip a time', () => {
    for (const reason of Object.keys(SKIP_REASONS)) expect(page).toContain(`\`${reason}\``);
  });
});
