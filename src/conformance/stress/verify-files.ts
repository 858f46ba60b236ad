import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { type FinalState, readFinalState } from './final-state.ts';
import { type CallRecord, possibleLastValues, type Violation } from './ledger.ts';
import { ARTIFACT_NAMES } from './operations.ts';
import { verifyState } from './verify.ts';

export interface FileVerdict {
  readonly found: { readonly tasks: number; readonly plans: number; readonly cycles: number };
  readonly violations: readonly Violation[];
  /** Files that look like somebody's half-done work. */
  readonly leftovers: readonly string[];
}

/** Compares everything below `.nexus/` with every call that was made. */
export function verifyFiles(root: string, records: readonly CallRecord[]): FileVerdict {
  const leftovers = findLeftovers(root);
  const locks = leftovers.filter((path) => path.endsWith('.lock'));
  const violations: Violation[] = [
    ...verifyArtifacts(root, records),
    ...locks.map(
      (path): Violation => ({ kind: 'leftover-lock', detail: `${path} is held by nobody and still there` }),
    ),
  ];
  let state: FinalState;
  try {
    state = readFinalState(root);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    violations.push({ kind: 'torn', detail: `at the end a state file cannot be read: ${reason}` });
    return { found: { tasks: 0, plans: 0, cycles: 0 }, violations, leftovers };
  }
  const { taskLists, plans, cycleTimes } = state;
  return {
    found: { tasks: taskLists.flat().length, plans: plans.length, cycles: cycleTimes.length },
    violations: [...violations, ...verifyState(state, records)],
    leftovers,
  };
}

function verifyArtifacts(root: string, records: readonly CallRecord[]): Violation[] {
  return ARTIFACT_NAMES.flatMap((name): Violation[] => {
    const writes = records.filter(({ tool, params, answer }) => {
      return tool === 'artifact_write' && params.filename === name && answer !== 'refused';
    });
    const path = join(root, '.nexus/state/artifacts', name);
    const content = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    const possible = possibleLastValues([
      // Before the first write there is no file.
      {
        startedAt: Number.NEGATIVE_INFINITY,
        endedAt: Number.NEGATIVE_INFINITY,
        value: undefined,
        isCertain: true,
      },
      ...writes.map((record) => ({
        ...record,
        value: record.params.content,
        isCertain: record.answer === 'acknowledged',
      })),
    ]);
    if (possible.includes(content)) return [];
    const first =
      content === undefined ? 'is not there' : `begins with ${JSON.stringify(content.slice(0, 40))}`;
    return [{ kind: 'lost', detail: `artifact ${name} ${first}, which is not what was last acknowledged` }];
  });
}

const HALF_DONE = /\.(lock|tmp|temp)$|\.tmp[.-]|^\.tmp|~$/;

function findLeftovers(root: string): string[] {
  const folder = join(root, '.nexus');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => HALF_DONE.test(basename(path)))
    .map((path) => `.nexus/${path.replaceAll('\\', '/')}`)
    .sort();
}
