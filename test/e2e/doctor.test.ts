import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import type { CheckReport, DoctorReport } from '../../src/doctor/report.ts';
import { runNexo, temporaryFolder } from '../support/run-nexo.ts';

let home: string;
let cwd: string;
let env: Record<string, string>;

beforeEach(async () => {
  home = join(temporaryFolder('home'), '.nexo');
  cwd = temporaryFolder('project');
  env = { NEXO_HOME: home };
  await runNexo(['home', 'init'], { env });
});

async function doctor(
  ...flags: string[]
): Promise<{ code: number | null; stderr: string; report: DoctorReport }> {
  const { code, stdout, stderr } = await runNexo(['doctor', ...flags, '--json'], { env, cwd });
  return { code, stderr, report: JSON.parse(stdout) };
}

function find(report: DoctorReport, id: string): CheckReport {
  const found = report.checks.find((check) => check.id === id);
  if (found === undefined)
    throw new Error(`no check ${id} in ${report.checks.map((each) => each.id).join()}`);
  return found;
}

describe('nexo doctor', () => {
  it('finds a fresh home in order, tells its progress apart, and looks at every tier', async () => {
    const { code, stderr, report } = await doctor('--tier', 'all');
    expect(report.checks.filter(({ status }) => status !== 'healthy')).toEqual([]);
    expect(code).toBe(0);
    expect(stderr).toBe('nexo doctor: looking at everything…\n');
    expect(new Set(report.checks.map(({ tier }) => tier))).toEqual(new Set(['boot', 'runtime', 'deep']));
    expect(report.counts).toEqual({
      healthy: report.checks.length,
      degraded: 0,
      critical: 0,
      total: report.checks.length,
    });
  });

  it('ends with 1 and 2 as things get worse, and with 0 behind a fix', async () => {
    rmSync(join(home, 'logs'), { recursive: true });
    expect((await doctor()).code).toBe(1);
    rmSync(join(home, 'state', 'nexo.db'));
    const text = await runNexo(['doctor'], { env, cwd });
    expect(text.code).toBe(2);
    expect(text.stdout).toMatch(/^✗ Nexo is critical\n {2}\d+ healthy · 1 degraded · 1 critical/);
    const fixed = await runNexo(['doctor', '--fix'], { env, cwd });
    expect(fixed.code).toBe(0);
    expect(fixed.stdout).toMatch(/✓ boot.db_exists +\[FIXED\] /);
    expect(existsSync(join(home, 'logs'))).toBe(true);
    expect((await runNexo(['doctor', '--fix'], { env, cwd })).stdout).not.toContain('[FIXED]');
  });

  it('finds a workspace that is damaged in the project that it is asked in', async () => {
    mkdirSync(join(cwd, '.nexus', 'state'), { recursive: true });
    writeFileSync(join(cwd, '.nexus', 'state', 'tasks.json'), 'not json');
    const { code, report } = await doctor('--tier', 'runtime');
    expect(code).toBe(2);
    expect(find(report, 'runtime.workspace_state').evidence.join()).toContain('tasks.json');
    const { report: fixed } = await doctor('--tier', 'runtime', '--fix');
    expect(find(fixed, 'runtime.workspace_state')).toMatchObject({ status: 'healthy', fixed: true });
  });

  it('starts the MCP server as a client would', async () => {
    mkdirSync(join(cwd, '.nexus'));
    const { report } = await doctor('--tier', 'runtime', '--root', cwd);
    expect(find(report, 'runtime.mcp')).toMatchObject({ status: 'healthy' });
    expect(find(report, 'runtime.mcp').summary).toContain('answers');
  });

  it('finds a daemon that hangs', async () => {
    const started = await runNexo(['daemon', 'start', '--json'], { env });
    const { pid } = JSON.parse(started.stdout);
    try {
      expect(find((await doctor('--tier', 'runtime')).report, 'runtime.daemon')).toMatchObject({
        status: 'healthy',
      });
      process.kill(pid, 'SIGSTOP');
      const { code, report } = await doctor('--tier', 'runtime');
      expect(code).toBe(2);
      expect(find(report, 'runtime.daemon')).toMatchObject({
        status: 'critical',
        evidence: [`process ${pid}`],
      });
    } finally {
      process.kill(pid, 'SIGKILL');
    }
    // A dead one that nothing waits for is no trouble.
    expect(find((await doctor('--tier', 'runtime')).report, 'runtime.daemon')).toMatchObject({
      status: 'healthy',
    });
  });

  it.each([
    [['--tier', 'bootleg'], 2, 'orchestrator.invalid_tier'],
    [['--plane', 'cooperator'], 1, 'orchestrator.diagnostic_plane_mismatch'],
    [['--plane', 'moon'], 2, 'orchestrator.diagnostic_plane_invalid'],
  ])('answers %j with one check and runs nothing', async (flags, code, id) => {
    const { code: actual, report } = await doctor(...flags);
    expect(actual).toBe(code);
    expect(report.checks.map((check) => check.id)).toEqual([id]);
  });
});
