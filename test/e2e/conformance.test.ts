import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { NEXO, runNexo, startProgram, temporaryFolder } from '../support/run-nexo.ts';

const SERVER = `"${process.execPath}" "${NEXO}" mcp`;
const EVENTS = `"${process.execPath}" "${NEXO}" conformance event`;

const good = {
  test_id: 'lists',
  description: 'Lists the tasks of an empty project',
  covers: { return_value: { task_list: ['exists'] } },
  action: { tool: 'task_list', params: {} },
  postcondition: { return_value: { '$.exists': false } },
};
const bad = { ...good, test_id: 'lists_wrongly', postcondition: { return_value: { '$.exists': true } } };
const event = {
  test_id: 'ends',
  description: 'A session that ends without an agent',
  covers: { state_schemas: { 'agent-tracker.schema.json': [] } },
  event: { type: 'session_end', params: { harness_id: 'tugboat' } },
  postcondition: { state_files: { '{STATE_ROOT}/{HARNESS_ID}/agent-tracker.json': null } },
};

function suite(...cases: readonly unknown[]): string {
  const folder = temporaryFolder('suite');
  mkdirSync(join(folder, 'tools'));
  writeFileSync(join(folder, 'tools', 'cases.json'), JSON.stringify(cases));
  return folder;
}

async function json(
  args: readonly string[],
): Promise<{ code: number | null; data: Record<string, unknown> }> {
  const { code, stdout } = await runNexo(['conformance', ...args, '--json']);
  return { code, data: JSON.parse(stdout) as Record<string, unknown> };
}

// The machine may be busy with other tests: these start hundreds of processes.
const LONG = { timeout: 180_000 };

describe('nexo conformance run', () => {
  it('passes our own suite in process', LONG, async () => {
    const { code, stdout } = await runNexo(['conformance', 'run']);
    expect(stdout).toMatch(/\n146 cases: 146 passed in [\d.]+ s\n$/);
    expect(code).toBe(0);
  });

  it(
    'passes the same suite through the built server, its events through the built command',
    LONG,
    async () => {
      const { code, data } = await json([
        'run',
        '--server',
        SERVER,
        '--tool-prefix',
        'nx_',
        '--events',
        EVENTS,
      ]);
      expect(data.cases).not.toContainEqual(expect.objectContaining({ status: 'fail' }));
      expect(data).toMatchObject({
        implementation: { kind: 'stdio', name: 'nexo' },
        totals: { cases: 146, passed: 146, failed: 0, skipped: 0 },
      });
      expect(code).toBe(0);
    },
  );

  it('skips events without --events, and only --strict minds', async () => {
    const args = ['run', '--fixtures', suite(good, event), '--server', SERVER, '--tool-prefix', 'nx_'];
    const lenient = await runNexo(['conformance', ...args]);
    expect(lenient.stdout).toMatch(
      /skipped 1 case: needs lifecycle events: --events "nexo conformance event"/,
    );
    expect(lenient.stdout).toMatch(/2 cases: 1 passed, 1 skipped/);
    expect(lenient.code).toBe(0);
    expect((await runNexo(['conformance', ...args, '--strict'])).code).toBe(1);
  });

  it('says what failed in text, JSON and JUnit, and ends with 1', async () => {
    const fixtures = suite(good, bad);
    const junit = join(temporaryFolder(), 'report.xml');
    const { code, stdout, stderr } = await runNexo([
      'conformance',
      'run',
      '--fixtures',
      fixtures,
      '--junit',
      junit,
    ]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('✗ lists_wrongly');
    expect(stdout).toMatch(/return \$\.exists\n\s+expected true\n\s+got {6}false/);
    expect(readFileSync(junit, 'utf8')).toMatch(
      /<testsuites name="conformance" tests="2" failures="1" skipped="0"/,
    );
    expect((await json(['run', '--fixtures', fixtures])).data).toMatchObject({
      totals: { cases: 2, passed: 1, failed: 1, skipped: 0 },
      cases: [
        { id: 'lists', status: 'pass' },
        { id: 'lists_wrongly', status: 'fail', failures: [{ what: 'return $.exists' }] },
      ],
    });
  });

  it('refuses fixtures that are none, by file and test, and ends with 2', async () => {
    const { code, data } = await json([
      'run',
      '--fixtures',
      suite({ ...good, covers: {} }, { ...bad, surprise: 1 }),
    ]);
    expect(code).toBe(2);
    expect(data).toMatchObject({
      error: {
        code: 'CONFORMANCE_FIXTURE_INVALID',
        message: expect.stringMatching(/tools\/cases\.json \(lists\): covers.*and 1 more/),
      },
    });
  });

  it('says what is wrong with a server that does not start', async () => {
    const { code, stdout, stderr } = await runNexo(['conformance', 'run', '--server', '/no/such/server']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/could not be started.*\[CONFORMANCE_SERVER_FAILED\]\n→ Check that this starts/);
  });

  it('leaves neither folders nor processes behind, not even when it is interrupted', async () => {
    const { TMPDIR: _, ...rest } = process.env;
    const tmp = temporaryFolder('tmp');
    const child = startProgram(
      process.execPath,
      [NEXO, 'conformance', 'run', '--server', SERVER, '--tool-prefix', 'nx_'],
      {
        env: { ...rest, TMPDIR: tmp },
      },
    );
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    await expect.poll(() => readdirSync(tmp).length, { timeout: 20_000 }).toBeGreaterThan(1);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(readdirSync(tmp)).toEqual([]);
    expect(serversIn(tmp)).toEqual([]);
  });
});

describe('nexo conformance coverage', () => {
  it('finds every leaf of every schema covered', async () => {
    const { code, stdout } = await runNexo(['conformance', 'coverage']);
    expect(stdout).toMatch(/\n61 of 61 leaves in 146 cases\n$/);
    expect(code).toBe(0);
  });

  it('ends with 1 where something is not, and with 2 where nothing can be checked', async () => {
    const gap = await json(['coverage', '--fixtures', suite(good)]);
    expect(gap).toMatchObject({ code: 1, data: { complete: false, leaves: { total: 61, covered: 0 } } });
    expect((await runNexo(['conformance', 'coverage', '--fixtures', suite('nonsense')])).code).toBe(2);
    expect((await runNexo(['conformance', 'coverage', '--schemas', temporaryFolder()])).code).toBe(2);
  });
});

describe('nexo conformance event', () => {
  it('applies what it reads', async () => {
    const root = temporaryFolder();
    const spawn = {
      type: 'agent_spawn',
      params: { agent_name: 'diver', agent_id: 'd' },
      harness_id: 'tugboat',
      root,
    };
    const { code, stdout } = await runNexo(['conformance', 'event'], { input: JSON.stringify(spawn) });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '✓ agent_spawn applied for tugboat\n' });
    expect(
      JSON.parse(readFileSync(join(root, '.nexus/state/tugboat/agent-tracker.json'), 'utf8')),
    ).toMatchObject([{ agent_id: 'd', agent_name: 'diver', harness_id: 'tugboat', status: 'running' }]);
  });

  it.each(['', '{', '[]', '{"type":"lunch","root":"/"}'])('refuses %j', async (input) => {
    const { code, stderr } = await runNexo(['conformance', 'event'], { input });
    expect(code).toBe(2);
    expect(stderr).toContain('[INPUT_INVALID]');
  });
});

describe('nexo conformance stress', () => {
  it('kills a hundred processes of eight writers, and nothing acknowledged is lost', LONG, async () => {
    const { code, data } = await json(['stress', '--kills', '100', '--ops', '25', '--seed', '20261121']);
    expect(data).toMatchObject({ violations: [], leftovers: [], cutShort: false, kills: 100, kept: null });
    expect(data.calls).toMatchObject({ planned: 200, made: 200 });
    expect(data.freshWriteMs).toEqual(expect.any(Number));
    expect(code).toBe(0);
  });

  it('fails with a server that loses, keeps the project and says how to do it again', async () => {
    const careless = new URL('../support/odd-server.mjs', import.meta.url).pathname;
    const args = [
      '--server',
      `"${process.execPath}" "${careless}" careless`,
      '--writers',
      '4',
      '--ops',
      '15',
      '--kills',
      '0',
    ];
    const { code, stdout } = await runNexo(['conformance', 'stress', ...args, '--seed', '5']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/4 writers, seed 5/);
    expect(stdout).toMatch(/✗ lost task "task 5\.\d+\.\d+" was acknowledged and is there 0 times/);
    const kept = /the project is kept in (\S+)/.exec(stdout)?.[1] ?? '';
    expect(existsSync(join(kept, '.nexus/state/tasks.json'))).toBe(true);
  });

  it('refuses more kills than calls', async () => {
    const { code, stderr } = await runNexo([
      'conformance',
      'stress',
      '--writers',
      '1',
      '--ops',
      '2',
      '--kills',
      '3',
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/3 kills do not fit into 1 × 2 calls/);
  });
});

it('no command leaves a project in the temporary folder', () => {
  // The one that was kept on purpose is the last test's.
  const kept = readdirSync(tmpdir()).filter((name) => name.startsWith('nexo-conformance-'));
  expect(kept.length).toBeLessThanOrEqual(1);
});

/** Process ids whose working folder lies below `folder`; empty where the system does not tell. */
function serversIn(folder: string): string[] {
  if (!existsSync('/proc/self/environ')) return [];
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`NEXO_PROJECT_ROOT=${folder}`);
    } catch {
      return false;
    }
  });
}
