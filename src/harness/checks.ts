import { parse } from 'node:path';

import { type Check, fromIssues, healthy } from '../base/check.ts';
import { runProcess } from '../base/process.ts';
import type { DoctorPlace } from './doctor/contract.ts';
import { diagnoseHarnesses } from './doctor/diagnose.ts';

/** What the checks of the harnesses need of the world. */
export interface HarnessCheckContext {
  readonly paths: { readonly state: string };
  readonly env: NodeJS.ProcessEnv;
  readonly userHome: string;
  readonly projectRoot: string | undefined;
  readonly signal: AbortSignal;
}

/** The same as `nexo harness doctor`, for every harness and scope that Nexo is installed in. */
const installations: Check<HarnessCheckContext> = {
  id: 'runtime.harness',
  tier: 'runtime',
  run: async ({ paths, env, userHome, projectRoot, signal }) => {
    const user: DoctorPlace = {
      scope: 'user',
      home: userHome,
      projectRoot: projectRoot ?? userHome,
      stateFolder: paths.state,
      env,
      systemRoot: parse(process.execPath).root,
      platform: process.platform,
    };
    const places: DoctorPlace[] = [user];
    if (projectRoot !== undefined) places.push({ ...user, scope: 'project' });
    const diagnoses = await diagnoseHarnesses({
      places,
      run: (file, args, options) => runProcess(file, args, { ...options, signal }),
    });
    const installed = diagnoses.filter((each) => each.installed);
    if (installed.length === 0) return healthy('Nexo is installed in no harness.');
    const findings = installed.flatMap((each) => each.findings);
    return fromIssues(
      findings.map(({ id, harness, file, what }) => ({
        subject: `${harness}: ${file}`,
        // A gate that lets through what it must refuse is worse than one that waits for trust.
        severity: id === 'gate-dead' ? ('error' as const) : ('warn' as const),
        message: what,
      })),
      {
        healthy: `Hooks, gate and server work in ${[...new Set(installed.map(({ harness }) => harness))].join(', ')}.`,
        repairPlan: [...new Set(findings.map(({ next }) => next))],
      },
    );
  },
};

export const HARNESS_CHECKS: readonly Check<HarnessCheckContext>[] = [installations];
