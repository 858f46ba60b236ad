import type { Effect, GateDecision, GateWorld, PathKind, ToolCall } from './contract.ts';
import { decideEffects } from './policy.ts';
import { describeToolUse } from './tools/describe.ts';

/**
 * Whether an agent may make this tool call, judged by what the call would do. Pure but for looking at the file system
 * through `world`. Fails closed: what cannot be read, and a fault of the gate itself, is a denial.
 */
export async function decideToolCall(call: ToolCall, world: GateWorld): Promise<GateDecision> {
  if (call.capabilities.size === 0) return { decision: 'allow' };
  try {
    const effects: Effect[] = [];
    await describeToolUse(call, call.tool, call.input, effects, 0);
    return decideEffects(effects, call, remembering(world));
  } catch (error) {
    // A fault here must not open the gate; its text says nothing that the caller did not send.
    const what = error instanceof Error ? error.name : 'fault';
    return {
      decision: 'deny',
      capability: 'any',
      rule: 'gate-failure',
      reason: `Refused for an agent with limits: the gate could not judge this call (${what}). Do it in a simpler way, or report it to Lead.`,
    };
  }
}

/** Looks at each path once: a decision is about one moment, and calls may name the same folders many times. */
function remembering(world: GateWorld): GateWorld {
  const kinds = new Map<string, PathKind>();
  return {
    kindOf(path) {
      let kind = kinds.get(path);
      if (kind === undefined) {
        kind = world.kindOf(path);
        kinds.set(path, kind);
      }
      return kind;
    },
    readLink: (path) => world.readLink(path),
  };
}
