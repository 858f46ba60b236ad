import type { Effect, ToolCall } from '../contract.ts';
import { describeForeign } from './foreign.ts';
import { asInputRecord, collectTexts, type InputRecord, isPathKey, textOf } from './input.ts';
import { findNativeTool, foldToolName, type NativeKind } from './native.ts';
import { describeNexusTool, findNexusTool } from './nexus.ts';
import { patchTargets } from './patch.ts';

/** Longest command text that is judged, in UTF-16 units; security rules fix it. */
export const MAX_COMMAND = 256 * 1024;

/** Calls inside a batch, and batches inside batches. */
const MAX_NESTED = 100;
const MAX_DEPTH = 4;

/** Files that one edit may name. */
const MAX_PATHS = 500;

/** Adds what a call would do to `effects`. */
export async function describeToolUse(
  call: ToolCall,
  tool: unknown,
  input: unknown,
  effects: Effect[],
  depth: number,
): Promise<void> {
  if (typeof tool !== 'string' || tool.trim() === '' || tool.length > 1_000) {
    effects.push(malformed('the tool has no usable name'));
    return;
  }
  if (depth > MAX_DEPTH || effects.length > 1_000) {
    effects.push(malformed('the calls are nested too deep'));
    return;
  }
  const name = foldToolName(tool).replace(/^(?:functions|tools|default_api)[.]/, '');
  const kind = findNativeTool(call.harness, name);
  const nexus = kind === undefined ? findNexusTool(tool) : undefined;
  if (kind !== undefined) await describeNative({ call, name, input, effects, depth }, kind);
  else if (nexus !== undefined) effects.push(...describeNexusTool(nexus, input));
  else await describeOther(call, tool, input, effects);
}

interface NativeUse {
  readonly call: ToolCall;
  readonly name: string;
  readonly input: unknown;
  readonly effects: Effect[];
  readonly depth: number;
}

async function describeNative(use: NativeUse, kind: NativeKind): Promise<void> {
  const { call, name, effects } = use;
  if (kind === 'read') return;
  if (kind === 'question')
    effects.push({ kind: 'question', rule: 'question-tool', how: 'this tool asks the user' });
  else if (kind === 'worktree')
    effects.push({
      kind: 'write',
      rule: 'worktree-tool',
      how: 'this tool makes or removes files of a work tree',
    });
  else if (kind === 'settings')
    effects.push({
      kind: 'gate',
      rule: 'settings-tool',
      how: 'this tool changes the settings of the harness',
    });
  else if (kind === 'shell-session') effects.push(shellSession(name));
  else if (kind === 'agent' || kind === 'message') effects.push(...describeAgent(use, kind));
  else if (kind === 'edit' || kind === 'notebook') effects.push(...describeEdit(use));
  else if (kind === 'shell-input') effects.push(shellSession(name), ...describeTyping(use));
  else if (kind === 'batch') await describeBatch(use);
  else if (kind === 'code') await describeCode(use);
  else if (name === 'exec' && isCodeMode(use.input)) await describeCode(use);
  else {
    effects.push(shellSession(name));
    await describeCommandInput(call, use.input, effects, kind === 'powershell');
  }
}

function describeAgent({ name, input, call }: NativeUse, kind: 'agent' | 'message'): Effect[] {
  const record = asInputRecord(input) ?? {};
  if (kind === 'message') {
    const to = textOf(record, 'to', 'recipient')?.trim().toLowerCase();
    const toLead = to === 'lead' || to === 'team-lead' || to === 'main' || to === 'user';
    if (toLead || !call.capabilities.has('no_subagent_spawn')) return [];
  }
  const target = textOf(record, 'subagent_type', 'agent_type', 'role', 'agent')
    ?.split(/[:/]/)
    .at(-1)
    ?.trim()
    .toLowerCase();
  const how = `${name} starts or continues another agent`;
  return [{ kind: 'agent', rule: 'agent-tool', how, ...(target === undefined ? {} : { target }) }];
}

function describeEdit({ call, name, input }: NativeUse): Effect[] {
  const how = `${name} changes files`;
  const record = typeof input === 'string' ? { input } : asInputRecord(input);
  if (record === undefined) return [malformed('the edit has no readable input')];
  if (name === 'str_replace_based_edit_tool' && record.command === 'view') return [];
  const patches = ['command', 'input', 'patch', 'patchText', 'diff'].flatMap((key) => patchOf(record[key]));
  const paths = [
    ...patches,
    ...collectTexts(record, (key) => isPathKey(key) && !/^(?:old|new)_?/i.test(key)),
  ];
  if (paths.length === 0) return [{ kind: 'malformed', rule: 'edit-tool', how: `${how} and names none` }];
  if (paths.length > MAX_PATHS) return [malformed('the edit names too many files')];
  return paths.map((path) => ({ kind: 'write', rule: 'edit-tool', how, path, from: [call.cwd] }));
}

function patchOf(value: unknown): string[] {
  const text = Array.isArray(value) ? value.filter((each) => typeof each === 'string').join('\n') : value;
  return typeof text === 'string' ? (patchTargets(text) ?? []) : [];
}

/** Reading what a process has to say is a look; any text may be a command to it. */
function describeTyping({ input }: NativeUse): Effect[] {
  const record = asInputRecord(input);
  if (record === undefined) return [malformed('the input for the running process cannot be read')];
  const chars = textOf(record, 'chars', 'data', 'input', 'text') ?? '';
  // Interrupt and end of input.
  if ([...chars].every((sign) => sign === '\u0003' || sign === '\u0004')) return [];
  return [
    {
      kind: 'unknown',
      rule: 'shell-input',
      how: 'what a running process does with typed text cannot be told',
      text: chars,
    },
  ];
}

async function describeBatch({ call, input, effects, depth }: NativeUse): Promise<void> {
  const record = asInputRecord(input);
  const list = Array.isArray(input)
    ? input
    : (record?.tool_calls ?? record?.tool_uses ?? record?.calls ?? record?.invocations);
  if (!Array.isArray(list) || list.length > MAX_NESTED) {
    effects.push(malformed('the list of calls cannot be read'));
    return;
  }
  for (const each of list) {
    const item = asInputRecord(each) ?? {};
    const tool = textOf(item, 'tool', 'tool_name', 'recipient_name', 'name');
    await describeToolUse(
      call,
      tool,
      item.parameters ?? item.args ?? item.arguments ?? item.input,
      effects,
      depth + 1,
    );
  }
}

async function describeCode({ call, name, input, effects, depth }: NativeUse): Promise<void> {
  const record = asInputRecord(input) ?? {};
  const code =
    typeof input === 'string' ? input : textOf(record, 'code', 'input', 'script', 'source', 'text');
  const { describeCodeMode } = await import('./code-mode.ts');
  const result = describeCodeMode(code ?? '');
  if (result === undefined) {
    effects.push({
      kind: 'unknown',
      rule: 'code-tool',
      how: `what the code for ${name} changes cannot be told`,
      text: code ?? '',
    });
    return;
  }
  for (const nested of result) await describeToolUse(call, nested.tool, nested.input, effects, depth + 1);
}

/** Codex has had two tools of this name: a shell, and JavaScript that calls the other tools. */
function isCodeMode(input: unknown): boolean {
  const record = asInputRecord(input);
  if (record?.command !== undefined || record?.cmd !== undefined) return false;
  const code = typeof input === 'string' ? input : textOf(record ?? {}, 'code', 'input', 'script');
  return code !== undefined && /\btools\b|\bawait\b|\bconst\b|\blet\b/.test(code);
}

async function describeOther(call: ToolCall, tool: string, input: unknown, effects: Effect[]): Promise<void> {
  const use = describeForeign(call, tool, input);
  if (use.kind === 'effects') effects.push(...use.effects);
  if (use.kind !== 'command') return;
  effects.push(shellSession(tool.slice(0, 80)));
  await describeCommandInput(call, { ...asInputRecord(input), command: use.command }, effects, false);
}

/** A command as text or as words, with the directory that it starts in. */
async function describeCommandInput(
  call: ToolCall,
  input: unknown,
  effects: Effect[],
  powerShell: boolean,
): Promise<void> {
  // The shell parser is not needed for an agent that may run nothing at all.
  if (call.capabilities.has('no_shell_exec')) return;
  const record: InputRecord | undefined =
    typeof input === 'string' ? { command: input } : asInputRecord(input);
  const given = record?.command ?? record?.cmd ?? record?.input ?? record?.script;
  const words =
    Array.isArray(given) && given.every((word) => typeof word === 'string') ? (given as string[]) : undefined;
  if (record === undefined || (typeof given !== 'string' && words === undefined)) {
    effects.push(malformed('the command is missing or is not text'));
    return;
  }
  const size =
    words === undefined ? (given as string).length : words.reduce((sum, word) => sum + word.length + 1, 0);
  if (size > MAX_COMMAND) {
    effects.push({ kind: 'malformed', rule: 'too-long', how: 'the command is longer than 256 KiB' });
    return;
  }
  const start = textOf(record, 'workdir', 'working_directory', 'cwd', 'directory') ?? '.';
  const cwd = start.startsWith('/') ? start : `${call.cwd}/${start}`;
  const shell = textOf(record, 'shell');
  const { describeCommand } = await import('../shell/describe-command.ts');
  describeCommand({ call, cwd, effects, powerShell, shell, command: words ?? (given as string) });
}

function shellSession(name: string): Effect {
  return { kind: 'shell', rule: 'shell-tool', how: `${name} reaches a shell or a process` };
}

function malformed(how: string): Effect {
  return { kind: 'malformed', rule: 'malformed', how };
}
