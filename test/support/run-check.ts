import type { Check } from '../../src/base/check.ts';
import type { DoctorContext } from '../../src/doctor/context.ts';
import type { CheckReport } from '../../src/doctor/report.ts';
import { runDoctor } from '../../src/doctor/run.ts';
import { createDoctorContext } from '../../src/doctor/world.ts';
import { NEXO } from './run-nexo.ts';

/** The world of a doctor that looks at this home and project, and at nothing else. */
export function doctorWorld(home: string, projectRoot?: string): Omit<DoctorContext, 'signal'> {
  const env = { ...process.env, NEXO_HOME: home };
  return createDoctorContext({ env, userHome: process.env.HOME ?? home, projectRoot, program: NEXO });
}

/** Runs one check through the doctor, as a person would have it reported. */
export async function runCheck(
  checks: readonly Check<DoctorContext>[],
  id: string,
  context: Omit<DoctorContext, 'signal'>,
  fix = false,
): Promise<CheckReport> {
  const load = async () => checks.filter((check) => check.id === id);
  const report = await runDoctor({ context, tier: 'all', fix, sources: [{ name: 'test', load }] });
  const [found] = report.checks;
  if (found === undefined || report.checks.length !== 1) throw new Error(`there is not one check ${id}`);
  return found;
}
