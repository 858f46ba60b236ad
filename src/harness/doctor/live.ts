import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ProcessOptions, ProcessResult } from '../../base/process.ts';
import { type DoctorSubject, type HarnessFault, type InstalledHook, installCommand } from './contract.ts';
import { missingParts } from './programs.ts';

export type RunProgram = (
  file: string,
  args: readonly string[],
  options: ProcessOptions,
) => Promise<ProcessResult>;

/** As long as the harness itself would wait. */
const TIMEOUT_MS = 10_000;

/**
 * Hands the installed gate a call that must be refused, the way the harness would, and looks whether it is. Only
 * commands that the installation wrote are started; a person's own edit is reported, not run.
 */
export async function findDeadGate(
  { harness, place, inspector, hooks }: DoctorSubject,
  isOurs: (hook: InstalledHook) => boolean,
  run: RunProgram,
): Promise<HarnessFault[]> {
  const gate = hooks.find((hook) => hook.event === 'pre-tool-use' && isOurs(hook));
  const [program, ...args] = gate?.words ?? [];
  if (gate === undefined || program === undefined) return [];
  if (missingParts([program, ...args], place.env).length > 0) return [];
  const folder = mkdtempSync(join(tmpdir(), 'nexo-doctor-'));
  try {
    const result = await run(program, args, {
      cwd: folder,
      env: { ...place.env, NEXO_PROJECT_ROOT: folder },
      input: JSON.stringify(inspector.forbiddenCall(folder)),
      timeoutMs: TIMEOUT_MS,
    });
    if (result.code === 2) return [];
    const said = result.stderr.trim().split('\n')[0] ?? '';
    const ended = result.timedOut
      ? `did not answer within ${TIMEOUT_MS / 1000} s`
      : `ended with ${result.code ?? result.signal} instead of 2`;
    return [
      {
        id: 'gate-dead',
        severity: 'error',
        file: gate.file,
        what: `The gate let a forbidden call pass: the hook ${ended}${said === '' ? '' : ` and said: ${said.slice(0, 300)}`}.`,
        next: `Install Nexo again, then: ${installCommand(harness, place.scope)}`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
