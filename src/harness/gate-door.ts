import type { EventOf } from '../hooks/events.ts';
import type { GateVerdict } from '../hooks/state.ts';
import { closedTools } from './capability-map.ts';
import type { HarnessEntry } from './registry.ts';

export interface GateQuestion {
  readonly event: EventOf<'pre-tool-use'>;
  readonly harness: HarnessEntry;
  readonly capabilities: ReadonlySet<string>;
  readonly root: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Asks the gate about a tool that an agent with capabilities is about to use. */
export async function judgeToolUse({ event, harness, capabilities }: GateQuestion): Promise<GateVerdict> {
  const { native, server } = closedTools(harness.name, [...capabilities]);
  const tool = event.use.tool.trim().toLowerCase();
  const isClosed =
    native.some((name) => name.toLowerCase() === tool) ||
    server.some((name) => tool === name || tool.endsWith(`_${name}`) || tool.endsWith(`.${name}`));
  const isUnjudged = event.use.kind === 'shell' && capabilities.has('no_file_edit');
  if (!isClosed && !isUnjudged) return { decision: 'allow' };
  const reason = `${event.agent?.name ?? 'This agent'} may not use ${event.use.tool}. Report to Lead what you need instead.`;
  return { decision: 'deny', rule: 'closed-tool', reason };
}
