import type { HarnessName, HookOutput } from '../../src/harness/contract.ts';
import type { FuzzCase } from './fuzz-payloads.ts';

/** Fields that a harness knows in an answer; in Codex one more and the whole answer is dropped. */
const KNOWN: Readonly<Record<HarnessName, readonly string[]>> = {
  claude: ['systemMessage', 'decision', 'reason', 'hookSpecificOutput'],
  codex: ['systemMessage', 'decision', 'reason', 'hookSpecificOutput'],
  opencode: ['decision', 'reason', 'context', 'message'],
};
const SPECIFIC: Readonly<Record<string, readonly string[]>> = {
  'pre-tool-use': ['hookEventName', 'additionalContext', 'permissionDecision', 'permissionDecisionReason'],
};
const SPECIFIC_ELSEWHERE = ['hookEventName', 'additionalContext'];

/** What is wrong with an answer: with its form, and with what it decides where that is beyond doubt. */
export function faultsOf(harness: HarnessName, fuzzed: FuzzCase, output: HookOutput): string[] {
  return [...formFaults(harness, fuzzed, output), ...decisionFaults(harness, fuzzed, output)];
}

function formFaults(harness: HarnessName, { event }: FuzzCase, output: HookOutput): string[] {
  const { stdout, stderr, exitCode } = output;
  const faults: string[] = [];
  if (exitCode !== 0 && exitCode !== 2) faults.push(`exit code ${exitCode}`);
  if (exitCode === 2 && event !== 'pre-tool-use' && event !== 'user-message')
    faults.push(`it refuses ${event}`);
  if (/internal error|^\s+at /m.test(stderr)) faults.push(`it failed inside: ${stderr.slice(0, 300)}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(stderr)) {
    faults.push(`control characters on standard error: ${JSON.stringify(stderr.slice(0, 300))}`);
  }
  if (stderr.length > 20_000) faults.push(`${stderr.length} characters on standard error`);
  if (stdout === '') return faults;
  if (!stdout.endsWith('\n') || stdout.indexOf('\n') !== stdout.length - 1) faults.push('not one line');
  const answer = parse(stdout);
  if (answer === undefined) return [...faults, `no JSON object: ${stdout.slice(0, 200)}`];
  const unknown = Object.keys(answer).filter((key) => !KNOWN[harness].includes(key));
  const specific = parse(JSON.stringify(answer.hookSpecificOutput ?? {})) ?? {};
  const knownSpecific = SPECIFIC[event] ?? SPECIFIC_ELSEWHERE;
  unknown.push(...Object.keys(specific).filter((key) => !knownSpecific.includes(key)));
  if (unknown.length > 0) faults.push(`fields that ${harness} does not know: ${unknown.join(', ')}`);
  return faults;
}

function decisionFaults(
  harness: HarnessName,
  { event, bytes, agent }: FuzzCase,
  output: HookOutput,
): string[] {
  if (event !== 'pre-tool-use') return [];
  const payload = bytes === undefined ? undefined : parse(bytes.toString('utf8'));
  const refused = output.exitCode === 2;
  if (refused && !tellsWhy(harness, output)) return ['it refuses without a reason'];
  if (payload === undefined) return unreadableFaults(agent, refused);
  const actor = actorIn(harness, payload, agent);
  if (actor === 'lead' && refused) return ['it refuses Lead'];
  if (actor === 'architect' && isEdit(harness, payload) && !refused) return ['it lets architect edit'];
  return [];
}

function unreadableFaults(agent: string | undefined, refused: boolean): string[] {
  const isGated = agent === 'architect' || agent === 'engineer';
  if (isGated && !refused) return ['an unreadable payload of a gated agent goes through'];
  if ((agent === undefined || agent === 'lead') && refused)
    return ['an unreadable payload of Lead is refused'];
  return [];
}

/** Who acts, where it is beyond doubt; undefined otherwise. */
function actorIn(
  harness: HarnessName,
  payload: Record<string, unknown>,
  environment: string | undefined,
): string | undefined {
  const name = harness === 'opencode' ? payload.agent : (payload.agent_type ?? payload.agent);
  if (name === 'architect') return name;
  const isLead = name === undefined || (harness === 'opencode' && (name === 'build' || name === 'plan'));
  if (isLead && (environment === undefined || environment === 'lead')) return 'lead';
  return undefined;
}

function isEdit(harness: HarnessName, payload: Record<string, unknown>): boolean {
  if (harness === 'opencode') return parse(JSON.stringify(payload.input ?? {}))?.tool === 'edit';
  return payload.tool_name === (harness === 'codex' ? 'apply_patch' : 'Edit');
}

function tellsWhy(harness: HarnessName, { stdout, stderr }: HookOutput): boolean {
  const answer = parse(stdout);
  const specific = parse(JSON.stringify(answer?.hookSpecificOutput ?? {}));
  const [decision, reason] =
    harness === 'opencode'
      ? [answer?.decision, answer?.reason]
      : [specific?.permissionDecision, specific?.permissionDecisionReason];
  return decision === 'deny' && typeof reason === 'string' && reason !== '' && stderr.trim() !== '';
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
