import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ProbeClient } from './contract.ts';

export interface CodexOptions {
  /** The model writes JavaScript that calls the tools, as most of Codex's models do by now. */
  readonly codeMode: boolean;
}

/**
 * Codex 0.169 without a person. The sandbox is off on purpose: what is refused in a run is refused by a hook, and
 * by nothing else.
 */
export const createCodexClient = ({ codeMode }: CodexOptions): ProbeClient => ({
  harness: 'codex',
  configure: ({ home, project }, address) => {
    const folder = join(home, '.codex');
    mkdirSync(folder, { recursive: true });
    const catalog = join(folder, 'models.json');
    const model = codeMode ? { ...MODEL, tool_mode: 'code_mode_only', multi_agent_version: 'v2' } : MODEL;
    writeFileSync(catalog, `${JSON.stringify({ models: [model] }, null, 2)}\n`);
    writeFileSync(join(folder, 'config.toml'), codexConfig(project, address, catalog));
  },
  start: ({ project }, prompt, { trustHooks }) => ({
    args: [
      'exec',
      '--skip-git-repo-check',
      ...(trustHooks ? ['--dangerously-bypass-hook-trust'] : []),
      '-C',
      project,
      prompt,
    ],
    env: { PWD: project },
  }),
});

/** A model of our own, so that the tools it is offered do not change with Codex's list of models. */
const MODEL = {
  slug: 'scripted',
  display_name: 'Scripted',
  supported_reasoning_levels: [],
  shell_type: 'unified_exec',
  visibility: 'list',
  supported_in_api: true,
  priority: 1,
  base_instructions: 'You follow a script.',
  support_verbosity: false,
  supports_reasoning_summaries: false,
  default_reasoning_summary: 'none',
  supports_parallel_tool_calls: false,
  apply_patch_tool_type: 'freeform',
  multi_agent_version: 'v1',
  truncation_policy: { mode: 'tokens', limit: 10_000 },
  context_window: 200_000,
  experimental_supported_tools: [],
};

function codexConfig(project: string, address: string, catalog: string): string {
  return `model = "scripted"
model_catalog_json = ${JSON.stringify(catalog)}
model_provider = "scripted"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false

[model_providers.scripted]
name = "scripted"
base_url = ${JSON.stringify(address)}
wire_api = "responses"
requires_openai_auth = false
request_max_retries = 1
stream_max_retries = 1
stream_idle_timeout_ms = 20000

[analytics]
enabled = false

[projects.${JSON.stringify(project)}]
trust_level = "trusted"
`;
}
