import type { Check } from '../base/check.ts';
import type { DoctorContext } from './context.ts';

/** The checks of one domain, loaded when the doctor runs. */
export interface CheckSource {
  readonly name: string;
  load(): Promise<readonly Check<DoctorContext>[]>;
}

/** Every domain that has checks, in the order in which they are reported within a tier. */
export const CHECK_SOURCES: readonly CheckSource[] = [
  { name: 'home', load: async () => (await import('../home/checks.ts')).HOME_CHECKS },
  { name: 'harness', load: async () => (await import('../harness/checks.ts')).HARNESS_CHECKS },
];
