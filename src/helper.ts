/**
 * What a personal script may use of Nexo; it imports `nexo/helper`. Everything goes through the `nexo` program, so that
 * scripts keep working when Nexo is updated.
 */
export { type AutomationOptions, runAutomationJson, runAutomationText } from './helper/automation.ts';
export { callTool, callTool as callToolText, callToolJson } from './helper/call-tool.ts';
export { type DayOptions, onlyOnDayOfMonth } from './helper/day-of-month.ts';
export { extractJson } from './helper/extract-json.ts';
export { NexoCallError, type RunNexoOptions, runNexo } from './helper/run-nexo.ts';
