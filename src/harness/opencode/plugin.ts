/**
 * The plugin file for OpenCode 1.18: plain JavaScript without imports of its own beyond Node's. It hands each call to
 * `nexo hook` and acts on the answer. Before a tool of a named subagent a hook that fails or hangs refuses the call.
 */
export function renderPlugin(command: readonly string[]): string {
  return PLUGIN.replace('__COMMAND__', () => JSON.stringify(command));
}

const PLUGIN = `// Written by nexo; changes are lost at the next sync.
import { spawn } from 'node:child_process';

const COMMAND = __COMMAND__;
const TIMEOUT_MS = 10_000;
/** Agents of OpenCode's own that talk to the person: they act as whoever the environment names, else as Lead. */
const PRIMARY = new Set([undefined, 'build', 'plan']);

export const Nexo = async ({ directory }) => {
  /** Session id to the agent that works in it. */
  const agents = new Map();
  /** Subagents that the task tool is about to start, and the sessions that they came to. */
  const starting = [];
  const children = new Set();
  let hasBegun = false;
  /** What every model call of a session is told until its next message. */
  const contexts = new Map();

  const run = (event, hook, agent, input, output) =>
    new Promise((resolve) => {
      const [program, ...args] = COMMAND;
      const child = spawn(program, [...args, 'hook', event, '--harness', 'opencode'], {
        cwd: directory,
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
      child.stdout.on('data', (chunk) => {
        stdout += chunk;
      });
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      child.stdin.on('error', () => {});
      child.on('error', (error) => {
        clearTimeout(timer);
        resolve({ failed: error.message });
      });
      child.on('close', (code) => {
        clearTimeout(timer);
        resolve(read(code, stdout, stderr));
      });
      child.stdin.end(JSON.stringify({ hook, agent, directory, input, output }));
    });

  const read = (code, stdout, stderr) => {
    if (code === 2) return { deny: stderr.trim() || 'Refused by nexo.' };
    if (code !== 0) return { failed: stderr.trim() || 'nexo hook ended with ' + code };
    try {
      return stdout.trim() === '' ? {} : JSON.parse(stdout);
    } catch {
      return { failed: 'nexo hook gave no JSON' };
    }
  };

  const isGated = (agent) => {
    const role = PRIMARY.has(agent) ? process.env.NEXO_AGENT : agent;
    return Boolean(role) && role !== 'lead';
  };
  const tell = (sessionID, text) => {
    if (text) contexts.set(sessionID, [...(contexts.get(sessionID) ?? []), text]);
  };

  return {
    event: async ({ event }) => {
      const info = event.properties?.info;
      if (info === undefined || info.parentID !== undefined) return;
      if (event.type === 'session.created') {
        hasBegun = true;
        await run('session-start', 'event', undefined, { event }, {});
      } else if (event.type === 'session.deleted') {
        await run('session-end', 'event', undefined, { event }, {});
      }
    },
    dispose: async () => {
      if (hasBegun) await run('session-end', 'dispose', undefined, {}, {});
    },
    'chat.message': async (input, output) => {
      const { sessionID, agent } = input;
      if (agent !== undefined) agents.set(sessionID, agent);
      // By the first message of its session, not by the event of its creation: nobody waits for events.
      const place = starting.indexOf(agent);
      if (place !== -1 && !children.has(sessionID)) {
        starting.splice(place, 1);
        children.add(sessionID);
        await run('subagent-spawn', 'chat.message', agent, input, {});
      }
      if (children.has(sessionID)) return;
      const answer = await run('user-message', 'chat.message', agent, input, output);
      contexts.delete(sessionID);
      tell(sessionID, answer.deny ? 'Do not act on the last message. ' + answer.deny : answer.context);
    },
    'experimental.chat.system.transform': async (input, output) => {
      // Not taken away here: the first call of a session may be the one that asks for its title.
      output.system.push(...(contexts.get(input.sessionID) ?? []));
    },
    'tool.execute.before': async (input, output) => {
      const agent = agents.get(input.sessionID);
      const answer = await run('pre-tool-use', 'tool.execute.before', agent, input, output);
      if (answer.deny) throw new Error(answer.deny);
      if (answer.failed && isGated(agent)) {
        throw new Error('The gate does not work (' + answer.failed + '). Stop and report this to Lead.');
      }
      if (input.tool === 'task' && typeof output.args?.subagent_type === 'string') {
        if (output.args.task_id === undefined) starting.push(output.args.subagent_type);
        else children.add(output.args.task_id);
        const spawned = await run('subagent-spawn', 'tool.execute.before', agent, input, output);
        if (spawned.context && typeof output.args.prompt === 'string') {
          output.args.prompt = spawned.context + '\\n\\n' + output.args.prompt;
        }
      }
    },
    'tool.execute.after': async (input, output) => {
      const agent = agents.get(input.sessionID);
      if (input.tool === 'task') {
        const answer = await run('subagent-complete', 'tool.execute.after', agent, input, output);
        if (answer.context) output.output += '\\n\\n' + answer.context;
        return;
      }
      await run('post-tool-use', 'tool.execute.after', agent, input, output);
    },
    'experimental.session.compacting': async (input, output) => {
      const answer = await run('context-compact', 'experimental.session.compacting', agents.get(input.sessionID), input, {});
      if (answer.context) output.context.push(answer.context);
    },
  };
};
`;
