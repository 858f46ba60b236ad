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
  { name: 'workspace', load: async () => (await import('../workspace/checks.ts')).WORKSPACE_CHECKS },
  { name: 'harness', load: async () => (await import('../harness/checks.ts')).HARNESS_CHECKS },
  { name: 'mcp', load: async () => (await import('./mcp-check.ts')).MCP_CHECKS },
  { name: 'automation', load: async () => (await import('../automation/checks.ts')).AUTOMATION_CHECKS },
  { name: 'skills', load: async () => (await import('../skills/checks.ts')).SKILL_CHECKS },
  { name: 'plugins', load: async () => (await import('../plugins/checks.ts')).PLUGIN_CHECKS },
  { name: 'daemon', load: async () => (await import('../daemon/checks.ts')).DAEMON_CHECKS },
];
