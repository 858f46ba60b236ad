import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { resolveHomePaths } from '../../src/home/paths.ts';
import { SkillLibrary } from '../../src/skills/library.ts';
import { type Reading, summarise } from '../samples.ts';
import type { Subject } from '../subject.ts';

const SKILLS = 5_000;
const SUBJECTS = ['invoices', 'releases', 'backups', 'contacts', 'reports', 'tickets', 'budgets', 'travel'];
const VERBS = ['review', 'send', 'prepare', 'check', 'archive', 'compare', 'publish'];

/** Finding a skill among many, in a server that has been asked before: at once, and after a pause, when it looks again. */
export const skills: Subject = {
  name: 'skills',
  async *measure(bench) {
    const home = join(bench.scratch.folder, 'many-skills');
    for (let at = 0; at < SKILLS; at += 1) {
      const folder = join(home, 'personal', 'skills', `sk-${at}`);
      mkdirSync(folder, { recursive: true });
      const what = `${VERBS[at % VERBS.length]} the ${SUBJECTS[at % SUBJECTS.length]} of part ${at}`;
      const definition = { id: `SK-N${at}`, name: `n${at}`, description: what, trigger_patterns: [what] };
      writeFileSync(join(folder, 'skill.json'), JSON.stringify(definition));
      writeFileSync(join(folder, 'guide.md'), `# ${what}\n\nOne thing after the other.\n`);
    }
    let now = Date.now();
    const paths = resolveHomePaths({ NEXO_HOME: home });
    const library = await SkillLibrary.open({ paths, assets: home, clock: { now: () => now } });
    const { rounds } = bench.rounds(50, 15);
    const ask = (pauseMs: number): Reading => {
      const times: number[] = [];
      for (let round = -1; round < rounds; round += 1) {
        now += pauseMs;
        const before = performance.now();
        const [first] = library.match(`please review the releases of part ${round + 1_000}`);
        const ms = performance.now() - before;
        if (first === undefined) throw new Error('No skill was found.');
        if (round >= 0) times.push(ms);
      }
      return summarise(times);
    };
    try {
      yield { row: 'skillMatch', readings: { nexo: ask(0) } };
      yield { row: 'skillMatchLater', readings: { nexo: ask(60_000) } };
    } finally {
      library.close();
    }
  },
};
