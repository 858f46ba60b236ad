import type { TaskAction, ToolCall } from '../contract.ts';
import type { Flow } from './flow.ts';

/** What the judges of single commands see and report to. Arguments are literal text with marks for unknown parts. */
export interface Run {
  readonly call: ToolCall;
  /** Directories that relative paths may count from; undefined when unknown. */
  readonly from: readonly string[] | undefined;
  readonly input: Flow;
  /** The command's own words, for searching in what cannot be judged. */
  readonly text: string;
  write(how: string, path?: string, recursive?: boolean): void;
  unknown(rule: string, how: string, text?: string): void;
  task(action: TaskAction, how: string): void;
  agent(how: string): void;
  gate(how: string): void;
  /** Judges words as a command of their own. `extra` words may follow that nobody knows yet. */
  nested(argv: readonly string[], options?: { readonly input?: Flow }): void;
  /** Judges shell text. */
  script(text: string, options?: { readonly input?: Flow }): void;
}
