import { checkSchema } from '../base/schema-faults.ts';
import { parseYaml } from '../base/yaml-source.ts';
import { type AgentConfig, AgentsFileSchema } from './agent-schema.ts';

/** Largest YAML file of a pack that is read, in bytes: many times a long prompt. */
export const MAX_YAML_BYTES = 1024 * 1024;

/** One agent of a file, and where in it. */
export interface PlacedAgent {
  readonly agent: AgentConfig;
  readonly line: number;
  /** Line of a value of this agent. */
  lineOf(path: readonly PropertyKey[]): number;
}

export interface FileProblem {
  readonly line: number;
  readonly message: string;
  readonly fix: string;
}

export type AgentFile =
  | { readonly ok: true; readonly agents: readonly PlacedAgent[] }
  | {
      readonly ok: false;
      /** False when it is no YAML at all, true when single values do not fit. */
      readonly readable: boolean;
      readonly problems: readonly FileProblem[];
    };

/** Reads an agent configuration: `agents: [...]`, strict at every level that Nexo knows. */
export function parseAgentFile(text: string): AgentFile {
  const parsed = parseYaml(text);
  if (!parsed.ok) {
    const { line, message, fix } = parsed;
    return { ok: false, readable: false, problems: [{ line, message, fix }] };
  }
  const { value, lineOf } = parsed.source;
  const checked = checkSchema(value, AgentsFileSchema);
  if (!checked.ok) {
    const problems = checked.faults.map(({ path, message, fix }) => ({ line: lineOf(path), message, fix }));
    return { ok: false, readable: true, problems };
  }
  const seen = new Set<string>();
  const problems: FileProblem[] = [];
  for (const [at, { id }] of checked.data.agents.entries()) {
    if (seen.has(id)) {
      const fix = 'Give each agent an id of its own.';
      problems.push({
        line: lineOf(['agents', at, 'id']),
        message: `agents.${at}.id ${id} is taken already`,
        fix,
      });
    }
    seen.add(id);
  }
  if (problems.length > 0) return { ok: false, readable: true, problems };
  const agents = checked.data.agents.map((agent, at) => ({
    agent,
    line: lineOf(['agents', at]),
    lineOf: (path: readonly PropertyKey[]) => lineOf(['agents', at, ...path]),
  }));
  return { ok: true, agents };
}
