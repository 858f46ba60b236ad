import { type ChildProcess, spawn } from 'node:child_process';
import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';

import { disownGroup, ownGroup, signalGroup } from '../../base/process-group.ts';
import { systemErrorCode } from '../../errors.ts';
import { entryProgram, PLUGIN_MANIFESTS, readPluginManifest } from '../contracts/plugin-contract.ts';
import { packError } from '../pack-error.ts';
import { parseRequirement } from '../requirement.ts';

/** A plugin under development that can be started. */
export interface RunnablePlugin {
  readonly id: string;
  readonly version: string;
  readonly manifest_path: string;
  readonly plugin_root: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What its manifest sets, and what it asks for. */
  readonly env: { readonly set: Readonly<Record<string, string>>; readonly wanted: readonly string[] };
}

/**
 * The plugin at `path`, a folder or its manifest. Throws PACK_NOT_INSTALLED, PACK_MANIFEST_INVALID, PACK_TOO_NEW or
 * PACK_CONTENT_MISMATCH, each with what to do.
 */
export function preparePluginRun(path: string, nexoVersion: string): RunnablePlugin {
  const root = pluginRoot(path);
  const manifest = readPluginManifest(root);
  const { id, version, entrypoint, min_nexo_version: wanted } = manifest;
  const requirement = parseRequirement(wanted);
  if (requirement.ok && !requirement.requirement.allows(nexoVersion))
    throw packError('MinNexoVersionMismatch', `${id} needs Nexo ${wanted}, and this is ${nexoVersion}.`);
  if (entrypoint === undefined) {
    throw packError('MissingEntrypoint', `${id} starts nothing: its manifest has no plugin.entrypoint.`, {
      hint: 'Add [plugin.entrypoint] with the command that starts it.',
    });
  }
  const file = PLUGIN_MANIFESTS.find((name) => isFile(join(root, name))) ?? PLUGIN_MANIFESTS[0];
  return {
    id,
    version,
    manifest_path: join(root, file),
    plugin_root: root,
    command: entryProgram(root, manifest) ?? entrypoint.command,
    args: entrypoint.args,
    env: { set: entrypoint.env, wanted: manifest.requires?.env ?? [] },
  };
}

function pluginRoot(path: string): string {
  let real: string;
  try {
    real = realpathSync(path);
  } catch (error) {
    throw packError('PathNotFound', `${path} is not there: ${systemErrorCode(error) ?? String(error)}.`, {
      hint: 'Name the folder of a plugin, or its plugin.toml.',
    });
  }
  const isFolder = statSync(real).isDirectory();
  const root = isFolder ? real : dirname(real);
  const names: readonly string[] = PLUGIN_MANIFESTS;
  if ((isFolder || names.includes(basename(real))) && names.some((name) => isFile(join(root, name))))
    return root;
  throw packError('NotAPluginPath', `${path} is no plugin: there is no ${PLUGIN_MANIFESTS[0]} in it.`, {
    hint: 'Name the folder of a plugin, or its plugin.toml.',
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

export interface PluginRunOptions {
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** The plugin's configuration; undefined when it is to get none. */
  readonly configuration?: unknown;
  readonly nexoVersion: string;
  readonly initTimeoutMs: number;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: PluginRunEvent) => void;
}

export type PluginRunEvent =
  | { readonly kind: 'ready' }
  /** A line of its standard error. */
  | { readonly kind: 'log'; readonly line: string }
  /** What it asked of a host, or what else came on standard output. */
  | { readonly kind: 'message' | 'stray'; readonly line: string };

/** From the request to shut down to the end of the whole group, in milliseconds. */
const SHUTDOWN_MS = 1000;
const MAX_LINE_CHARACTERS = 1024 * 1024;
const NOT_HERE = -32601;

const MessageSchema = z.looseObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
  result: z.unknown().optional(),
  error: z.looseObject({ message: z.string() }).optional(),
});
const GreetingSchema = z.looseObject({
  manifest: z.looseObject({ plugin: z.looseObject({ id: z.string() }) }),
});

/**
 * Starts a plugin as its host would, shakes hands, configures it, and stays until it ends or `signal` is aborted; then
 * it is asked to shut down, and its whole group is ended a second later. Answers with its exit code, null when it was
 * we who ended it. Throws PLUGIN_LOAD_FAILED when there is no proper answer to the handshake.
 */
export async function runPlugin(plugin: RunnablePlugin, options: PluginRunOptions): Promise<number | null> {
  const { signal, onEvent } = options;
  signal.throwIfAborted();
  const child = spawn(plugin.command, plugin.args, {
    cwd: plugin.plugin_root,
    env: { ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
  const { pid } = child;
  if (pid !== undefined) ownGroup(pid);
  child.stdin.on('error', () => {}); // its end is told by `ended`
  const ended = endOf(child, plugin);
  ended.catch(() => {}); // whoever waits for it is told
  const send = (message: object): void => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  };
  try {
    const greeting = greetingOf(child, plugin, { onEvent, send });
    send({ id: 1, method: 'initialize', params: { nexo_version: options.nexoVersion } });
    await Promise.race([
      greeting,
      ended.then((code) => {
        throw refused(plugin, `ended with exit code ${code} before it answered`);
      }),
      late(options.initTimeoutMs, plugin, signal),
    ]);
    if (signal.aborted) return null;
    if (options.configuration !== undefined)
      send({ id: 2, method: 'plugin.configure', params: { value: options.configuration } });
    onEvent({ kind: 'ready' });
    return await Promise.race([ended, aborted(signal)]);
  } finally {
    if (child.exitCode === null && child.signalCode === null && pid !== undefined) {
      send({ id: 3, method: 'shutdown', params: { reason: signal.aborted ? 'stopped' : 'refused' } });
      child.stdin.end();
      const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), SHUTDOWN_MS);
      await ended.catch(() => undefined);
      clearTimeout(timer);
    }
    if (pid !== undefined) {
      // What it started goes with it.
      signalGroup(pid, 'SIGKILL');
      disownGroup(pid);
    }
  }
}

function endOf(child: ChildProcess, plugin: RunnablePlugin): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(refused(plugin, `cannot be started: ${error.message}`)));
    child.once('exit', (code) => resolve(code));
  });
}

/** Resolves with the proper answer to the handshake; whatever else the plugin says is handed on. */
function greetingOf(
  child: ChildProcess,
  plugin: RunnablePlugin,
  { onEvent, send }: { onEvent: PluginRunOptions['onEvent']; send: (message: object) => void },
): Promise<void> {
  return new Promise((resolve, reject) => {
    eachLine(child.stderr, (line) => onEvent({ kind: 'log', line }));
    eachLine(child.stdout, (line) => {
      const message = parseMessage(line);
      if (message === undefined) {
        onEvent({ kind: 'stray', line });
      } else if (message.method !== undefined) {
        onEvent({ kind: 'message', line });
        if (message.id !== undefined)
          send({
            id: message.id,
            error: { code: NOT_HERE, message: `${message.method} is not served here` },
          });
      } else if (message.id === 1) {
        const fault = greetingFault(message, plugin.id);
        if (fault === undefined) resolve();
        else reject(refused(plugin, fault));
      } else if (message.error !== undefined) {
        onEvent({ kind: 'message', line });
      }
    });
  });
}

function greetingFault({ error, result }: z.infer<typeof MessageSchema>, id: string): string | undefined {
  if (error !== undefined) return `refused the handshake: ${error.message}`;
  const greeting = GreetingSchema.safeParse(result);
  if (!greeting.success) return 'answered the handshake without its manifest';
  const named = greeting.data.manifest.plugin.id;
  return named === id ? undefined : `says that it is ${JSON.stringify(named)}`;
}

function parseMessage(line: string): z.infer<typeof MessageSchema> | undefined {
  try {
    return MessageSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Hands on whole lines; one that has no end is cut where it becomes too long. */
function eachLine(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  let held = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (text: string) => {
    const lines = (held + text).split('\n');
    held = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onLine(line);
    if (held.length > MAX_LINE_CHARACTERS) {
      onLine(held);
      held = '';
    }
  });
  stream?.on('end', () => {
    if (held.trim() !== '') onLine(held);
  });
}

function late(ms: number, plugin: RunnablePlugin, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(refused(plugin, `did not answer within ${ms / 1000} s`)), ms);
    timer.unref();
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}

function refused({ id, command }: RunnablePlugin, what: string): Error {
  return packError('InitFailed', `The plugin ${id} ${what}.`, {
    hint: `It is started as ${command}, and answers initialize on standard output with its manifest.`,
  });
}
