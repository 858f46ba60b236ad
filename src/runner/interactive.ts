import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, resolve } from 'node:path';

import { isoTime } from '../base/clock.ts';
import { ownIdentity } from '../base/process-identity.ts';
import { NexoError } from '../errors.ts';
import { RUN_ID_VARIABLE } from './environment.ts';
import { prepareRun } from './prepare.ts';
import { BestEffortRecords } from './records/best-effort.ts';
import type { RunHooks, RunWorld } from './request.ts';
import { newRunId } from './run.ts';

export interface InteractiveRequest {
  readonly caller: string;
  /** A folder, or a file in it: where the session works. */
  readonly target?: string | undefined;
  /** The backend; default: the operator's. */
  readonly client?: string | undefined;
  readonly tier?: string | undefined;
  readonly userDefault?: string | undefined;
  readonly model?: string | undefined;
  readonly reasoningEffort?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
}

export interface InteractiveOutcome {
  readonly id: string;
  readonly backend: string;
  readonly returncode: number;
  readonly durationMs: number;
}

/**
 * Opens a session of the backend for a person, in our terminal, and returns when they have left it. The session is
 * recorded; what is said in it is theirs. Throws what `prepareRun` throws, and BACKEND_UNAVAILABLE for a backend
 * without a terminal of its own.
 */
export async function runAutomationInteractive(
  { tier = '', ...request }: InteractiveRequest,
  world: RunWorld,
  hooks: RunHooks = {},
): Promise<InteractiveOutcome> {
  const id = newRunId(isoTime(world.clock));
  const cwd = folderOf(resolve(world.cwd, request.target ?? '.'));
  const asked = { ...request, tier, cwd, backend: request.client, prompt: '' };
  const { backend, program, place, resolved, fitted, env, warnings } = await prepareRun(
    asked,
    world,
    id,
    hooks.signal,
  );
  const session = backend.interactive?.({ cwd, model: fitted.model, effort: fitted.effort }, place);
  if (session === undefined) {
    throw new NexoError('BACKEND_UNAVAILABLE', `The backend ${backend.name} has no session for a person.`, {
      hint: 'Choose another one: nexo preferences --automation-backend NAME',
    });
  }
  for (const warning of warnings) hooks.onNote?.(warning);
  const records = new BestEffortRecords(world, (line) => hooks.onNote?.(line));
  const startedAt = performance.now();
  const used = { model: fitted.model, effort: fitted.effort };
  try {
    await records.use((table) =>
      // A person waits for no place.
      table.begin(
        {
          ...{ id, cwd, caller: request.caller, backend: backend.name, tier: resolved.tier },
          ...{ askedModel: resolved.model, askedEffort: resolved.effort, ...used },
          ...{ sessionType: 'interactive_chat', outputFormat: 'text', promptChars: 0 },
          ...{ parentId: world.env[RUN_ID_VARIABLE], pid: process.pid, pidIdentity: ownIdentity() },
        },
        { all: Number.POSITIVE_INFINITY, perCaller: undefined },
      ),
    );
    const returncode = await inTerminal([...program, ...session.args], {
      cwd,
      env: { ...env, ...session.env },
    });
    const durationMs = Math.round(performance.now() - startedAt);
    await records.use((table) =>
      table.end(id, {
        ...{ returncode, durationMs, warnings, ...used, turns: 0, toolCalls: 0, attempts: 1, sessionId: '' },
        ...{
          inputTokens: 0,
          cachedInputTokens: 0,
          outputTokens: 0,
          costUsd: undefined,
          costSource: 'missing',
        },
        ...{ telemetrySource: 'missing', message: '' },
        status: returncode === 0 ? 'ok' : 'failed',
        reason: returncode === 0 ? 'completed' : 'failed',
      }),
    );
    return { id, backend: backend.name, returncode, durationMs };
  } finally {
    records.close();
  }
}

function folderOf(target: string): string {
  return statSync(target, { throwIfNoEntry: false })?.isFile() === true ? dirname(target) : target;
}

/**
 * Not in a group of its own: only the foreground group of a terminal may read from it. So Ctrl-C reaches us as well,
 * and is the session's to understand, as system(3) has it; being told to end is passed on.
 */
async function inTerminal(
  [file = '', ...args]: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<number> {
  let child: ChildProcess | undefined;
  // Before it starts: a session is quick to ask for Ctrl-C, and we may be slow to come back from starting it.
  const restore = [
    takeSignal('SIGINT', () => {}),
    takeSignal('SIGTERM', () => child?.kill('SIGTERM')),
    takeSignal('SIGHUP', () => child?.kill('SIGHUP')),
  ];
  try {
    const session = spawn(file, args, { cwd, env: { ...env }, stdio: 'inherit' });
    child = session;
    return await new Promise((done, fail) => {
      session.once('error', (cause) => {
        fail(new NexoError('BACKEND_UNAVAILABLE', `${file} cannot be started: ${cause.message}.`, { cause }));
      });
      session.once('exit', (code, signal) =>
        done(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      );
    });
  } finally {
    for (const back of restore) back();
  }
}

/** Handles a signal in place of whoever does; the function that it returns gives it back. */
function takeSignal(signal: NodeJS.Signals, handle: () => void): () => void {
  const others = process.listeners(signal);
  // Never without a listener in between: the system would then end us.
  process.on(signal, handle);
  for (const other of others) process.removeListener(signal, other);
  return () => {
    for (const other of others) process.on(signal, other);
    process.removeListener(signal, handle);
  };
}
