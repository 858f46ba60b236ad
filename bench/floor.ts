// The least that could do the job: the answers of a handful of tools over standard input and output, without an SDK,
// schemas, locks or checks. It flushes what it writes, so the disk's share is in it. One process at a time.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

type Json = Record<string, unknown>;
interface Tasks {
  goal: string;
  decisions: string[];
  tasks: ({ id: number } & Json)[];
}
interface History {
  cycles: ({ plan: { id: number; topic: string } | null } & Json)[];
}

const nexus = join(process.env.NEXO_PROJECT_ROOT ?? process.cwd(), '.nexus');
const planFile = join(nexus, 'state', 'plan.json');
const tasksFile = join(nexus, 'state', 'tasks.json');
const historyFile = join(nexus, 'history.json');
let index: { stamp: string; texts: string[] } | undefined;

const tools: Record<string, (args: Json) => unknown> = {
  nx_plan_status: () => read(planFile, { active: false }),
  nx_plan_start({ topic, issues, research_summary }) {
    const { cycles } = read<History>(historyFile, { cycles: [] });
    const id = cycles.reduce((highest, cycle) => Math.max(highest, cycle.plan?.id ?? 0), 0) + 1;
    write(planFile, { id, topic, issues, research_summary });
    return { created: true, plan_id: id };
  },
  nx_task_add(args) {
    const file = read<Tasks>(tasksFile, { goal: '', decisions: [], tasks: [] });
    const id = file.tasks.reduce((highest, task) => Math.max(highest, task.id), 0) + 1;
    const task = { id, ...args, status: 'pending', deps: [], created_at: new Date().toISOString() };
    file.tasks.push(task);
    write(tasksFile, file);
    return { task };
  },
  nx_task_list: () => read(tasksFile, { exists: false }),
  nx_task_close() {
    const history = read<History>(historyFile, { cycles: [] });
    const plan = read<{ id: number; topic: string } | null>(planFile, null);
    const { tasks } = read<Pick<Tasks, 'tasks'>>(tasksFile, { tasks: [] });
    history.cycles.push({ completed_at: new Date().toISOString(), branch: 'main', plan, tasks });
    write(historyFile, history);
    for (const file of [planFile, tasksFile]) rmSync(file, { force: true });
    return { closed: true };
  },
  nx_history_search({ query }) {
    const { mtimeMs, ino, size } = statSync(historyFile);
    const stamp = `${mtimeMs} ${ino} ${size}`;
    if (index?.stamp !== stamp) {
      const { cycles } = read<History>(historyFile, { cycles: [] });
      index = { stamp, texts: cycles.map((cycle) => JSON.stringify(cycle).toLowerCase()) };
    }
    const hits = index.texts.filter((text) => text.includes(String(query).toLowerCase()));
    return { total: hits.length, cycles: hits.slice(-10).map((text): unknown => JSON.parse(text)) };
  },
};

function read<T>(file: string, absent: T): T {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T; // The bench wrote it a moment ago.
  } catch {
    return absent;
  }
}

function write(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(`${file}.tmp`, 'w');
  writeSync(descriptor, `${JSON.stringify(value, null, 2)}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(`${file}.tmp`, file);
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

function answer(
  method: string,
  params: { name?: string; arguments?: Json; protocolVersion?: string },
): unknown {
  if (method === 'initialize') {
    const serverInfo = { name: 'floor', version: '0' };
    return { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo };
  }
  if (method === 'tools/list')
    return { tools: Object.keys(tools).map((name) => ({ name, inputSchema: { type: 'object' } })) };
  return {
    content: [{ type: 'text', text: JSON.stringify(tools[params.name ?? '']?.(params.arguments ?? {})) }],
  };
}

let rest = '';
process.stdin.setEncoding('utf8').on('data', (chunk: string) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    const { id, method, params } = JSON.parse(line);
    if (id !== undefined)
      process.stdout.write(
        `${JSON.stringify({ jsonrpc: '2.0', id, result: answer(method, params ?? {}) })}\n`,
      );
  }
});
