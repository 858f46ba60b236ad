import { NexoError } from '../../errors.ts';
import { closedTools } from '../../harness/capability-map.ts';
import { shellLine } from '../../harness/hook-commands.ts';
import { SERVER_NAME } from '../../harness/rendering.ts';
import { decideToolCall } from '../../hooks/gate/decide-tool-call.ts';
import { diskWorld } from '../../hooks/gate/disk-world.ts';
import type { BackendName } from '../backends/contract.ts';
import { ownProgram } from '../own-program.ts';

export interface Restriction {
  readonly extraArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * What an agent may not do, in the words of the backend's own program: the tools it does not even get. The gate, which
 * its hooks ask before each call, holds as well and sees what tools alone do not show.
 */
export function restrictionsOf(
  backend: BackendName,
  capabilities: readonly string[],
  env: NodeJS.ProcessEnv,
): Restriction {
  const none: Restriction = { extraArgs: [], env: {} };
  if (capabilities.length === 0) return none;
  switch (backend) {
    case 'claude_code': {
      const { native, server } = closedTools('claude', capabilities);
      const tools = [
        ...native,
        ...server.flatMap((tool) => [
          `mcp__${SERVER_NAME}__${tool}`,
          `mcp__plugin_${SERVER_NAME}_${SERVER_NAME}__${tool}`,
        ]),
      ];
      return { ...none, extraArgs: ['--disallowedTools', tools.join(',')] };
    }
    case 'codex': {
      const { server } = closedTools('codex', capabilities);
      const [program, ...words] = ownProgram();
      const set = (key: string, value: unknown): string[] => ['-c', `${key}=${JSON.stringify(value)}`];
      // Whole, because a server of which only the closed tools are told is none to Codex.
      const mcp = `mcp_servers.${SERVER_NAME}`;
      return {
        ...none,
        extraArgs: [
          ...(capabilities.includes('no_file_edit') ? set('sandbox_mode', 'read-only') : []),
          ...(server.length === 0
            ? []
            : [
                ...set(`${mcp}.command`, program),
                ...set(`${mcp}.args`, [...words, 'mcp']),
                ...set(`${mcp}.disabled_tools`, server),
              ]),
        ],
      };
    }
    case 'opencode': {
      const { native, server } = closedTools('opencode', capabilities);
      const keys = native.map((tool) => (EDITS.has(tool) ? 'edit' : tool));
      const denied = Object.fromEntries(
        [...keys, ...server.map((tool) => `${SERVER_NAME}_${tool}`)].map((key) => [key, 'deny']),
      );
      return {
        ...none,
        env: { OPENCODE_CONFIG_CONTENT: withPermission(env.OPENCODE_CONFIG_CONTENT, denied) },
      };
    }
    default:
      // Neither has tools of its own: the scripted agent asks the gate itself, a command is judged as a whole.
      return none;
  }
}

const EDITS: ReadonlySet<string> = new Set(['edit', 'write', 'patch', 'multiedit']);

/** The operator's own configuration in that variable is kept, but for what is denied. */
function withPermission(own: string | undefined, denied: Readonly<Record<string, string>>): string {
  let config: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(own ?? '{}');
    if (typeof parsed === 'object' && parsed !== null) config = { ...parsed };
  } catch {
    // It is JSON with comments, or nothing: OpenCode has its files besides.
  }
  const permission = typeof config.permission === 'object' ? config.permission : {};
  return JSON.stringify({ ...config, permission: { ...permission, ...denied } });
}

/**
 * A configured command has no tools that could be taken away or asked about, so it is judged as a whole, as the shell
 * command that it is. Throws RUN_REFUSED when the role may not do that.
 */
export async function assertCommandAllowed(
  words: readonly string[],
  {
    role,
    capabilities,
    root,
    home,
    gateFiles,
  }: {
    readonly role: string;
    readonly capabilities: readonly string[];
    readonly root: string;
    readonly home: string;
    readonly gateFiles: readonly string[];
  },
): Promise<void> {
  const decision = await decideToolCall(
    {
      ...{ harness: 'claude', tool: 'Bash', input: { command: shellLine(words) }, agent: role },
      ...{ capabilities: new Set(capabilities), workspaceRoot: root, cwd: root, home, gateFiles },
    },
    diskWorld,
  );
  if (decision.decision === 'allow') return;
  throw new NexoError(
    'RUN_REFUSED',
    `The backend command cannot be held to what ${role} may not do (${decision.capability}), so ${role} does not run on it.`,
    {
      hint: 'Choose another backend: nexo plan execute --backend NAME',
      data: { role, capability: decision.capability },
    },
  );
}
