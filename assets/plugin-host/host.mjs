// Loads one plugin module and calls its tools, in a process of its own. Nexo starts it and speaks to it on descriptor
// 3, in frames: four bytes of length, most significant first, then JSON. Standard output belongs to the plugin.
import { Socket } from 'node:net';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';

const [file = '', maxFrame = '8388608'] = process.argv.slice(2);
const MAX_BYTES = Number(maxFrame);
const channel = new Socket({ fd: 3, readable: true, writable: true });
/** Name → handler. */
const handlers = new Map();
/** Id of a call under way → its controller. */
const running = new Map();

process.title = `nexo-plugin ${basename(file)}`;
// Nexo is gone, or wants us gone.
channel.on('close', () => process.exit(0));
channel.on('error', () => process.exit(0));

let pending = Buffer.alloc(0);
channel.on('data', (chunk) => {
  pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
  while (pending.length >= 4) {
    const end = 4 + pending.readUInt32BE(0);
    if (pending.length < end) return;
    const message = JSON.parse(pending.toString('utf8', 4, end));
    pending = pending.subarray(end);
    if (message.kind === 'call') call(message);
    else if (message.kind === 'cancel') running.get(message.id)?.abort();
  }
});

try {
  send(await load());
} catch (error) {
  send({ kind: 'failed', message: messageOf(error), detail: String(error?.stack ?? '').slice(0, 4000) });
}

function send(message) {
  const body = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length, 0);
  channel.write(Buffer.concat([head, body]));
}

async function load() {
  const module = await import(pathToFileURL(file).href);
  const pick = (name) => module[name] ?? module.default?.[name];
  const listed = pick('tools') ?? pick('TOOLS') ?? [];
  if (!Array.isArray(listed)) throw new TypeError('tools has to be a list');
  const tools = listed.map((entry, index) => {
    const { handler, ...tool } = Array.isArray(entry) ? ofTriple(entry) : { ...entry };
    if (typeof handler !== 'function')
      throw new TypeError(`tool ${index + 1} (${String(tool.name)}) has no handler function`);
    if (handlers.has(tool.name)) throw new TypeError(`two tools are called ${String(tool.name)}`);
    handlers.set(tool.name, handler);
    return tool;
  });
  return { kind: 'ready', tools, plugin: pick('plugin') ?? pick('PLUGIN') ?? {} };
}

function ofTriple([handler, name, description]) {
  return { handler, name, description };
}

async function call({ id, tool, input }) {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const handler = handlers.get(tool);
    if (handler === undefined) throw new Error(`there is no tool ${tool} any more`);
    const value = (await handler(input, { signal: controller.signal })) ?? null;
    // Text alone is measured first: making JSON of it takes as much memory again.
    const isLong = typeof value === 'string' && value.length > MAX_BYTES;
    const text = isLong ? undefined : JSON.stringify({ kind: 'result', id, value });
    const bytes = text === undefined ? value.length : Buffer.byteLength(text);
    if (bytes > MAX_BYTES) send({ kind: 'too-large', id, bytes });
    else sendText(text);
  } catch (error) {
    send({ kind: 'error', id, message: messageOf(error) });
  } finally {
    running.delete(id);
  }
}

function sendText(text) {
  const body = Buffer.from(text);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length, 0);
  channel.write(head);
  channel.write(body);
}

function messageOf(error) {
  return String(error instanceof Error ? error.message || error.name : error).slice(0, 2000);
}
