import * as z from 'zod';

import { isSwitchOn } from '../base/switch.ts';

/** A variable of the environment that turns something dangerous or unusual on. */
export interface Toggle {
  /** `core`, or the plugin that reads it. */
  readonly extension: string;
  readonly envVar: string;
  readonly kind: 'boolean' | 'allowlist' | 'build_feature';
  readonly risk: 'low' | 'medium' | 'high' | 'critical';
  /** What it does when it is on, one sentence. */
  readonly effect: string;
  readonly hint: string;
  /** The one value that turns it on, where that is none of the usual words. */
  readonly onValue?: string;
}

/** What the environment says about one toggle, as `--json` shows it. */
export interface CapabilityRow {
  readonly extension: string;
  readonly env_var: string;
  readonly kind: Toggle['kind'];
  readonly risk: Toggle['risk'];
  readonly state: 'enabled' | 'disabled';
  /** Null when it is not set, for lists, and for values that are no word for on or off. */
  readonly raw_value: string | null;
  /** How many entries a list has; null for everything else. */
  readonly items_count: number | null;
  readonly effect: string;
  readonly hint: string;
}

/** The toggles that Nexo itself reads. */
export const CORE_TOGGLES: readonly Toggle[] = [
  {
    extension: 'core',
    envVar: 'NEXO_DISABLE_BUNDLED_PERSONAS',
    kind: 'boolean',
    risk: 'medium',
    effect: 'No persona pack is used, whatever the configuration says.',
    hint: 'export NEXO_DISABLE_BUNDLED_PERSONAS=1',
  },
  {
    extension: 'core',
    envVar: 'NEXO_MEMORY_AUTO_DELETE',
    kind: 'boolean',
    risk: 'medium',
    effect: 'nexo memory gc --auto deletes notes that enough signals speak against, without asking.',
    hint: 'export NEXO_MEMORY_AUTO_DELETE=on',
  },
  {
    extension: 'core',
    envVar: 'NEXO_UNPLANNED_EDITS',
    kind: 'boolean',
    risk: 'medium',
    effect: 'Hooks let files be edited while the plan has no task for it.',
    hint: 'export NEXO_UNPLANNED_EDITS=allow',
    onValue: 'allow',
  },
  {
    extension: 'core',
    envVar: 'NEXO_ALLOW_EPHEMERAL_INSTALL',
    kind: 'boolean',
    risk: 'low',
    effect: 'Timers and services may be installed although the home or the Nexo folder is a temporary one.',
    hint: 'export NEXO_ALLOW_EPHEMERAL_INSTALL=1',
  },
];

const GatesSchema = z.object({
  gate: z.array(
    z.object({
      extension: z.string().min(1).max(64).optional(),
      env_var: z.string().regex(/^[A-Z_][A-Z0-9_]{0,127}$/),
      kind: z.string().transform((kind) => KINDS[kind.toLowerCase()]),
      risk: z
        .string()
        .transform((risk) => risk.toLowerCase())
        .pipe(z.enum(['low', 'medium', 'high', 'critical'])),
      effect: z.string().max(1000).default(''),
      hint: z.string().max(1000).default(''),
    }),
  ),
});

const KINDS: Readonly<Record<string, Toggle['kind']>> = {
  boolean: 'boolean',
  allowlist: 'allowlist',
  cargofeature: 'build_feature',
  cargo_feature: 'build_feature',
  build_feature: 'build_feature',
};

/** The toggles that a plugin's manifest declares in `capability_gates`; those that cannot be understood are left out. */
export function pluginToggles(id: string, gates: unknown): Toggle[] {
  const parsed = GatesSchema.safeParse(gates);
  if (!parsed.success) return [];
  return parsed.data.gate.flatMap(({ env_var, kind, risk, effect, hint }): Toggle[] =>
    kind === undefined
      ? []
      : [
          {
            extension: id,
            envVar: env_var,
            kind,
            risk,
            effect,
            hint: hint === '' ? `export ${env_var}=1` : hint,
          },
        ],
  );
}

/** Reads each toggle from the environment, in the order given. */
export function inspectToggles(toggles: readonly Toggle[], env: NodeJS.ProcessEnv): CapabilityRow[] {
  return toggles.map(({ extension, envVar, kind, risk, effect, hint, onValue }): CapabilityRow => {
    const value = env[envVar];
    const row = { extension, env_var: envVar, kind, risk, effect, hint };
    if (kind === 'allowlist') {
      const items = (value ?? '').split(',').filter((item) => item.trim() !== '').length;
      return { ...row, state: items > 0 ? 'enabled' : 'disabled', raw_value: null, items_count: items };
    }
    const isOn = onValue === undefined ? isSwitchOn(value) : value === onValue;
    return {
      ...row,
      state: isOn ? 'enabled' : 'disabled',
      raw_value: value !== undefined && isWord(value) ? value : null,
      items_count: null,
    };
  });
}

/** Anything longer may be a secret that was put into the wrong variable. */
function isWord(value: string): boolean {
  return /^[A-Za-z0-9 _-]{0,12}$/.test(value);
}
