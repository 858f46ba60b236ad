import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';

import type { BackendName } from '../../src/runner/backends/contract.ts';
import type { RunEvent } from '../../src/runner/backends/events.ts';
import { openRunRecords } from '../../src/runner/records/best-effort.ts';
import type { RunHooks, RunOutcome, RunRequest } from '../../src/runner/request.ts';
import { runAutomationPrompt } from '../../src/runner/run.ts';
import type { RunHome } from '../support/run-home.ts';

export interface BackendSubject {
  readonly name: BackendName;
  /** A home in which the backend is there and understands the words below. */
  create(settings?: object, env?: NodeJS.ProcessEnv): RunHome;
  /** Added to every request. */
  readonly request?: Partial<RunRequest>;
  /** What it was given: arguments, environment and standard input. */
  seen?(home: RunHome): { args: string[]; env: Record<string, string>; prompt: string };
  /** Whether it can say what a run cost, and the model that ran. */
  readonly costUsd: number | null;
}

/** What every backend has to hold to, whatever program is behind it. */
export function backendContract(subject: BackendSubject): void {
  const run = (
    home: RunHome,
    prompt: string,
    more: Partial<RunRequest> = {},
    hooks: RunHooks = {},
  ): Promise<RunOutcome> =>
    runAutomationPrompt(
      { caller: 'personal/contract', backend: subject.name, prompt, ...subject.request, ...more },
      home.world,
      hooks,
    );

  // They mostly wait for processes of their own.
  describe.concurrent(`the backend ${subject.name}`, () => {
    it('answers, names its session, and says what it used', async ({ expect }) => {
      const outcome = await run(subject.create(), 'Say that all is done.');
      expect(outcome).toMatchObject({
        status: 'ok',
        reason: 'completed',
        returncode: 0,
        answer: 'All done.',
        turns: 1,
      });
      expect(outcome.sessionId).toBeTruthy();
      expect(outcome.usage).toMatchObject({ inputTokens: 15, cachedInputTokens: 5, outputTokens: 7 });
      if (subject.costUsd !== null) expect(outcome.usage.costUsd).toBeCloseTo(subject.costUsd, 6);
    });

    it('goes on with a session by its id', async ({ expect }) => {
      const home = subject.create();
      const first = await run(home, 'Say that all is done.');
      const second = await run(home, 'And again.', { resume: first.sessionId ?? '' });
      expect(second).toMatchObject({ status: 'ok', sessionId: first.sessionId });
    });

    it('fails with its own exit code and its own words', async ({ expect }) => {
      const outcome = await run(subject.create(), 'FAIL-NOW');
      expect(outcome).toMatchObject({ status: 'failed', reason: 'failed', returncode: 7, attempts: 1 });
      expect(outcome.message).toContain('nothing works today');
    });

    it('is asked again after a failure that passes by itself', async ({ expect }) => {
      const outcome = await run(subject.create(), 'OVERLOADED-ONCE');
      expect(outcome).toMatchObject({ status: 'ok', attempts: 2, answer: 'All done.' });
    });

    it('is not asked again once a tool was used', async ({ expect }) => {
      const outcome = await run(subject.create(), 'USE-TOOL OVERLOADED-ONCE');
      expect(outcome).toMatchObject({ status: 'failed', attempts: 1, toolCalls: 1 });
    });

    it('is ended when it says nothing, though it does not listen', async ({ expect }) => {
      const outcome = await run(subject.create(), 'HANG-NOW DEAF', { silenceMs: 700 });
      expect(outcome).toMatchObject({ status: 'failed', reason: 'silence', returncode: 124 });
    });

    it('is ended when its time is up, when it is cancelled, and when whoever waits is interrupted', async ({
      expect,
    }) => {
      const late = run(subject.create(), 'HANG-NOW', { timeoutMs: 700 });
      const home = subject.create();
      const cancelled = run(home, 'HANG-NOW', {}, { onEvent: cancelWhenItRuns(home) });
      const controller = new AbortController();
      const interrupted = run(
        subject.create(),
        'HANG-NOW',
        {},
        { signal: controller.signal, onEvent: () => controller.abort() },
      );
      const ends = (await Promise.all([late, cancelled, interrupted])).map(({ reason }) => reason);
      expect(ends).toEqual(['wall_clock', 'cancelled', 'interrupted']);
    });

    it('is told nothing in its arguments that others could read, and nothing to skip permissions', async ({
      expect,
    }) => {
      const home = subject.create();
      await run(home, 'A prompt that nobody else may read.');
      const seen = subject.seen?.(home);
      if (seen === undefined) return;
      expect(seen.prompt).toContain('A prompt that nobody else may read.');
      expect(seen.args.join(' ')).not.toContain('nobody else');
      expect(seen.args.filter((word) => /dangerous|bypass|skip-perm|^--auto$/.test(word))).toEqual([]);
    });

    it('gets listed variables, and none of our secrets', async ({ expect }) => {
      const home = subject.create(
        {},
        { MY_SECRET_TOKEN: 'squirrel-token-1', CLAUDECODE: '1', LANG: 'C.UTF-8' },
      );
      const outcome = await run(home, 'Say that all is done.', { env: { GIVEN: 'yes' } });
      const seen = subject.seen?.(home);
      if (seen === undefined) return;
      const { NEXO_HEADLESS, NEXO_AUTOMATION, NEXO_RUN_ID, GIVEN, LANG } = seen.env;
      expect([NEXO_HEADLESS, NEXO_AUTOMATION, NEXO_RUN_ID, GIVEN, LANG]).toEqual([
        '1',
        '1',
        outcome.id,
        'yes',
        'C.UTF-8',
      ]);
      expect(Object.keys(seen.env).filter((name) => /SECRET|CLAUDECODE/.test(name))).toEqual([]);
    });

    it('turns its stream into events of the one form', async ({ expect }) => {
      const events: RunEvent[] = [];
      await run(subject.create(), 'USE-TOOL', {}, { onEvent: (event) => events.push(event) });
      const kinds = new Set(events.map(({ kind }) => kind));
      for (const kind of ['session', 'tool', 'turn'] as const) expect(kinds.has(kind), kind).toBe(true);
    });
  });
}

function cancelWhenItRuns({ world }: RunHome): () => void {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    void openRunRecords(world).then((records) => {
      records.requestCancel('last');
      records.close();
    });
  };
}

/** What the fake program noted of its start. */
export function seenByFake({ project }: RunHome): {
  args: string[];
  env: Record<string, string>;
  prompt: string;
} {
  const path = join(project, 'seen.json');
  if (!existsSync(path)) throw new Error('the program was not started');
  return JSON.parse(readFileSync(path, 'utf8'));
}
