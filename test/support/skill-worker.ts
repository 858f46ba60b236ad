// One of several processes that use the same skills at once: `node skill-worker.ts HOME NAME USES`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { resolveHomePaths } from '../../src/home/paths.ts';
import { applySkill } from '../../src/skills/apply.ts';
import { createSkill } from '../../src/skills/create.ts';
import { SkillLibrary } from '../../src/skills/library.ts';
import { recordUse } from '../../src/skills/store.ts';

const [home = '', name = '', uses = '0'] = process.argv.slice(2);
const paths = resolveHomePaths({ NEXO_HOME: home });
const library = await SkillLibrary.open({ paths, assets: join(home, 'no-assets') });
const shared = join(paths.skills, 'sk-shared', 'skill.json');
for (let use = 0; use < Number(uses); use += 1) {
  // Everything at once: new skills appear, one is saved again and again, and is half written now and then.
  if (use === 3) createSkill(library, { name: `of ${name}` });
  if (use % 7 === 5) {
    const text = readFileSync(shared, 'utf8');
    if (use % 2 === 1) writeFileSync(shared, text.slice(0, 9));
    library.sync();
    writeFileSync(
      shared,
      text.length > 20 ? text : JSON.stringify({ id: 'SK-SHARED', name: 'Shared', level: 'draft' }),
    );
  }
  library.sync();
  if (use === 10) {
    const { ok, error } = await applySkill(library, 'SK-PROGRAM', {
      env: process.env,
      cwd: home,
      context: name,
    });
    if (!ok) throw new Error(error);
    continue;
  }
  const judged = recordUse(
    library.database,
    { id: 'SK-SHARED', stableAfterUses: 10_000 },
    { success: true, context: name, notes: '' },
    library.clock,
  );
  if (judged === undefined) throw new Error('SK-SHARED has lost its record');
}
library.close();
