import { loadAgentCapabilities, loadNames } from '../catalog/names.ts';
import type { EventOf } from '../hooks/events.ts';
import { decideToolCall } from '../hooks/gate/decide-tool-call.ts';
import { diskWorld } from '../hooks/gate/disk-world.ts';
import type { GateVerdict } from '../hooks/state.ts';
import type { HarnessName } from './contract.ts';

export interface GateQuestion {
  readonly event: EventOf<'pre-tool-use'>;
  readonly harness: HarnessName;
  readonly capabilities: ReadonlySet<string>;
  readonly root: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** Files and folders that decide what the gate says, besides the harness's own. */
  readonly gateFiles: readonly string[];
}

/** Asks the gate about a tool that an agent with capabilities is about to use. */
export async function judgeToolUse(question: GateQuestion): Promise<GateVerdict> {
  const { event, harness, capabilities, root, home, gateFiles } = question;
  const knownAgents = await loadKnownAgents(question);
  return decideToolCall(
    {
      harness,
      tool: event.use.tool,
      input: event.use.input,
      agent: event.agent?.name ?? 'agent',
      capabilities,
      workspaceRoot: root,
      cwd: event.cwd,
      home,
      gateFiles,
      ...(knownAgents === undefined ? {} : { knownAgents }),
    },
    diskWorld,
  );
}

/** What the agents of the catalog may not do; asked only when a call may start one. */
async function loadKnownAgents({
  event,
  capabilities,
  env,
  home,
  root,
}: GateQuestion): Promise<ReadonlyMap<string, ReadonlySet<string>> | undefined> {
  if (capabilities.has('no_subagent_spawn') || !/agent|task/i.test(event.use.tool)) return undefined;
  const place = { env, home, root };
  const known = new Map<string, ReadonlySet<string>>();
  for (const id of (await loadNames(place)).agentIds) known.set(id, await loadAgentCapabilities(id, place));
  return known;
}
