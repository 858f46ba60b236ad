import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ProbeClient } from './contract.ts';

/** OpenCode 1.18 without a person, every tool allowed, so that what is refused is refused by our plugin. */
export const openCodeClient: ProbeClient = {
  harness: 'opencode',
  configure: ({ home }, address) => {
    const folder = join(home, '.config', 'opencode');
    mkdirSync(folder, { recursive: true });
    const config = {
      $schema: 'https://opencode.ai/config.json',
      autoupdate: false,
      share: 'disabled',
      snapshot: false,
      model: 'scripted/scripted',
      small_model: 'scripted/scripted',
      enabled_providers: ['scripted'],
      permission: { edit: 'allow', bash: 'allow' },
      provider: {
        scripted: {
          npm: '@ai-sdk/openai-compatible',
          name: 'scripted',
          options: { baseURL: address, apiKey: 'none' },
          models: {
            scripted: { name: 'scripted', tool_call: true, limit: { context: 200_000, output: 8_000 } },
          },
        },
      },
    };
    writeFileSync(join(folder, 'opencode.json'), `${JSON.stringify(config, null, 2)}\n`);
  },
  // OpenCode takes its folder from PWD, not from the process's working directory.
  start: ({ project }, prompt) => ({
    args: ['run', '--dir', project, '-m', 'scripted/scripted', '--format', 'json', prompt],
    env: { PWD: project },
  }),
};
