import { homedir } from 'node:os';

import { loadAgentCapabilities } from '../../catalog/names.ts';
import { gateFiles } from '../../harness/handle-tool-use.ts';
import { decideToolCall } from '../../hooks/gate/decide-tool-call.ts';
import { diskWorld } from '../../hooks/gate/disk-world.ts';
import { resolveProjectRoot } from '../../workspace/root.ts';

/** Why the role may not make this call, in the words for a model; undefined when it may. */
export async function refusalOf({
  role,
  tool,
  input,
}: {
  readonly role: string;
  readonly tool: string;
  readonly input: unknown;
}): Promise<string | undefined> {
  const [env, cwd, home] = [process.env, process.cwd(), homedir()];
  const { path: root } = resolveProjectRoot({ env, cwd, home });
  const capabilities = await loadAgentCapabilities(role, { env, home, root });
  const decision = await decideToolCall(
    {
      ...{ harness: 'claude', tool, input, agent: role, capabilities, cwd, home },
      workspaceRoot: root,
      gateFiles: gateFiles({ env, home }, root),
    },
    diskWorld,
  );
  return decision.decision === 'deny' ? decision.reason : undefined;
}
