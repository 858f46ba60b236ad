import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

import { openSkillHome } from '../../test/support/skills.ts';

const WORKER = join(import.meta.dirname, '..', '..', 'test', 'support', 'skill-worker.ts');
const PROCESSES = 8;
const USES = 20;

it('eight processes sync, create and use the same skills at once: no use is lost, and nobody falls over', async () => {
  const { library, paths, write } = await openSkillHome();
  try {
    write('personal/skills/sk-shared/skill.json', { id: 'SK-SHARED', name: 'Shared', level: 'draft' });
    write('personal/skills/sk-program/skill.json', {
      id: 'SK-PROGRAM',
      name: 'Program',
      execution_level: 'local',
    });
    write(
      'personal/skills/sk-program/script.sh',
      '#!/usr/bin/env bash\n# nexo: runtime=shell\necho done\n',
      0o755,
    );
    library.sync();
    await Promise.all(
      Array.from({ length: PROCESSES }, (_, index) =>
        promisify(execFile)(process.execPath, [WORKER, paths.home, `process ${index}`, String(USES)], {
          timeout: 60_000,
        }),
      ),
    );
    library.sync();
    const { stored } = library.get('SK-SHARED');
    expect(stored).toMatchObject({ useCount: PROCESSES * (USES - 1), failCount: 0, level: 'published' });
    expect(library.get('SK-PROGRAM').stored.useCount).toBe(PROCESSES);
    const rows = library.database.prepare('SELECT count(*) AS n FROM skill_usage').get();
    expect(rows?.n).toBe(PROCESSES * USES);
    expect(library.sync().ids.filter((id) => id.startsWith('SK-OF-PROCESS-'))).toHaveLength(PROCESSES);
  } finally {
    library.close();
  }
}, 90_000);
