import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { ConformanceCase, FileContent } from './fixture.ts';
import { resolveStatePath } from './state-path.ts';

/** Makes a fresh, empty project folder and returns its real path. */
export function createProject(): string {
  return mkdtempSync(join(realpathSync(tmpdir()), 'nexo-conformance-'));
}

export function removeProject(root: string): void {
  rmSync(root, { recursive: true, force: true, maxRetries: 3 });
}

/** Puts the files that a case starts from into place. */
export function applyPreconditions(
  root: string,
  preconditions: ConformanceCase['preconditions'],
  harnessId: string,
): void {
  for (const [path, content] of Object.entries(preconditions)) {
    const target = join(root, resolveStatePath(path, harnessId));
    if (content === null) {
      rmSync(target, { force: true });
      continue;
    }
    mkdirSync(dirname(target), { recursive: true });
    // On one line, so that it is also one line of a JSON Lines file.
    writeFileSync(target, `${JSON.stringify(content)}\n`);
  }
}

/**
 * The harness that a case is about: what its event says, else what the runner was told, else what the seeded tracker
 * says (events on a known agent do not name their harness).
 */
export function harnessOf(
  conformanceCase: ConformanceCase,
  configured: string | undefined,
): string | undefined {
  for (const { operation } of conformanceCase.steps) {
    const named = operation.kind === 'event' ? operation.params.harness_id : undefined;
    if (typeof named === 'string') return named;
  }
  return (
    configured ??
    Object.values(conformanceCase.preconditions)
      .map(seededHarness)
      .find((id) => id !== undefined)
  );
}

function seededHarness(content: FileContent): string | undefined {
  const [entry]: readonly unknown[] = Array.isArray(content) ? content : [];
  if (typeof entry !== 'object' || entry === null || !('harness_id' in entry)) return undefined;
  return typeof entry.harness_id === 'string' ? entry.harness_id : undefined;
}
