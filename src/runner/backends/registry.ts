import { claudeCode } from './claude-code.ts';
import { codex } from './codex.ts';
import { command } from './command.ts';
import type { Backend, BackendName } from './contract.ts';
import { opencode } from './opencode.ts';
import { scripted } from './scripted.ts';

/** Every backend there is. */
export const BACKENDS: Readonly<Record<BackendName, Backend>> = {
  claude_code: claudeCode,
  codex,
  opencode,
  command,
  scripted,
};
