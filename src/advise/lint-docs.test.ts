import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { lintDocument } from './lint-docs.ts';

describe('lintDocument', () => {
  it.each([
    '# nexo: schedule=monthly:1',
    'Put `schedule=2d` into the header.',
    '// nexo: schedule=0 9 * * *',
    '# nexo: interval_seconds=5m',
    '# nexo: schedule=09:00:7',
    '# nexo: recovery_policy=sometimes',
    'Use monthly:1 for that.',
  ])('finds what the parser refuses in "%s"', (line) => {
    expect(lintDocument(`intro\n${line}\n`)).toEqual([
      { line: 2, found: expect.any(String), message: expect.any(String), hint: expect.any(String) },
    ]);
  });

  it.each([
    '# nexo: schedule=09:00',
    '`schedule=08:00:1` is Monday at eight.',
    '# nexo: interval_seconds=300',
    '`schedule=HH:MM` or `schedule=<time>`, `interval_seconds=…`',
    '`schedule=monthly:1` is not supported.',
    'There is no `monthly:1`.',
    'The schedule = a plan for the week',
    '# nexo: recovery_policy=catchup',
  ])('leaves "%s" alone', (line) => {
    expect(lintDocument(line)).toEqual([]);
  });

  it('leaves a part alone whose heading says that its forms are refused', () => {
    expect(lintDocument('## Not supported\n\n- `schedule=2d`\n\n## Times\n\n- `schedule=2d`\n')).toHaveLength(
      1,
    );
  });

  it('leaves a column of a table alone whose head says that its forms are refused', () => {
    const table = [
      '| not supported | instead |',
      '|---|---|',
      '| `schedule=2d` | `schedule=monthly:1` |',
      '',
      '`schedule=2d`',
    ];
    expect(lintDocument(table.join('\n')).map(({ line, found }) => [line, found])).toEqual([
      [3, 'schedule=monthly:1'],
      [5, 'schedule=2d'],
    ]);
  });

  it('finds nothing in our own pages', () => {
    const folder = join(import.meta.dirname, '..', '..', 'docs');
    const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));
    expect(pages.length).toBeGreaterThan(5);
    for (const page of pages)
      expect(lintDocument(readFileSync(join(folder, page), 'utf8')), page).toEqual([]);
  });
});
