// An MCP server on stdio that misbehaves in the way its first argument names. Plain JavaScript with nothing but
// built-in modules, so that it starts fast and every byte of what it says is in sight.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const [way = 'honest', detail = ''] = process.argv.slice(2);
const root = process.env.NEXO_PROJECT_ROOT ?? process.cwd();
const tasksFile = join(root, '.nexus/state/tasks.json');

const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const schema = { type: 'object' };
const TOOLS = ['plan_start', 'task_add', 'task_list', 'task_close'].map((name) => ({
  name,
  inputSchema: schema,
}));

function readList() {
  try {
    return JSON.parse(readFileSync(tasksFile, 'utf8'));
  } catch {
    return { goal: '', decisions: [], tasks: [] };
  }
}

/** Reads, waits, writes: the way to lose updates, with a moment in which the file is empty. */
async function addCarelessly({ title, context }) {
  const list = readList();
  const id = Math.max(0, ...list.tasks.map((task) => task.id)) + 1;
  const task = { id, title, context, status: 'pending', deps: [], created_at: new Date().toISOString() };
  await delay(10);
  mkdirSync(join(root, '.nexus/state'), { recursive: true });
  writeFileSync(tasksFile, '');
  await delay(10);
  writeFileSync(tasksFile, JSON.stringify({ ...list, tasks: [...list.tasks, task] }));
  return { task };
}

const ways = {
  careless: (name, params) => (name === 'task_add' ? addCarelessly(params) : { closed: true }),
  'says done, does nothing': () => ({ task: { id: 1, title: 'nothing of the kind' } }),
  'writes nonsense': () => {
    mkdirSync(join(root, '.nexus/state'), { recursive: true });
    writeFileSync(tasksFile, '{"goal":"","decisions":[],"tasks":[{"id":0}]}');
    return { task: { id: 1 } };
  },
  'removes the plan': () => {
    rmSync(join(root, '.nexus/state/plan.json'), { force: true });
    return { task: { id: 1 } };
  },
  dies: () => {
    process.stderr.write('out of coal\n');
    process.exit(3);
  },
  hangs: () => {
    if (detail !== '') writeFileSync(detail, 'reached');
    return new Promise(() => {});
  },
  chatters: () => {
    process.stdout.write('debug: adding a task\n');
    return { task: { id: 1 } };
  },
  'two-faced': () => ({ task: { id: 1 } }),
};

async function call(id, { name, arguments: params }) {
  const value = await ways[way](name, params);
  const text = way === 'two-faced' ? '{"task":{"id":2}}' : JSON.stringify(value);
  const both = way === 'two-faced' ? { structuredContent: value } : {};
  say({ id, result: { content: [{ type: 'text', text }], ...both } });
}

if (way === 'ends at once') process.exit(0);
if (way === 'has a child') {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  writeFileSync(detail, String(child.pid));
}
if (way !== 'mute') {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method, params } = JSON.parse(line);
    if (method === 'initialize') {
      const serverInfo = { name: 'odd', version: '1' };
      say({
        id,
        result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo },
      });
    } else if (method === 'tools/list') say({ id, result: { tools: TOOLS } });
    else if (method === 'tools/call') void call(id, params);
  });
} else setInterval(() => {}, 1000);
