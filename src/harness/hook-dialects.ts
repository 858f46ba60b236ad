import { claudeHooks } from './claude/hooks.ts';
import { codexHooks } from './codex/hooks.ts';
import type { HarnessHooks, HarnessName } from './contract.ts';
import { openCodeHooks } from './opencode/hooks.ts';

/** What a hook needs to know of a harness. All of them in one file are loaded faster than the right one apart. */
export interface HookDialect {
  readonly name: HarnessName;
  /** Its namespace below `.nexus/state/`. */
  readonly workspaceId: string;
  readonly hooks: HarnessHooks;
}

const DIALECTS: readonly HookDialect[] = [
  { name: 'claude', workspaceId: 'claude-nexo', hooks: claudeHooks },
  { name: 'codex', workspaceId: 'codex-nexo', hooks: codexHooks },
  { name: 'opencode', workspaceId: 'opencode-nexo', hooks: openCodeHooks },
];

export function findDialect(name: string): HookDialect | undefined {
  return DIALECTS.find((dialect) => dialect.name === name);
}
