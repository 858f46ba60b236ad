// Speaks the stream of one kind of agent program, in the shapes that were recorded from the real ones:
//   node fake-agent.mjs claude|codex|opencode|command ARGS…
// What it does is in the prompt, which it takes from standard input. What it was given lies in seen.json afterwards.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const [kind, ...args] = process.argv.slice(2);
if (args.includes('--help')) {
  process.stdout.write('  --effort <level>   Effort level for the session (low, medium, high, xhigh, max)\n');
  process.exit(0);
}
if (args[0] === 'debug') {
  const levels = ['low', 'medium', 'high'].map((effort) => ({ effort, description: effort }));
  process.stdout.write(JSON.stringify({ models: [{ slug: 'gpt-5.4', supported_reasoning_levels: levels }] }));
  process.exit(0);
}
if (args[0] === 'models') {
  process.stdout.write(
    'scripted/one\n{\n  "id": "one",\n  "variants": {\n    "low": {},\n    "high": {}\n  }\n}\n',
  );
  process.exit(0);
}

const prompt = readFileSync(0, 'utf8');
writeFileSync('seen.json', JSON.stringify({ args, env: process.env, prompt }));
const print = (value) =>
  process.stdout.write(typeof value === 'string' ? `${value}\n` : `${JSON.stringify(value)}\n`);
const after = (flag) => args[args.indexOf(flag) + 1];
const resumed = {
  claude: args.includes('--resume') ? after('--resume') : undefined,
  codex: args.includes('resume') ? args.at(-2) : undefined,
  opencode: args.includes('-s') ? after('-s') : undefined,
  command: args.find((arg) => arg.startsWith('--session='))?.slice('--session='.length),
}[kind];
const session = resumed ?? 'session-1';

const speak = {
  claude: {
    start: () =>
      print({ type: 'system', subtype: 'init', session_id: session, model: 'claude-real', tools: [] }),
    tool: () => {
      print({
        type: 'assistant',
        message: {
          id: 'm0',
          content: [{ type: 'tool_use', id: 't', name: 'Bash', input: {} }],
          usage: { input_tokens: 1, output_tokens: 1 },
        },
      });
      print({
        type: 'user',
        message: { content: [{ type: 'tool_result', tool_use_id: 't', content: 'ok' }] },
      });
    },
    answer: (text) => {
      const usage = {
        input_tokens: 10,
        cache_read_input_tokens: 5,
        cache_creation_input_tokens: 0,
        output_tokens: 7,
      };
      print({ type: 'assistant', message: { id: 'm1', content: [{ type: 'text', text }], usage } });
      print({
        type: 'result',
        subtype: 'success',
        is_error: false,
        result: text,
        session_id: session,
        num_turns: 1,
        total_cost_usd: 0.25,
        usage,
      });
    },
    fail: (message) =>
      print({
        type: 'result',
        subtype: 'error_during_execution',
        is_error: true,
        result: message,
        session_id: session,
      }),
  },
  codex: {
    start: () => {
      print({ type: 'thread.started', thread_id: session });
      print({ type: 'turn.started' });
    },
    tool: () =>
      print({
        type: 'item.completed',
        item: { id: 'i0', type: 'command_execution', command: 'ls', status: 'completed', exit_code: 0 },
      }),
    answer: (text) => {
      print({ type: 'item.completed', item: { id: 'i1', type: 'agent_message', text } });
      print({
        type: 'turn.completed',
        usage: { input_tokens: 15, cached_input_tokens: 5, output_tokens: 7, reasoning_output_tokens: 0 },
      });
    },
    fail: (message) => print({ type: 'turn.failed', error: { message } }),
  },
  opencode: {
    start: () => print({ type: 'step_start', timestamp: 1, sessionID: session, part: {} }),
    tool: () =>
      print({
        type: 'tool_use',
        sessionID: session,
        part: { tool: 'bash', callID: 'c', state: { status: 'completed' } },
      }),
    answer: (text) => {
      print({ type: 'text', sessionID: session, part: { text } });
      print({
        type: 'step_finish',
        sessionID: session,
        part: {
          reason: 'stop',
          cost: 0.25,
          tokens: { input: 10, output: 7, reasoning: 0, cache: { read: 5, write: 0 } },
        },
      });
    },
    fail: (message) =>
      print({ type: 'error', sessionID: session, error: { name: 'APIError', data: { message } } }),
  },
  command: {
    start: () => print({ kind: 'session', sessionId: session }),
    tool: () => print({ kind: 'tool', name: 'ls', status: 'done' }),
    answer: (text) => {
      print(text);
      print({ kind: 'turn' });
      print({ kind: 'usage', inputTokens: 15, cachedInputTokens: 5, outputTokens: 7, costUsd: 0.25 });
    },
    fail: (message) => print({ kind: 'failure', message, transient: /overloaded/.test(message) }),
  },
}[kind];

speak.start();
if (kind !== 'command') {
  print('not a line of ours');
  print('{"type":"something.new","deep":{"er":1}}');
}
if (prompt.includes('USE-TOOL')) speak.tool();
if (prompt.includes('LEAVE-CHILD')) {
  // In a session of its own: no signal to our group reaches it.
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    detached: true,
    stdio: 'ignore',
  });
  child.unref();
  writeFileSync('child.pid', String(child.pid));
}
if (prompt.includes('OVERLOADED-ONCE') && !existsSync('overloaded')) {
  writeFileSync('overloaded', '');
  speak.fail('529 overloaded');
  process.exit(1);
}
if (prompt.includes('FAIL-NOW')) {
  speak.fail('nothing works today');
  process.exit(7);
}
if (prompt.includes('HANG-NOW')) {
  if (prompt.includes('DEAF')) for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => {});
  writeFileSync('hangs', '');
  setInterval(() => {}, 1000);
} else if (prompt.includes('FLOOD-NOW')) {
  for (let at = 0; at < 3000; at += 1) speak.answer('x'.repeat(1000));
} else if (prompt.includes('LEAK-NOW')) {
  speak.answer(`${prompt} and ${process.env.LEAKY_TOKEN}`);
} else {
  speak.answer('All done.');
}
