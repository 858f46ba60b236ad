import { describe, expect, it } from 'vitest';

import type { Turn } from '../../src/harness/probe/script.ts';
import { installedCodex } from './clients.ts';
import { runCycle } from './cycle.ts';
import { runGated } from './gated.ts';
import { codexHookEnds, createClientProject, resultHas, runScripted } from './scripted-run.ts';
import { runSubagent } from './subagent.ts';

const edit = (file: string, before: string, after: string): Turn => ({
  call: 'apply_patch',
  input: `*** Begin Patch\n*** Update File: ${file}\n@@\n-${before}\n+${after}\n*** End Patch\n`,
});
const shell = (cmd: string): Turn => ({ call: 'exec_command', input: { cmd } });

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
      wait: ({ lastResult = '' }) => ({
        targets: [String(JSON.parse(lastResult).agent_id)],
        timeout_ms: 60_000,
      }),
    });
    expect(codexHookEnds(stderr)).toContain('SessionStart Completed');
    expect(codexHookEnds(stderr).filter((end) => /Failed|Stopped/.test(end))).toEqual([]);
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
});
