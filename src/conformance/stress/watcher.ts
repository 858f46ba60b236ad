import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { systemErrorCode } from '../../errors.ts';
import type { Violation } from './ledger.ts';
import { ARTIFACT_LINES, ARTIFACT_NAMES } from './operations.ts';

/** Reads the files while others write them, as any program may, and remembers what it must never see. */
export interface Watcher {
  readonly violations: readonly Violation[];
  /** Files that were read. */
  readonly reads: number;
  /** Reads everything once more and stops. */
  stop(): Promise<void>;
}

/** Pause between two rounds, in milliseconds. */
const PAUSE_MS = 5;

/** So that a server that tears every write does not fill the memory. */
const MAX_VIOLATIONS = 100;

export function watchFiles(root: string): Watcher {
  const violations: Violation[] = [];
  const stop = new AbortController();
  let reads = 0;
  let history: readonly string[] = [];

  const read = (path: string): string | undefined => {
    try {
      const text = readFileSync(join(root, path), 'utf8');
      reads += 1;
      return text;
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      report({
        kind: 'torn',
        detail: `${path} could not be read: ${systemErrorCode(error) ?? String(error)}`,
      });
      return undefined;
    }
  };
  const report = (violation: Violation): void => {
    if (violations.length < MAX_VIOLATIONS) violations.push(violation);
  };
  const readJson = (path: string): unknown => {
    const text = read(path);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text);
    } catch {
      report({
        kind: 'torn',
        detail: `${path} was not JSON: ${text.length} characters, ending in ${JSON.stringify(text.slice(-40))}`,
      });
      return undefined;
    }
  };
  const round = (): void => {
    readJson('.nexus/state/plan.json');
    readJson('.nexus/state/tasks.json');
    const cycles = cyclesOf(readJson('.nexus/history.json'));
    if (cycles !== undefined) {
      const changed = history.findIndex((cycle, index) => cycles[index] !== cycle);
      if (changed !== -1)
        report({ kind: 'rewritten', detail: `cycle ${changed + 1} of the history changed or went away` });
      history = cycles;
    } else if (history.length > 0 && read('.nexus/history.json') === undefined) {
      report({ kind: 'rewritten', detail: 'the history went away' });
    }
    for (const name of ARTIFACT_NAMES) {
      const text = read(`.nexus/state/artifacts/${name}`);
      if (text !== undefined && !isWholeArtifact(text)) {
        report({ kind: 'torn', detail: `artifact ${name} was no whole artifact: ${text.length} characters` });
      }
    }
  };
  const running = (async () => {
    while (!stop.signal.aborted) {
      round();
      await delay(PAUSE_MS, undefined, { signal: stop.signal }).catch(() => {
        // Stopped: the loop ends.
      });
    }
    round();
  })();
  return {
    violations,
    get reads() {
      return reads;
    },
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

function cyclesOf(value: unknown): readonly string[] | undefined {
  if (typeof value !== 'object' || value === null || !('cycles' in value) || !Array.isArray(value.cycles))
    return undefined;
  return value.cycles.map((cycle) => JSON.stringify(cycle));
}

function isWholeArtifact(text: string): boolean {
  const first = text.slice(0, text.indexOf('\n') + 1);
  return first !== '' && text === first.repeat(ARTIFACT_LINES);
}
