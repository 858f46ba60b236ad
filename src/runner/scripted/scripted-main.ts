import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { randomHex } from '../../base/ids.ts';
import { assertInside, toCleanSegments } from '../../base/safe-path.ts';
import { NexoError } from '../../errors.ts';
import type { RunEvent } from '../backends/events.ts';
import { ownProgram } from '../own-program.ts';
import type { Situation, Step } from './script.ts';

const OPTIONS = {
  script: { type: 'string' },
  session: { type: 'string' },
  sessions: { type: 'string' },
  model: { type: 'string', default: 'scripted' },
  effort: { type: 'string', default: '' },
  attempt: { type: 'string', default: '1' },
} as const;

/** The scripted agent: prompt on standard input, events as JSON lines on standard output. Sets the exit code. */
export async function runScriptedAgent(argv: readonly string[]): Promise<void> {
  try {
    await play(argv);
  } catch (error) {
    // Whatever goes wrong here is what the script, or its author, has done.
    emit({
      kind: 'failure',
      message: error instanceof Error ? error.message : String(error),
      transient: false,
    });
    process.exitCode = 1;
  }
}

async function play(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS });
  const prompt = readFileSync(0, 'utf8');
  const session = openSession(values.sessions, values.session);
  emit({ kind: 'session', sessionId: session.id });
  emit({ kind: 'used', model: values.model, effort: values.effort });
  const situation = { prompt, turn: session.turn, attempt: Number(values.attempt) };
  const steps = await stepsFor(values.script, situation);
  const fill = (text: string): string =>
    text
      .replaceAll('{{prompt}}', prompt)
      .replaceAll('{{turn}}', String(session.turn))
      .replaceAll('{{session}}', session.id);
  for (const step of steps) {
    const exitCode = await take(step, fill);
    if (exitCode === undefined) continue;
    process.exitCode = exitCode;
    return;
  }
  if (!steps.some((step) => 'usage' in step)) {
    emit({ kind: 'turn' });
    // A token is about four characters; it costs nothing.
    const inputTokens = Math.ceil(prompt.length / 4);
    emit({ kind: 'usage', inputTokens, cachedInputTokens: 0, outputTokens: inputTokens, costUsd: 0 });
  }
}

async function stepsFor(path: string | undefined, situation: Situation): Promise<readonly Step[]> {
  if (path === undefined) return ECHO;
  const { chooseSteps, loadScript } = await import('./script.ts');
  return chooseSteps(await loadScript(path), situation) ?? ECHO;
}

const ECHO: readonly Step[] = [{ answer: '{{prompt}}' }];

/** Does one thing. An exit code ends the script. */
async function take(step: Step, fill: (text: string) => string): Promise<number | undefined> {
  if ('say' in step) emit({ kind: 'text', text: fill(step.say) });
  else if ('answer' in step) emit({ kind: 'answer', text: fill(step.answer) });
  else if ('write' in step) await change('write', step.write.path, fill(step.write.content));
  else if ('append' in step) await change('append', step.append.path, fill(step.append.content));
  else if ('tool' in step) await callTool(step.tool.name, step.tool.input, fill);
  else if ('nexo' in step) await callNexo(step.nexo.map(fill));
  else if ('wait_ms' in step) await delay(step.wait_ms);
  else if ('hang' in step) await hang(step.hang === 'deaf');
  else if ('usage' in step) {
    const { input_tokens: inputTokens, cached_input_tokens: cachedInputTokens, ...rest } = step.usage;
    const { output_tokens: outputTokens, cost_usd: costUsd } = rest;
    emit({ kind: 'turn' });
    emit({
      kind: 'usage',
      inputTokens,
      cachedInputTokens,
      outputTokens,
      ...(costUsd !== undefined && { costUsd }),
    });
  } else {
    const { message, transient, after_ms: afterMs, exit_code: exitCode } = step.fail;
    emit({ kind: 'failure', message: fill(message), transient, ...(afterMs !== undefined && { afterMs }) });
    return exitCode;
  }
  return undefined;
}

/** Only below the working directory, however the path is spelt and wherever its links lead. */
async function change(how: 'write' | 'append', name: string, content: string): Promise<void> {
  const path = join(process.cwd(), ...toCleanSegments(name));
  assertInside(process.cwd(), path);
  emit({ kind: 'tool', name: how, status: 'started' });
  if (await isRefused(how, 'Write', { file_path: path, content })) return;
  mkdirSync(dirname(path), { recursive: true });
  if (how === 'write') writeFileSync(path, content);
  else appendFileSync(path, content);
  emit({ kind: 'tool', name: how, status: 'done' });
}

async function callTool(name: string, input: unknown, fill: (text: string) => string): Promise<void> {
  const [{ findWorkspaceTool }, { openWorkspace }, { resolveProjectRoot }] = await Promise.all([
    import('../../workspace/tools.ts'),
    import('../../workspace/workspace.ts'),
    import('../../workspace/root.ts'),
  ]);
  const tool = findWorkspaceTool(name.replace(/^nx_/, ''));
  if (tool === undefined) throw new NexoError('SCRIPT_INVALID', `There is no tool ${name}.`);
  emit({ kind: 'tool', name, status: 'started' });
  if (await isRefused(name, `mcp__nexo__nx_${tool.name}`, input)) return;
  try {
    const { path } = resolveProjectRoot({ env: process.env, cwd: process.cwd(), home: homedir() });
    await tool.run(openWorkspace(path), filled(input, fill));
    emit({ kind: 'tool', name, status: 'done' });
  } catch (error) {
    emit({ kind: 'tool', name, status: 'failed' });
    // A refused call is the agent's to deal with; a fault of ours is not.
    if (!(error instanceof NexoError)) throw error;
    emit({ kind: 'text', text: `${name}: ${error.message}\n` });
  }
}

function filled(value: unknown, fill: (text: string) => string): unknown {
  if (typeof value === 'string') return fill(value);
  if (Array.isArray(value)) return value.map((each) => filled(each, fill));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each, fill)]));
}

async function callNexo(words: readonly string[]): Promise<void> {
  const name = `nexo ${words[0] ?? ''}`;
  emit({ kind: 'tool', name, status: 'started' });
  const { shellLine } = await import('../../harness/hook-commands.ts');
  if (await isRefused(name, 'Bash', { command: shellLine(['nexo', ...words]) })) return;
  const [file, ...own] = ownProgram();
  const { status } = spawnSync(file, [...own, ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 60_000,
  });
  emit({ kind: 'tool', name, status: status === 0 ? 'done' : 'failed' });
}

/**
 * Asks the gate, as the hooks of a harness do, and tells the model's side of a refusal. Only for a role that the
 * environment names: an agent without one has no limits.
 */
async function isRefused(name: string, tool: string, input: unknown): Promise<boolean> {
  const { NEXO_AGENT: role } = process.env;
  if (role === undefined || role === '') return false;
  const { refusalOf } = await import('./gate.ts');
  const reason = await refusalOf({ role, tool, input });
  if (reason === undefined) return false;
  emit({ kind: 'tool', name, status: 'failed' });
  emit({ kind: 'text', text: `${reason}\n` });
  return true;
}

async function hang(isDeaf: boolean): Promise<void> {
  if (isDeaf) for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  // Told, so that whoever watches knows that it hangs from here on.
  emit({ kind: 'warning', message: 'The script hangs.' });
  for (;;) await delay(HANG_MS);
}

const HANG_MS = 60_000;

/** Only how often a session was used is kept of it; no word that was said in it. */
function openSession(folder: string | undefined, resumed: string | undefined): { id: string; turn: number } {
  const id = resumed ?? `scripted-${randomHex()}`;
  if (!/^scripted-[0-9a-f]{16}$/.test(id))
    throw new NexoError('INPUT_INVALID', `There is no session "${id}".`);
  if (folder === undefined) return { id, turn: 1 };
  const path = join(folder, `${id}.txt`);
  let turns = 0;
  try {
    turns = Number(readFileSync(path, 'utf8')) || 0;
  } catch (cause) {
    if (resumed !== undefined)
      throw new NexoError('INPUT_INVALID', `There is no session "${id}".`, { cause });
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(path, String(turns + 1), { mode: 0o600 });
  return { id, turn: turns + 1 };
}

/** Synchronously: an event that was sent is out, whatever happens to this process. */
function emit(event: RunEvent): void {
  writeFileSync(1, `${JSON.stringify(event)}\n`);
}
