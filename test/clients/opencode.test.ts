import { describe, it } from 'vitest';

import { installedOpenCode } from './clients.ts';
import { type Edit, runCycle } from './cycle.ts';
import { runGated, type Shell } from './gated.ts';
import { createClientProject } from './scripted-run.ts';
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
    await runSubagent(createClientProject(installedOpenCode()), {
      shell,
      spawn: (prompt) => ({
        call: 'task',
        input: { description: 'Judge', prompt, subagent_type: 'architect' },
      }),
    });
  });
});
