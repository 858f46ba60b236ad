import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Contender } from '../contenders.ts';
import { each, summarise } from '../samples.ts';
import { STATE_FILES, type StateFile, seed } from '../scratch.ts';
import type { Bench, Subject } from '../subject.ts';

/** What a full disk, a bad merge, a slip of an editor or another program leaves behind. */
const DAMAGES: Readonly<Record<string, (good: string) => string>> = {
  'cut in the middle': (good) => good.slice(0, good.length / 2),
  'not JSON': () => '{bad\n',
  empty: () => '',
  'merge conflict': (good) => `<<<<<<< ours\n${good}=======\n${good}>>>>>>> theirs\n`,
  'another shape': () => '{"tasks":{"1":"Keep me"},"cycles":{"1":"Keep me"}}\n',
};

/** A state file is damaged, then somebody writes: is the damaged file still there, byte for byte? */
export const damage: Subject = {
  name: 'damage',
  async *measure(bench) {
    const contenders = bench.contenders.filter(({ name }) => name !== 'floor');
    const readings = await each(contenders, async (contender) => {
      const outcomes = [
        ...(await spoil(bench, contender, 'tasks', contender.seeds.tasks(20))),
        ...(await spoil(bench, contender, 'history', contender.seeds.history(20))),
      ];
      const lost = outcomes.filter(({ kept }) => !kept);
      const refused = outcomes.filter((outcome) => outcome.refused).length;
      return summarise([lost.length], { note: `${refused} of ${outcomes.length} refused` });
    });
    yield { row: 'damage', readings };
  },
};

interface Outcome {
  readonly refused: boolean;
  readonly kept: boolean;
}

async function spoil(bench: Bench, contender: Contender, file: StateFile, good: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const damageText of Object.values(DAMAGES)) {
    const project = bench.scratch.project();
    if (file === 'history') seed(project, 'plan', contender.seeds.plan(2));
    const damaged = damageText(good);
    seed(project, file, damaged);
    const server = bench.start(contender, project);
    await server.initialize();
    const { result } =
      file === 'tasks'
        ? await server.tryCall('nx_task_add', contender.newTask('Added to a damaged file'))
        : await server.tryCall('nx_task_close', contender.closeArguments);
    await server.stop();
    outcomes.push({
      refused: result.isError === true,
      kept: contentOf(join(project, STATE_FILES[file])) === damaged,
    });
  }
  return outcomes;
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // gone is not kept
  }
}
