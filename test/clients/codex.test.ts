import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { codexInspector } from '../../src/harness/codex/inspect.ts';
import { trustHash, trustKey } from '../../src/harness/codex/trust.ts';
import type { DoctorPlace } from '../../src/harness/doctor/contract.ts';
import type { ModelRequest, Turn } from '../../src/harness/probe/script.ts';
import { runNexo } from '../support/run-nexo.ts';
import { installedCodex } from './clients.ts';
import { runCycle } from './cycle.ts';
import { runGated } from './gated.ts';
import {
  type ClientProject,
  codexHookEnds,
  createClientProject,
  resultHas,
  runScripted,
} from './scripted-run.ts';
import { runSubagent } from './subagent.ts';

const edit = (file: string, before: string, after: string): Turn => ({
  call: 'apply_patch',
  input: `*** Begin Patch\n*** Update File: ${file}\n@@\n-${before}\n+${after}\n*** End Patch\n`,
});
const shell = (cmd: string): Turn => ({ call: 'exec_command', input: { cmd } });

/** Waits for the subagent that the last call started. */
const waitFor = ({ lastResult = '' }: ModelRequest): Record<string, unknown> => ({
  targets: [String(JSON.parse(lastResult).agent_id)],
  timeout_ms: 60_000,
});

describe('Codex', () => {
  it('goes through a whole cycle in two sessions, with every answer of our hooks understood', async () => {
    const project = createClientProject(installedCodex());
    const sessions = await runCycle(project, edit);
    const [planning = [], working = []] = sessions.map(({ stderr }) => codexHookEnds(stderr));
    const call = ['PreToolUse Completed', 'PostToolUse Completed'];
    const start = ['SessionStart Completed', 'UserPromptSubmit Completed'];
    expect(planning).toEqual([...start, ...call, ...call, ...call]);
    expect(working).toEqual([...start, ...call, ...call, ...call, ...call]);
  });

  it('refuses what architect may not do', async () => {
    const project = createClientProject(installedCodex());
    const { stderr } = await runGated(project, edit, shell);
    const ends = codexHookEnds(stderr).filter((end) => end.startsWith('PreToolUse'));
    const blocked = Array.from({ length: 4 }, () => 'PreToolUse Blocked');
    expect(ends).toEqual([...blocked, 'PreToolUse Completed']);
  });

  it('tracks, informs and refuses a real subagent, and not Lead who started it', async () => {
    const project = createClientProject(installedCodex());
    const { stderr } = await runSubagent(project, {
      shell,
      spawn: (message) => ({ call: 'spawn_agent', input: { agent_type: 'architect', message } }),
      wait: waitFor,
    });
    expect(codexHookEnds(stderr)).toContain('SessionStart Completed');
    expect(codexHookEnds(stderr).filter((end) => /Failed|Stopped/.test(end))).toEqual([]);
  });

  it('stops a message that cannot be acted on, before the model sees it', async () => {
    const project = createClientProject(installedCodex());
    const { stderr, requests } = await runScripted(project, {
      prompt: 'BLOCKED [d] take the second',
      conversations: [{ marker: 'BLOCKED', turns: [] }],
    });
    expect(requests).toEqual([]);
    expect(codexHookEnds(stderr)).toEqual(['SessionStart Completed', 'UserPromptSubmit Blocked']);
  });

  it('finds the installation of one project', async () => {
    const project = createClientProject(installedCodex());
    project.write('kept.txt', 'as it was\n');
    await runScripted(project, {
      prompt: 'PROJECT change the file',
      scope: 'project',
      env: { NEXO_AGENT: 'architect' },
      conversations: [
        {
          marker: 'PROJECT',
          turns: [
            { call: 'nx_plan_status', input: {} },
            { expect: resultHas('"active":false'), ...edit('kept.txt', 'as it was', 'changed') },
            { expect: resultHas('Refused by no_file_edit'), say: 'Refused.' },
          ],
        },
      ],
    });
    expect(project.text('kept.txt')).toBe('as it was\n');
  });

  it('refuses tools that are called from the code of the model', async () => {
    const project = createClientProject(installedCodex({ codeMode: true }));
    project.write('kept.txt', 'as it was\n');
    const { input: patch } = edit('kept.txt', 'as it was', 'changed');
    const { stderr } = await runScripted(project, {
      prompt: 'CODE change the file',
      env: { NEXO_AGENT: 'architect' },
      conversations: [
        {
          marker: 'CODE',
          turns: [
            {
              call: 'exec',
              input: `const calls = {
  shell: () => tools.exec_command({ cmd: 'echo changed > kept.txt' }),
  patch: () => tools.apply_patch(${JSON.stringify(patch)}),
  task: () => tools.mcp__nexo__nx_task_add({ title: 'Not mine to add' }),
};
for (const [name, call] of Object.entries(calls)) {
  try { await call(); text(name + ' was done'); } catch (error) { text(name + ': ' + error); }
}`,
            },
            {
              expect: ({ lastResult = '' }) => {
                const rules = [...lastResult.matchAll(/^(\w+): .*Refused by (\w+)/gm)];
                const seen = rules.map(([, name, rule]) => `${name} ${rule}`).join(', ');
                const wanted = 'shell no_file_edit, patch no_file_edit, task no_task_create';
                return seen === wanted ? undefined : lastResult;
              },
              say: 'Refused.',
            },
          ],
        },
      ],
    });
    expect(project.text('kept.txt')).toBe('as it was\n');
    expect(project.has('.nexus/state/tasks.json')).toBe(false);
    const ends = codexHookEnds(stderr).filter((end) => end.startsWith('PreToolUse'));
    expect(ends).toEqual(Array.from({ length: 3 }, () => 'PreToolUse Blocked'));
  });

  it('lets a subagent without a gate write, whatever its agent file says: the loss report has to say so', async () => {
    const project = createClientProject(installedCodex());
    project.write('kept.txt', 'as it was\n');
    await runScripted(project, {
      prompt: 'LEAD ask the architect',
      trustHooks: false,
      conversations: [
        {
          marker: 'CHILD-TASK',
          turns: [
            { ...shell('echo changed > kept.txt') },
            { call: 'nx_task_add', input: { title: 'Not mine to add', context: 'None.' } },
            { expect: resultHas('Not mine to add'), say: 'Done.' },
          ],
        },
        {
          marker: 'LEAD',
          turns: [
            { call: 'spawn_agent', input: { agent_type: 'architect', message: 'CHILD-TASK' } },
            { call: 'wait_agent', input: waitFor },
            { say: 'Asked.' },
          ],
        },
      ],
    });
    expect(project.text('kept.txt')).toBe('changed\n');
    const { stdout } = await runNexo(
      ['harness', 'sync', '--harness', 'codex', '--target', project.home, '--dry-run'],
      {
        cwd: project.project,
        env: project.env,
      },
    );
    expect(stdout).toMatch(/capability:no_file_edit.*only the gate/);
    expect(stdout).toMatch(/capability:no_task_create.*only the gate/);
  });

  it('passes over hooks that nobody has trusted, without a word: the gate is open then', async () => {
    const project = createClientProject(installedCodex());
    project.write('kept.txt', 'as it was\n');
    const { stdout, stderr } = await runScripted(project, {
      prompt: 'SILENTLY change the file',
      env: { NEXO_AGENT: 'architect' },
      trustHooks: false,
      conversations: [
        {
          marker: 'SILENTLY',
          turns: [
            edit('kept.txt', 'as it was', 'changed'),
            { expect: resultHas('Success'), say: 'Changed.' },
          ],
        },
      ],
    });
    expect(project.text('kept.txt')).toBe('changed\n');
    expect(codexHookEnds(stderr)).toEqual([]);
    expect(`${stdout}${stderr}`).not.toMatch(/trust/i);
  });

  it('runs a hook exactly where nexo harness doctor finds it trusted', async () => {
    const project = createClientProject(installedCodex());
    const attempt = (meanwhile: () => void): Promise<{ stderr: string }> =>
      runScripted(project, {
        prompt: 'TRUSTED change the file',
        env: { NEXO_AGENT: 'architect' },
        trustHooks: false,
        meanwhile,
        conversations: [
          { marker: 'TRUSTED', turns: [edit('kept.txt', 'as it was', 'changed'), { say: 'Done.' }] },
        ],
      });
    const inspect = (): { ids: string[]; trust: string } => {
      const place = doctorPlace(project);
      const hooks = codexInspector.findHooks(place);
      return {
        ids: codexInspector.findUntrusted(place, hooks).map(({ id }) => id),
        trust: hooks
          .map(
            (hook) =>
              `[hooks.state.${JSON.stringify(trustKey(hook))}]\ntrusted_hash = "${trustHash(hook)}"\n`,
          )
          .join('\n'),
      };
    };
    const config = join(project.home, '.codex', 'config.toml');
    const hooksFile = join(project.home, '.codex', 'hooks.json');

    project.write('kept.txt', 'as it was\n');
    const trusted = await attempt(() => {
      expect(inspect().ids).toEqual(['hook-untrusted']);
      appendFileSync(config, `\n${inspect().trust}`);
      expect(inspect().ids).toEqual([]);
    });
    expect(codexHookEnds(trusted.stderr)).toContain('PreToolUse Blocked');
    expect(project.text('kept.txt')).toBe('as it was\n');

    const modified = await attempt(() => {
      appendFileSync(config, `\n${inspect().trust}`);
      const text = readFileSync(hooksFile, 'utf8');
      writeFileSync(hooksFile, text.replaceAll('"timeout": 10', '"timeout": 11'));
      expect(inspect().ids).toEqual(['hook-modified']);
    });
    expect(codexHookEnds(modified.stderr)).not.toContain('PreToolUse Blocked');
    expect(project.text('kept.txt')).toBe('changed\n');
  });
});

function doctorPlace({ home, project, env }: ClientProject): DoctorPlace {
  const stateFolder = join(home, '.nexo', 'state');
  return { scope: 'user', home, projectRoot: project, stateFolder, env, systemRoot: '/', platform: 'linux' };
}
