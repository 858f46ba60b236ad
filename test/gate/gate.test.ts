import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ToolCall } from '../../src/hooks/gate/contract.ts';
import { decideToolCall } from '../../src/hooks/gate/decide-tool-call.ts';
import { diskWorld } from '../../src/hooks/gate/disk-world.ts';
import { createCall, createYard, loadSamples, type Sample, type Yard } from './corpus.ts';
import { fuzzGate } from './fuzz.ts';

let yard: Yard;
beforeAll(() => {
  yard = createYard();
});
afterAll(() => yard.dispose());

function bash(command: string, capabilities: readonly string[] = ['no_file_edit']): ToolCall {
  return createCall(yard, 'claude', capabilities, 'Bash', { command });
}

describe('the corpus', () => {
  it('has at least 400 attacks and 400 innocent calls, several of each to every harness', () => {
    const samples = loadSamples(yard);
    for (const want of ['deny', 'allow'] as const) {
      const some = samples.filter((sample) => sample.want === want);
      expect(some.length).toBeGreaterThan(400);
      for (const harness of ['claude', 'codex', 'opencode']) {
        expect(some.filter(({ call }) => call.harness === harness).length).toBeGreaterThan(50);
      }
    }
  });

  it('is judged without a single miss, in both directions', async () => {
    const wrong: string[] = [];
    for (const sample of loadSamples(yard)) {
      const decision = await decideToolCall(sample.call, diskWorld);
      if (decision.decision !== sample.want) wrong.push(`${sample.want} ${sample.rule}: ${sample.shown}`);
    }
    expect(wrong).toEqual([]);
  });

  it('gives every refusal a rule in kebab case and a reason that says what to do', async () => {
    const poor: Sample[] = [];
    for (const sample of loadSamples(yard).filter(({ want }) => want === 'deny')) {
      const decision = await decideToolCall(sample.call, diskWorld);
      if (decision.decision !== 'deny') continue;
      const [, advice] = /^.+?: .+\. ([A-Z].+\.)$/s.exec(decision.reason) ?? [];
      const isFine =
        /^[a-z]+(?:-[a-z]+)*$/.test(decision.rule) &&
        decision.rule !== 'gate-failure' &&
        advice !== undefined;
      if (!isFine || decision.reason.length > 400 || decision.reason.includes('\n')) poor.push(sample);
    }
    expect(poor).toEqual([]);
  });
});

describe('an agent without capabilities', () => {
  it('may do everything, whatever the input is', async () => {
    for (const sample of loadSamples(yard).filter(({ want }) => want === 'deny')) {
      const call = { ...sample.call, capabilities: new Set<string>() };
      expect(await decideToolCall(call, diskWorld)).toEqual({ decision: 'allow' });
    }
  });
});

describe('failing closed', () => {
  it('refuses a command over 256 KiB and judges one below', async () => {
    const long = await decideToolCall(bash(`ls ${'a'.repeat(256 * 1024)}`), diskWorld);
    expect(long).toMatchObject({ decision: 'deny', rule: 'too-long' });
    const short = await decideToolCall(bash(`cat <<'E'\n${'word '.repeat(2_000)}\nE\n`), diskWorld);
    expect(short).toEqual({ decision: 'allow' });
  });

  it('refuses when the file system cannot be asked', async () => {
    const broken = {
      kindOf: () => {
        throw new Error('no disk');
      },
      readLink: () => undefined,
    };
    const decision = await decideToolCall(bash('touch x', ['no_task_create']), broken);
    expect(decision).toMatchObject({ decision: 'deny', rule: 'gate-failure' });
  });

  it('refuses input whose properties throw', async () => {
    const input = Object.defineProperty({}, 'command', {
      get() {
        throw new TypeError('no');
      },
      enumerable: true,
    });
    const call = createCall(yard, 'claude', ['no_file_edit'], 'Bash', input);
    expect(await decideToolCall(call, diskWorld)).toMatchObject({ decision: 'deny', rule: 'gate-failure' });
  });

  it('gives up on links that lead in a circle', async () => {
    const circle = {
      kindOf: (path: string) => (path.endsWith('loop') ? 'link' : 'missing') as 'link' | 'missing',
      readLink: () => 'loop',
    };
    const decision = await decideToolCall(bash('echo x > loop', ['no_task_create']), circle);
    expect(decision).toMatchObject({ decision: 'deny', rule: 'unknown-target' });
  });
});

describe('the fuzzer', () => {
  it('finds no way to hide a write and no harmless structure that is refused', {
    timeout: 120_000,
  }, async () => {
    const cases = Number(process.env.GATE_FUZZ_CASES ?? 20_000);
    const { missed, overBlocked } = await fuzzGate(cases, Number(process.env.GATE_FUZZ_SEED ?? 20_261_121));
    expect({ missed, overBlocked }).toEqual({ missed: [], overBlocked: [] });
  });
});
