import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { openSkillHome } from '../../test/support/skills.ts';
import { SkillLibrary } from './library.ts';
import { recordUse } from './store.ts';

const LETTERS = ['a', 'b', 'c'] as const;
const letter = fc.constantFrom(...LETTERS);
const step = fc.oneof(
  fc.record({
    do: fc.constant('write' as const),
    letter,
    text: fc.constantFrom('one', 'two'),
    program: fc.boolean(),
  }),
  fc.record({ do: fc.constant('break' as const), letter }),
  fc.record({ do: fc.constant('remove' as const), letter }),
  fc.record({ do: fc.constant('use' as const), letter }),
);

describe('sync', () => {
  it('gives the same when nothing has changed, to us and to another process, and keeps every use of what is there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { library, paths, clock, write } = await openSkillHome();
        const uses = new Map<string, number>();
        try {
          for (const each of steps) {
            const id = `SK-${each.letter.toUpperCase()}`;
            const folder = `personal/skills/sk-${each.letter}`;
            if (each.do === 'write') {
              write(`${folder}/skill.json`, { id, name: each.text, execution_level: 'local' });
              write(`${folder}/guide.md`, each.text);
              if (each.program) write(`${folder}/script.sh`, `#!/bin/bash\necho ${each.text}\n`, 0o755);
            } else if (each.do === 'break') write(`${folder}/skill.json`, '{');
            else if (each.do === 'remove') {
              rmSync(join(paths.home, folder), { recursive: true, force: true });
              uses.delete(id);
            } else if (library.sync().ids.includes(id)) {
              recordUse(
                library.database,
                library.get(id).skill,
                { success: true, context: 'c', notes: '' },
                clock,
              );
              uses.set(id, (uses.get(id) ?? 0) + 1);
            }
            library.sync();
          }
          const first = library.sync();
          expect(library.sync()).toEqual(first);
          const rows = () => library.database.prepare('SELECT * FROM skills ORDER BY id').all();
          const before = rows();
          const other = await SkillLibrary.open({ paths, assets: join(paths.home, 'no-assets'), clock });
          expect(other.sync()).toEqual({ ...first, pruned: [] });
          other.close();
          expect(rows()).toEqual(before);
          expect(
            new Map(before.filter((row) => Number(row.use_count) > 0).map((row) => [row.id, row.use_count])),
          ).toEqual(uses);
        } finally {
          library.close();
          rmSync(paths.home, { recursive: true, force: true });
        }
      }),
      { numRuns: 15 },
    );
  });
});
