import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';

import { createRunHome, fakeAgent, type RunHome } from '../../test/support/run-home.ts';
import { endMarkedProcesses, findMarkedProcesses } from '../base/marked-processes.ts';
import { openRunRecords } from './records/best-effort.ts';
import type { RunRow } from './records/run-row.ts';
import { runStats } from './records/run-stats.ts';
import type { RunHooks, RunOutcome, RunRequest } from './request.ts';
import { runAutomationPrompt } from './run.ts';

const SECRET = 'squirrel-token-4711';
const PROMPT = 'LEAK-NOW A prompt about the blue whale and its neighbours.';

/** A home whose command is the fake agent program. */
function commandHome(runs: object = {}, env: NodeJS.ProcessEnv = {}, backend: object = {}): RunHome {
  return createRunHome({ runs, backends: { command: { program: fakeAgent('command'), ...backend } } }, env);
}

function run(
  { world }: RunHome,
  request: Partial<RunRequest> = {},
  hooks: RunHooks = {},
): Promise<RunOutcome> {
  return runAutomationPrompt(
    { caller: 'personal/tests', backend: 'command', prompt: 'hello there', ...request },
    world,
    hooks,
  );
}

async function rows({ world }: RunHome): Promise<RunRow[]> {
  const records = await openRunRecords(world);
  try {
    return records.list({ limit: 100 });
  } finally {
    records.close();
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe.concurrent('a run', () => {
  it('leaves neither its prompt nor a secret on the disk, whatever the backend repeats', async ({
    expect,
  }) => {
    const home = commandHome({}, { LEAKY_TOKEN: SECRET }, { env: ['LEAKY_TOKEN'] });
    const request = { prompt: PROMPT, appendSystemPrompt: 'Speak like a harbour pilot of old.' };
    const outcome = await run(home, request);
    // The backend did have both, and the answer is the caller's own.
    expect(outcome.answer).toContain('blue whale');
    expect(outcome.answer).toContain(SECRET);
    const files = filesBelow(home.world.paths.home);
    expect(files.some((file) => file.endsWith('events.jsonl'))).toBe(true);
    expect(files.some((file) => file.endsWith('nexo.db'))).toBe(true);
    for (const file of files) {
      const text = readFileSync(file, 'latin1');
      for (const word of ['blue whale', 'harbour pilot', SECRET])
        expect(text.includes(word), `${word} in ${file}`).toBe(false);
      expect(
        statSync(file).mode & 0o077 && !file.endsWith('runtime.yaml') && !file.endsWith('.lock'),
        file,
      ).toBeFalsy();
    }
    const [row] = await rows(home);
    expect(row?.promptChars).toBe(PROMPT.length + request.appendSystemPrompt.length);
  });

  it('records what was asked for and what was really used', async ({ expect }) => {
    const home = createRunHome({ backends: { claude_code: { program: fakeAgent('claude') } } });
    const outcome = await run(home, { backend: 'claude_code', tier: 'medio' });
    const [row] = await rows(home);
    expect(row).toMatchObject({
      id: outcome.id,
      caller: 'personal/tests',
      backend: 'claude_code',
      tier: 'medio',
      status: 'ok',
      reason: 'completed',
      asked: { model: 'claude-opus-4-7[1m]', effort: 'high' },
      used: { model: 'claude-real', effort: 'high' },
      costUsd: 0.25,
      costSource: 'backend',
      inputTokens: 15,
      attempts: 1,
      sessionId: 'session-1',
    });
  });

  it.each([
    ['turns', { maxTurns: 0 }],
    ['tokens', { maxTokens: 21 }],
    ['cost_run', { maxUsd: 0.24 }],
  ] as const)('is ended by its limit on %s, with the answer that it has', async (reason, limits) => {
    const home = commandHome();
    const outcome = await run(home, limits);
    if (outcome.reason !== reason || outcome.returncode !== 124 || outcome.answer !== 'All done.')
      throw new Error(JSON.stringify(outcome));
  });

  it('is not ended by what it just reaches', async ({ expect }) => {
    expect((await run(commandHome(), { maxTurns: 1, maxTokens: 22, maxUsd: 0.25 })).status).toBe('ok');
  });

  it('is refused once the money of its caller, or of the day, is spent', async ({ expect }) => {
    const home = commandHome({
      max_usd_per_day: 0.7,
      callers: { 'personal/tests': { max_usd_per_day: 0.3 } },
    });
    expect((await run(home)).status).toBe('ok');
    expect((await run(home)).reason).toBe('cost_caller');
    const refused = expect.objectContaining({ code: 'RUN_REFUSED' });
    await expect(run(home)).rejects.toEqual(refused);
    expect((await run(home, { caller: 'personal/others' })).reason).toBe('cost_day');
    await expect(run(home, { caller: 'personal/others' })).rejects.toEqual(refused);
    const records = await openRunRecords(home.world);
    const { total, callers } = runStats(records.database, null);
    records.close();
    expect(total).toMatchObject({ runs: 3, ok: 1, failed: 2, costUsd: 0.75 });
    expect(callers.map(({ caller, costUsd }) => [caller, costUsd])).toEqual([
      ['personal/tests', 0.5],
      ['personal/others', 0.25],
    ]);
  });

  it('is ended when money is limited and nobody knows what the model costs', async ({ expect }) => {
    const home = createRunHome({
      runs: { max_usd: 1 },
      backends: { codex: { program: fakeAgent('codex') } },
      prices: { 'gpt-5.4': { input: 1, output: 1 } },
    });
    expect(await run(home, { backend: 'codex' })).toMatchObject({
      status: 'ok',
      usage: { costSource: 'pricing_snapshot' },
    });
    const unpriced = createRunHome({
      runs: { max_usd: 1 },
      backends: { codex: { program: fakeAgent('codex') } },
    });
    mkdirSync(join(unpriced.world.paths.personal, 'brain'), { recursive: true });
    const table = readFileSync(new URL('../../assets/resonance_tiers.json', import.meta.url), 'utf8');
    writeFileSync(
      join(unpriced.world.paths.personal, 'brain', 'resonance_tiers.json'),
      table.replaceAll('"gpt-5.4"', '""'),
    );
    expect(await run(unpriced, { backend: 'codex' })).toMatchObject({
      reason: 'cost_unknown',
      returncode: 124,
    });
  });

  it('takes with it whatever it has started, in whichever session that is', async ({ expect }) => {
    const home = commandHome();
    const outcome = await run(home, { prompt: 'LEAVE-CHILD and go' });
    expect(outcome.status).toBe('ok');
    expect(existsSync(join(home.project, 'child.pid'))).toBe(true);
    expect(findMarkedProcesses('NEXO_RUN_ID', outcome.id)).toEqual([]);
  });

  it('keeps no more of its output on the disk than it may', async ({ expect }) => {
    const home = commandHome({ max_output_mib: 1 });
    const outcome = await run(home, { prompt: 'FLOOD-NOW' });
    expect(statSync(outcome.eventFile).size).toBeLessThan(1024 * 1024 + 1000);
    expect(outcome.answer.length).toBeGreaterThan(2_000_000);
  });

  it('waits for a place, or is refused when it may not wait', async ({ expect }) => {
    const home = commandHome({ max_concurrent: 1 });
    const controller = new AbortController();
    let begun: () => void = () => {};
    const isBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const notes: string[] = [];
    const first = run(home, { prompt: 'HANG-NOW' }, { signal: controller.signal, onBegin: () => begun() });
    await isBegun;
    const second = run(
      home,
      {},
      {
        onNote: (line) => {
          notes.push(line);
          controller.abort();
        },
      },
    );
    expect((await first).reason).toBe('interrupted');
    expect((await second).status).toBe('ok');
    expect(notes).toContain('All places for runs are taken; waiting for one.');
  });

  it('goes on without its record when the database is no database, and says so', async ({ expect }) => {
    const home = commandHome();
    mkdirSync(home.world.paths.state, { recursive: true });
    writeFileSync(
      home.world.paths.database,
      'This is no database, and long enough not to look like an empty one.'.repeat(50),
    );
    const notes: string[] = [];
    expect(await run(home, {}, { onNote: (line) => notes.push(line) })).toMatchObject({
      status: 'ok',
      answer: 'All done.',
    });
    expect(notes.filter((line) => line.startsWith('The run is not recorded'))).toHaveLength(1);
    const limited = commandHome({ max_usd_per_day: 1 });
    mkdirSync(limited.world.paths.state, { recursive: true });
    writeFileSync(limited.world.paths.database, 'x'.repeat(5000));
    await expect(run(limited)).rejects.toMatchObject({ code: 'RUN_REFUSED' });
  });

  it('is lost when its program was killed, and is marked so by the next one', async ({ expect }) => {
    const home = commandHome({ max_concurrent: 1 });
    const records = await openRunRecords(home.world);
    const gone = {
      ...{
        id: 'r20260101-000000-00000000',
        caller: 'personal/tests',
        backend: 'command',
        sessionType: 'headless',
      },
      ...{
        tier: 'alto',
        askedModel: '',
        askedEffort: '',
        model: '',
        effort: '',
        cwd: '/',
        outputFormat: 'text',
      },
      ...{ promptChars: 1, parentId: undefined, pid: 999_999, pidIdentity: '999999@gone' },
      sessionType: 'headless',
    } as const;
    expect(records.begin(gone, { all: 1, perCaller: undefined })).toBe('begun');
    records.close();
    expect((await run(home)).status).toBe('ok');
    const lost = (await rows(home)).find(({ id }) => id === gone.id);
    expect(lost).toMatchObject({ status: 'failed', reason: 'lost' });
  });

  it('does not begin without a known caller, a prompt, a folder or a backend', async ({ expect }) => {
    const home = createRunHome();
    const refused = async (request: Partial<RunRequest>, code: string): Promise<void> => {
      await expect(run(home, request)).rejects.toMatchObject({ code });
    };
    await refused({ caller: 'nobody/x' }, 'CALLER_UNREGISTERED');
    await refused({ caller: '' }, 'CALLER_UNREGISTERED');
    await refused({ caller: 'nobody/x', backend: 'abacus' }, 'CALLER_UNREGISTERED');
    await refused({ prompt: '  ' }, 'RUN_PROMPT_MISSING');
    await refused({ backend: 'abacus' }, 'BACKEND_UNAVAILABLE');
    await refused({ backend: 'command' }, 'BACKEND_UNAVAILABLE');
    await refused({ backend: 'scripted', cwd: 'no-such-folder' }, 'INPUT_INVALID');
    await refused({ backend: 'scripted', model: 'gpt-900' }, 'BACKEND_OPTION_UNKNOWN');
    await refused({ backend: 'scripted', reasoningEffort: 'endless' }, 'BACKEND_OPTION_UNKNOWN');
    expect((await rows(home)).map(({ reason, returncode }) => [reason, returncode])).toEqual([
      ['unavailable', 2],
      ['unavailable', 2],
    ]);
  });

  it('takes another backend only where the call allows it', async ({ expect }) => {
    const outcome = await run(createRunHome(), { backend: 'command', fallback: 'scripted', prompt: 'hello' });
    expect(outcome).toMatchObject({ status: 'ok', backend: 'scripted', answer: 'hello' });
    expect(outcome.warnings.join()).toContain('No command is configured');
  });

  it('is refused inside of too many others', async ({ expect }) => {
    const home = createRunHome({}, { NEXO_RUN_DEPTH: '5' });
    await expect(run(home, { backend: 'scripted' })).rejects.toMatchObject({ code: 'RUN_REFUSED' });
  });
});

describe('endMarkedProcesses', () => {
  it('finds nobody where nobody is marked', async ({ expect }) => {
    expect(await endMarkedProcesses('NEXO_RUN_ID', 'no-such-run', 10)).toBe(0);
  });
});
