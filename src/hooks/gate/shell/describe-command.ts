import type { Effect, ToolCall } from '../contract.ts';
import { describePowerShell } from './powershell.ts';
import { createShell } from './shell.ts';

export interface CommandUse {
  readonly call: ToolCall;
  readonly cwd: string;
  readonly effects: Effect[];
  readonly powerShell: boolean;
  /** The program that the harness is asked to hand the text to. */
  readonly shell: string | undefined;
  /** Text for a shell, or the words of one command. */
  readonly command: string | readonly string[];
}

const POSIX_SHELLS = /^(?:ba|da|z|k|mk|a)?sh$/;

/** Adds what a command of a shell tool would do. */
export function describeCommand({ call, cwd, effects, powerShell, shell, command }: CommandUse): void {
  const shellName = shell
    ?.split(/[\\/]/)
    .at(-1)
    ?.toLowerCase()
    .replace(/\.exe$/, '');
  const isPowerShell = powerShell || shellName === 'pwsh' || shellName === 'powershell';
  if (isPowerShell) {
    describePowerShell(typeof command === 'string' ? command : command.join(' '), effects);
    return;
  }
  if (shellName !== undefined && shellName !== '' && !POSIX_SHELLS.test(shellName)) {
    effects.push({
      kind: 'unknown',
      rule: 'unknown-shell',
      how: 'the command is for a shell that cannot be judged',
      text: String(command),
    });
    return;
  }
  const judge = createShell({ call, cwd, effects });
  if (typeof command === 'string') judge.text(command);
  else judge.words(command);
}
