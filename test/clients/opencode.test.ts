import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { installedOpenCode } from './clients.ts';
import { type Edit, runCycle } from './cycle.ts';
import { runGated, type Shell } from './gated.ts';
import { createClientProject, isTold, resultHas, runScripted } from './scripted-run.ts';
import { runSubagent } from './subagent.ts';

const write: Edit = (file, _before, after) => ({
  call: 'write',
  input: { filePath: file, content: `${after}\n` },
});
const edit: Edit = (file, before, after) => ({
  call: 'edit',
  input: { filePath: file, oldString: before, newString: after },
});
const shell: Shell = (command) => ({ call: 'bash', input: { command, description: 'A command' } });

describe('OpenCode', () => {
  it('goes through a whole cycle in two sessions', async () => {
    await runCycle(createClientProject(installedOpenCode()), write);
  });

  it('refuses what architect may not do', async () => {
    await runGated(createClientProject(installedOpenCode()), edit, shell);
  });

  it('tracks, informs and refuses a real subagent, and not Lead who started it', async () => {
    const { requests } = await runSubagent(createClientProject(installedOpenCode()), {
      shell,
      spawn: (prompt) => ({
        call: 'task',
        input: { description: 'Judge', prompt, subagent_type: 'architect' },
      }),
    });
    // The permissions of the agent file hold by themselves: what is denied is not even offered.
    const child = requests.filter(({ opening }) => opening.includes('CHILD-TASK'));
    const offered = new Set(child.flatMap(({ tools }) => tools.map(({ name }) => name)));
    expect(['edit', 'write', 'task', 'nexo_nx_task_add'].filter((name) => offered.has(name))).toEqual([]);
    expect(offered.has('read')).toBe(true);
  });

  it('finds the installation of one project', async () => {
    const project = createClientProject(installedOpenCode());
    project.write('kept.txt', 'as it was\n');
    await runScripted(project, {
      prompt: 'PROJECT [d] change the file',
      scope: 'project',
      env: { NEXO_AGENT: 'architect' },
      conversations: [
        {
          marker: 'PROJECT',
          turns: [
            // OpenCode cannot stop a message; its model is told not to act on it.
            { expect: isTold('Do not act on the last message.'), call: 'nx_plan_status', input: {} },
            { expect: resultHas('"active":false'), ...edit('kept.txt', 'as it was', 'changed') },
            { expect: resultHas('Refused by no_file_edit'), say: 'Refused.' },
          ],
        },
      ],
    });
    expect(project.text('kept.txt')).toBe('as it was\n');
  });

  it('refuses an agent with a gate when the hook cannot be started', async () => {
    const project = createClientProject(installedOpenCode());
    project.write('kept.txt', 'as it was\n');
    const plugin = join(project.home, '.config/opencode/plugins/nexo.js');
    await runScripted(project, {
      prompt: 'BROKEN change the file',
      env: { NEXO_AGENT: 'architect' },
      meanwhile: () => {
        const text = readFileSync(plugin, 'utf8');
        writeFileSync(
          plugin,
          text.replace(/^const COMMAND = .*$/m, "const COMMAND = ['/nonexistent/node'];"),
        );
      },
      conversations: [
        {
          marker: 'BROKEN',
          turns: [
            edit('kept.txt', 'as it was', 'changed'),
            { expect: resultHas('The gate does not work'), say: 'Refused.' },
          ],
        },
      ],
    });
    expect(project.text('kept.txt')).toBe('as it was\n');
  });
});
