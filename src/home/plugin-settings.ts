import * as z from 'zod';

import { withoutUndefined } from '../base/without-undefined.ts';

/** `plugins:` of runtime.yaml. */
export const PluginsSchema = z.strictObject({
  /** `ask`: a new or changed plugin waits for `nexo plugins approve`. */
  approval: z.enum(['auto', 'ask']).optional(),
  /** More beginnings that the names of personal tools may have; nexo_ is always one. */
  prefixes: z
    .array(z.string().regex(/^[a-z][a-z0-9_]*_$/, 'must end in _, such as acme_'))
    .max(20)
    .optional(),
  call_seconds: z.int().min(1).max(3600).optional(),
  memory_mib: z.int().min(64).max(65_536).optional(),
  idle_seconds: z.int().min(1).max(86_400).optional(),
});

export interface PluginSettings {
  readonly approval: 'auto' | 'ask';
  readonly prefixes: readonly string[];
  /** Only what is set. */
  readonly limits: {
    readonly callMs?: number;
    readonly memoryBytes?: number;
    readonly idleMs?: number;
  };
}

export function toPluginSettings(raw: z.infer<typeof PluginsSchema>): PluginSettings {
  const { approval = 'auto', prefixes = [], call_seconds, memory_mib, idle_seconds } = raw;
  const times = (value: number | undefined, unit: number) => (value === undefined ? undefined : value * unit);
  return {
    approval,
    prefixes,
    limits: withoutUndefined({
      callMs: times(call_seconds, 1000),
      memoryBytes: times(memory_mib, 1024 * 1024),
      idleMs: times(idle_seconds, 1000),
    }),
  };
}
