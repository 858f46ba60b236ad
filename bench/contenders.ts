import { nexoSeeds, referenceSeeds, type Seeds } from './seeds.ts';

export const CONTENDER_NAMES = ['nexo', 'reference', 'floor'] as const;
export type ContenderName = (typeof CONTENDER_NAMES)[number];

/** One of the servers that are compared: how it is started and how it wants the same things said. */
export interface Contender {
  readonly name: ContenderName;
  /** What follows `node` on the command line to serve on standard input and output. */
  readonly serve: readonly string[];
  /** Environment variable that names the project, where the working directory shall not decide. */
  readonly rootVariable: string;
  readonly seeds: Seeds;
  newTask(title: string): Readonly<Record<string, unknown>>;
  /** Arguments that close a cycle whatever its tasks' state. */
  readonly closeArguments: Readonly<Record<string, unknown>>;
}

const CONTEXT = 'The service restarts and forgets what it had in hand; see the decision on the queue.';
const ACCEPTANCE = 'A restart in the middle of a delivery loses nothing, and a test shows it.';

/** The JavaScript file that each contender is started from; the reference only recognises its own real path. */
export type Entries = Readonly<Record<ContenderName, string>>;

export function contendersOf(entries: Entries): readonly Contender[] {
  const nexo: Contender = {
    name: 'nexo',
    serve: [entries.nexo, 'mcp'],
    rootVariable: 'NEXO_PROJECT_ROOT',
    seeds: nexoSeeds,
    newTask: (title) => ({ title, context: CONTEXT, acceptance: ACCEPTANCE, owner: 'engineer' }),
    closeArguments: {},
  };
  return [
    nexo,
    {
      name: 'reference',
      serve: [entries.reference],
      rootVariable: 'NEXUS_PROJECT_ROOT',
      seeds: referenceSeeds,
      newTask: (title) => ({ title, context: CONTEXT, acceptance: ACCEPTANCE, owner: { role: 'engineer' } }),
      closeArguments: { force: true },
    },
    { ...nexo, name: 'floor', serve: [entries.floor] },
  ];
}
