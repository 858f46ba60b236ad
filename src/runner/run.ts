import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { isoTime } from '../base/clock.ts';
import { randomHex } from '../base/ids.ts';
import { endMarkedProcesses } from '../base/marked-processes.ts';
import { ownIdentity } from '../base/process-identity.ts';
import type { Redactor } from '../base/redact.ts';
import { NexoError } from '../errors.ts';
import { runAttempt } from './attempt.ts';
import type { BackendRequest } from './backends/contract.ts';
import type { RunEvent } from './backends/events.ts';
import { depthOf, RUN_ID_VARIABLE, secretsIn } from './environment.ts';
import { EventFile, pruneRunFolders, runsFolder } from './event-file.ts';
import {
  limitReached,
  limitsMoneyPerDay,
  type RunLimits,
  resolveLimits,
  type SpentToday,
  usedUp,
} from './limits.ts';
import { type PreparedRun, prepareRun } from './prepare.ts';
import { createRunRedactor } from './private-text.ts';
import { type EndReason, reasonInWords } from './reasons.ts';
import { BestEffortRecords } from './records/best-effort.ts';
import type { NewRun } from './records/run-records.ts';
import type { RunHooks, RunOutcome, RunRequest, RunWorld } from './request.ts';
import {
  type Ended,
  type Finished,
  type Going,
  keepAnswer,
  pauseBefore,
  progressOf,
  type Recorded,
  reasonOf,
  returnCodeOf,
} from './run-end.ts';
import { Stop } from './stop.ts';
import { Tally } from './tally.ts';

/** A run that names no time limit may take this long, in milliseconds. */
const DEFAULT_WALL_MS = 300_000;
/** Runs inside runs inside runs: deeper than this is a mistake. */
const MAX_DEPTH = 5;
/** How often we look whether somebody has asked for the end of the run, and how long a place is waited for at a time. */
const LOOK_MS = 250;
/** How long what a run has used may wait to be written down, in milliseconds. */
const PROGRESS_MS = 1_000;
const NO_ONE_ELSE: SpentToday = { all: 0, caller: 0 };

/** A name for a run that sorts by its time. */
export function newRunId(now: string): string {
  return `r${now.slice(0, 10).replaceAll('-', '')}-${now.slice(11, 19).replaceAll(':', '')}-${randomHex(4)}`;
}

/**
 * Runs an agent for one prompt, to its end, inside hard limits, and records what it used. A run that fails or reaches a
 * limit is an outcome, with what there is of an answer.
 * Throws when nothing was started: CALLER_UNREGISTERED, RUN_PROMPT_MISSING, BACKEND_UNAVAILABLE,
 * BACKEND_OPTION_UNKNOWN, RUN_REFUSED, TIERS_UNUSABLE, CONFIG_INVALID, INPUT_INVALID.
 */
export async function runAutomationPrompt(
  request: RunRequest,
  world: RunWorld,
  hooks: RunHooks = {},
): Promise<RunOutcome> {
  const id = request.id ?? newRunId(isoTime(world.clock));
  const records = new BestEffortRecords(world, (line) => hooks.onNote?.(line));
  try {
    return await new Run(id, request, world, hooks, records).run();
  } finally {
    records.close();
  }
}

class Run {
  readonly #id: string;
  readonly #request: RunRequest;
  readonly #world: RunWorld;
  readonly #hooks: RunHooks;
  readonly #records: BestEffortRecords;
  readonly #stop = new Stop();
  readonly #warnings: string[] = [];
  #withoutSecrets: Redactor = (text) => text;

  constructor(id: string, request: RunRequest, world: RunWorld, hooks: RunHooks, records: BestEffortRecords) {
    this.#id = id;
    this.#request = request;
    this.#world = world;
    this.#hooks = hooks;
    this.#records = records;
  }

  async run(): Promise<RunOutcome> {
    const { signal } = this.#hooks;
    const interrupt = (): void => this.#stop.now('interrupted');
    if (signal?.aborted === true) interrupt();
    signal?.addEventListener('abort', interrupt);
    try {
      const prepared = await this.#prepare();
      for (const warning of prepared.warnings) this.#warn(warning);
      return await this.#go(prepared);
    } finally {
      signal?.removeEventListener('abort', interrupt);
    }
  }

  async #prepare(): Promise<PreparedRun> {
    const { caller, prompt } = this.#request;
    if (prompt.trim() === '') {
      throw new NexoError('RUN_PROMPT_MISSING', 'The run has no prompt.', {
        hint: 'Pass --prompt TEXT or --prompt-file FILE, or pipe the prompt in.',
      });
    }
    if (depthOf(this.#world.env) >= MAX_DEPTH) {
      throw new NexoError('RUN_REFUSED', `This would be a run inside ${MAX_DEPTH} runs.`, {
        hint: 'A run that starts itself again and again is ended here.',
      });
    }
    try {
      return await prepareRun(this.#request, this.#world, this.#id, this.#hooks.signal);
    } catch (error) {
      if (error instanceof NexoError && error.code === 'BACKEND_UNAVAILABLE') {
        const backend = String(error.data?.backend ?? this.#request.backend ?? '');
        const row = this.#row(backend, caller, this.#request.cwd ?? this.#world.cwd);
        await this.#records.use((records) => records.refuse(row, 'unavailable', error.message));
      }
      throw error;
    }
  }

  async #go(prepared: PreparedRun): Promise<RunOutcome> {
    const { settings, resolved, fitted, backend, cwd } = prepared;
    const { caller } = this.#request;
    const limits = resolveLimits(this.#request, settings.runs, { caller, defaultWallMs: DEFAULT_WALL_MS });
    await this.#endLostRuns();
    await this.#assertMoneyLeft(limits);
    const row: NewRun = {
      ...this.#row(backend.name, caller, cwd),
      tier: resolved.tier,
      askedModel: resolved.model,
      askedEffort: resolved.effort,
      model: fitted.model,
      effort: fitted.effort,
    };
    await this.#takePlace(row, prepared);
    this.#hooks.onBegin?.({ id: this.#id, backend: backend.name });

    const startedAt = performance.now();
    const folder = join(runsFolder(this.#world.paths), this.#id);
    // Our own secrets are not passed on, and must not be written down either.
    const secrets = [...secretsIn(prepared.env), ...secretsIn(this.#world.env)];
    this.#withoutSecrets = createRunRedactor(secrets, []);
    const texts = [this.#request.prompt, this.#request.appendSystemPrompt ?? ''];
    const redact = createRunRedactor(secrets, texts);
    const file = new EventFile(folder, { redact, maxBytes: settings.runs.maxOutputBytes });
    const tally = new Tally(fitted.model, settings.prices);
    let reason: EndReason = 'failed';
    let code: number | null = null;
    let attempts = 0;
    let message = '';
    try {
      const ended = await this.#attempts({ prepared, limits, folder, file, tally, startedAt });
      ({ reason, code, attempts } = ended);
      message = reason === 'completed' ? '' : this.#withoutSecrets(this.#message(reason, tally));
    } catch (error) {
      reason = error instanceof NexoError && error.code === 'BACKEND_UNAVAILABLE' ? 'unavailable' : 'failed';
      message = error instanceof Error ? error.message : String(error);
      throw error;
    } finally {
      file.close();
      await this.#record({
        prepared,
        tally,
        reason,
        code,
        attempts,
        startedAt,
        message: redact(message),
        redact,
      });
      const open = this.#records.tryNow((records) => records.openIds());
      pruneRunFolders(
        runsFolder(this.#world.paths),
        settings.runs.keep,
        (id) => id === this.#id || open?.has(id) === true,
      );
    }
    if (this.#request.keepAnswer === true) keepAnswer(folder, this.#withoutSecrets(tally.answer));
    return this.#outcome({
      prepared,
      tally,
      reason,
      code,
      attempts,
      startedAt,
      message,
      eventFile: file.path,
    });
  }

  /** Attempts until one succeeds, a limit is reached, or another one would not be safe. */
  async #attempts({ prepared, limits, folder, file, tally, startedAt }: Going): Promise<Ended> {
    const { backend, settings, program, env, cwd } = prepared;
    const retries = this.#request.retries ?? settings.runs.retries;
    let childPid: number | undefined;
    let attempt = 0;
    let writing: NodeJS.Timeout | undefined;
    const write = (): void => {
      writing = undefined;
      this.#records.tryNow((records) =>
        records.progress(this.#id, progressOf(tally, prepared, attempt), childPid),
      );
    };
    const onEvent = (event: RunEvent): void => {
      tally.add(event);
      file.write(event, isoTime(this.#world.clock));
      this.#hooks.onEvent?.(event);
      if (event.kind === 'warning' || event.kind === 'retry') return;
      const today = limitsMoneyPerDay(limits)
        ? this.#records.spentToday(this.#request.caller, this.#id)
        : NO_ONE_ELSE;
      // Fails closed: without the sum of the others a limit on the day cannot be held.
      const reached = today === undefined ? 'cost_unknown' : limitReached(tally, limits, today);
      if (reached !== undefined) this.#stop.now(reached);
      if (event.kind !== 'usage' && event.kind !== 'session') return;
      // A run that is over before then is written down once, at its end: each time costs a flush of the disk.
      writing ??= setTimeout(write, PROGRESS_MS);
    };
    const look = setInterval(() => {
      if (this.#records.isCancelRequested(this.#id)) this.#stop.now('cancelled');
    }, LOOK_MS);
    try {
      for (;;) {
        attempt += 1;
        if (attempt > 1) tally.beginAttempt();
        const command = backend.command(
          this.#backendRequest(prepared, limits, folder, attempt),
          prepared.place,
        );
        for (const warning of command.warnings) if (attempt === 1) this.#warn(warning);
        if (this.#stop.reason !== undefined)
          return { reason: this.#stop.reason, code: null, attempts: attempt };
        const code = await runAttempt({
          ...{ backend, program, command, cwd, runId: this.#id, stop: this.#stop, onEvent },
          env: { ...env, ...command.env },
          wallMs: limits.wallMs - (performance.now() - startedAt),
          silenceMs: limits.silenceMs,
          onStart: (pid) => {
            childPid = pid;
          },
        });
        const reason = this.#stop.reason ?? reasonOf(tally, code);
        const { failure } = tally;
        // Safe to do again: it may pass by itself, and nothing can have been changed yet.
        const isSafe = reason === 'failed' && failure?.transient === true && !tally.hasActed;
        if (!isSafe || attempt > retries) return { reason, code, attempts: attempt };
        const pauseMs = pauseBefore(attempt, failure.afterMs);
        this.#warn(
          `Attempt ${attempt} failed (${failure.message}); another follows in ${Math.ceil(pauseMs / 1000)} s.`,
        );
        await this.#pause(Math.min(pauseMs, limits.wallMs - (performance.now() - startedAt)));
      }
    } finally {
      clearInterval(look);
      clearTimeout(writing);
    }
  }

  #backendRequest(prepared: PreparedRun, limits: RunLimits, folder: string, attempt: number): BackendRequest {
    const { prompt, appendSystemPrompt, allowedTools, resume, extraArgs, script } = this.#request;
    const { fitted, cwd } = prepared;
    return {
      ...{ prompt, cwd, folder, attempt, script, sessionId: resume },
      model: fitted.model,
      effort: fitted.effort,
      systemPrompt: appendSystemPrompt ?? '',
      allowedTools: allowedTools ?? [],
      extraArgs: extraArgs ?? [],
      maxTurns: limits.maxTurns,
      maxUsd: limits.maxUsd,
    };
  }

  async #takePlace(row: NewRun, { settings }: PreparedRun): Promise<void> {
    const { maxConcurrent, maxConcurrentPerCaller, waitMs } = settings.runs;
    const giveUpAt = performance.now() + waitMs;
    let isTold = false;
    for (;;) {
      // Without the records there are no places either, and the run goes on.
      const begun = await this.#records.use((records) =>
        records.begin(row, { all: maxConcurrent, perCaller: maxConcurrentPerCaller }),
      );
      if (begun === 'over')
        throw new NexoError('RUN_REFUSED', `The run ${this.#id} was ended before it began; nothing was run.`);
      if (begun !== 'full') return;
      if (performance.now() >= giveUpAt) {
        throw new NexoError(
          'RUN_REFUSED',
          `All ${maxConcurrent} places for runs are taken, and none became free.`,
          {
            hint: 'nexo runs list --status running shows them; runs: max_concurrent: in config/runtime.yaml sets how many.',
          },
        );
      }
      if (!isTold) this.#hooks.onNote?.('All places for runs are taken; waiting for one.');
      isTold = true;
      await this.#pause(LOOK_MS);
      if (this.#stop.reason !== undefined)
        throw new NexoError('INTERRUPTED', 'Stopped while it waited for a place; nothing was run.');
    }
  }

  /** Throws RUN_REFUSED when the day's money is spent, or what was spent cannot be known. */
  async #assertMoneyLeft(limits: RunLimits): Promise<void> {
    if (!limitsMoneyPerDay(limits)) return;
    const today = await this.#records.use((records) => records.spentToday(this.#request.caller, this.#id));
    const reason = today === undefined ? 'cost_unknown' : usedUp(limits, today);
    if (reason === undefined) return;
    throw new NexoError('RUN_REFUSED', `Nothing was run: ${reasonInWords(reason)}.`, {
      hint: 'nexo runs stats shows who spent it; max_usd_per_day in config/runtime.yaml is the limit.',
      data: { reason },
    });
  }

  /** What runs left behind whose own program was killed goes on using time and money until somebody ends it. */
  async #endLostRuns(): Promise<void> {
    const lost = (await this.#records.use((records) => records.reconcile())) ?? [];
    for (const id of lost) await endMarkedProcesses(RUN_ID_VARIABLE, id, LOOK_MS);
  }

  #row(backend: string, caller: string, cwd: string): NewRun {
    const { prompt, outputFormat = 'text', appendSystemPrompt = '' } = this.#request;
    return {
      ...{ id: this.#id, caller, backend, cwd, outputFormat },
      sessionType: 'headless',
      ...{ tier: '', askedModel: '', askedEffort: '', model: '', effort: '' },
      promptChars: prompt.length + appendSystemPrompt.length,
      parentId: this.#world.env[RUN_ID_VARIABLE],
      pid: process.pid,
      pidIdentity: ownIdentity(),
    };
  }

  async #record(end: Recorded): Promise<void> {
    const { prepared, tally, reason, code, attempts, startedAt, message, redact } = end;
    const { spent } = tally;
    await this.#records.use((records) =>
      records.end(this.#id, {
        ...progressOf(tally, prepared, attempts),
        status: reason === 'completed' ? 'ok' : 'failed',
        reason,
        returncode: returnCodeOf(reason, code),
        durationMs: Math.round(performance.now() - startedAt),
        telemetrySource: spent.costSource === 'missing' ? 'missing' : `${prepared.backend.name}_stream`,
        warnings: [...this.#warnings, ...tally.warnings].map(redact),
        message,
      }),
    );
  }

  #outcome({ prepared, tally, reason, code, attempts, startedAt, message, eventFile }: Finished): RunOutcome {
    const { resolved, fitted, backend } = prepared;
    const { costUsd, ...spent } = tally.spent;
    return {
      ...{
        id: this.#id,
        caller: this.#request.caller,
        backend: backend.name,
        reason,
        message,
        attempts,
        eventFile,
      },
      status: reason === 'completed' ? 'ok' : 'failed',
      returncode: returnCodeOf(reason, code),
      answer: tally.answer,
      sessionId: tally.sessionId ?? null,
      tier: resolved.tier,
      asked: { model: resolved.model, effort: resolved.effort },
      used: { model: tally.model, effort: tally.usedEffort ?? fitted.effort },
      usage: { ...spent, costUsd: costUsd ?? null },
      turns: tally.turns,
      toolCalls: tally.toolCalls,
      durationMs: Math.round(performance.now() - startedAt),
      warnings: [...this.#warnings, ...tally.warnings.map(this.#withoutSecrets)],
    };
  }

  #message(reason: EndReason, tally: Tally): string {
    const words = `The run ended because ${reasonInWords(reason)}`;
    return reason === 'failed' && tally.failure !== undefined
      ? `${words}: ${tally.failure.message}`
      : `${words}.`;
  }

  async #pause(ms: number): Promise<void> {
    try {
      await delay(Math.max(0, ms), undefined, { signal: this.#stop.signal });
    } catch {
      // Stopped; whoever waits looks at the reason.
    }
  }

  #warn(text: string): void {
    const warning = this.#withoutSecrets(text);
    this.#warnings.push(warning);
    this.#hooks.onNote?.(warning);
  }
}
