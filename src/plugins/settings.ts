import type { PluginLimits } from './contract.ts';

/** What the operator has set for all plugins. */
export interface PluginPolicy {
  /** `ask`: a new or changed file waits until its content has been approved. */
  readonly approval: 'auto' | 'ask';
  /** More beginnings that the names of personal tools may have. */
  readonly prefixes: readonly string[];
  readonly limits: Partial<PluginLimits>;
}

export const DEFAULT_POLICY: PluginPolicy = { approval: 'auto', prefixes: [], limits: {} };
