import { extractJson } from './extract-json.ts';
import { runNexo } from './run-nexo.ts';

export interface AutomationOptions {
  /** `personal/<script>`; in a script that Nexo runs, that is the default. */
  readonly caller?: string;
  /** How hard to think: `maximo`, `alto`, `medio` or `bajo`. Default: your settings. */
  readonly tier?: string;
  readonly backend?: string;
  /** Leave it out: your settings decide. */
  readonly model?: string;
  readonly reasoningEffort?: string;
  readonly cwd?: string;
  /** Default: three hours. */
  readonly timeoutSeconds?: number;
  /** With commas. Default: reading, writing, searching, the shell and Nexo's own tools. */
  readonly allowedTools?: string;
  readonly appendSystemPrompt?: string;
}

const DEFAULT_ALLOWED_TOOLS = 'Read,Write,Edit,Glob,Grep,Bash,mcp__nexo__*';
const DEFAULT_TIMEOUT_SECONDS = 10_800;

/** Has an agent answer a prompt and answers with the text. Throws NexoCallError. */
export function runAutomationText(prompt: string, options: AutomationOptions = {}): Promise<string> {
  return runAutomation(prompt, 'text', options);
}

/** As `runAutomationText`, and answers with the one JSON object that the answer holds. */
export async function runAutomationJson(
  prompt: string,
  options: AutomationOptions = {},
): Promise<Record<string, unknown>> {
  return extractJson(await runAutomation(prompt, 'json', options));
}

function runAutomation(prompt: string, form: 'text' | 'json', options: AutomationOptions): Promise<string> {
  const timeoutSeconds = options.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS;
  const name = process.env.NEXO_SCRIPT_NAME;
  const flags: Readonly<Record<string, string | undefined>> = {
    '--caller': options.caller ?? (name ? `personal/${name}` : undefined),
    '--tier': options.tier,
    '--backend': options.backend,
    '--model': options.model,
    '--reasoning-effort': options.reasoningEffort,
    '--cwd': options.cwd,
    '--timeout': String(timeoutSeconds),
    '--allowed-tools': options.allowedTools ?? DEFAULT_ALLOWED_TOOLS,
    '--append-system-prompt': options.appendSystemPrompt,
    '--output-format': form,
  };
  const words = Object.entries(flags).flatMap(([flag, value]) => (value ? [flag, value] : []));
  // The run ends itself at its time limit and says so; we wait a little longer than that.
  return runNexo(['run', ...words], { input: prompt, timeoutSeconds: timeoutSeconds + 30 });
}
