import { HARNESS_NAMES, type HarnessName } from './contract.ts';
import type { HarnessInspector } from './doctor/contract.ts';
import type { InstallPlanner } from './install/contract.ts';
import type { Renderer } from './rendering.ts';

/** Each harness that Nexo speaks to. What is known of one is in the folder of its name. */
export interface HarnessEntry {
  readonly name: HarnessName;
  readonly title: string;
  /** Loaded on demand: each command needs one of them. What hooks need is in `hook-dialects.ts`. */
  loadRenderer(): Promise<Renderer>;
  loadPlanner(): Promise<InstallPlanner>;
  loadInspector(): Promise<HarnessInspector>;
}

export const HARNESSES: readonly HarnessEntry[] = [
  {
    name: 'claude',
    title: 'Claude Code',
    loadRenderer: async () => (await import('./claude/render.ts')).renderClaude,
    loadPlanner: async () => (await import('./claude/install.ts')).planClaude,
    loadInspector: async () => (await import('./claude/inspect.ts')).claudeInspector,
  },
  {
    name: 'codex',
    title: 'Codex',
    loadRenderer: async () => (await import('./codex/render.ts')).renderCodex,
    loadPlanner: async () => (await import('./codex/install.ts')).planCodex,
    loadInspector: async () => (await import('./codex/inspect.ts')).codexInspector,
  },
  {
    name: 'opencode',
    title: 'OpenCode',
    loadRenderer: async () => (await import('./opencode/render.ts')).renderOpenCode,
    loadPlanner: async () => (await import('./opencode/install.ts')).planOpenCode,
    loadInspector: async () => (await import('./opencode/inspect.ts')).openCodeInspector,
  },
];

export function findHarness(name: string): HarnessEntry | undefined {
  return HARNESSES.find((harness) => harness.name === name);
}

export function isHarnessName(name: string): name is HarnessName {
  return (HARNESS_NAMES as readonly string[]).includes(name);
}
