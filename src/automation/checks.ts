import type { Check } from '../base/check.ts';
import { type AutomationCheckContext, SCHEDULE_CHECKS } from './schedules/checks.ts';
import { SCRIPT_CHECKS } from './scripts/checks.ts';

/** The checks of personal scripts and their schedules. */
export const AUTOMATION_CHECKS: readonly Check<AutomationCheckContext>[] = [
  ...SCHEDULE_CHECKS,
  ...SCRIPT_CHECKS,
];
