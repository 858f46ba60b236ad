import * as z from 'zod';

import type { NexoError } from '../../errors.ts';
import type { JsonObject, LoadedPlugin, PluginConnection } from '../contract.ts';
import { parseLoaded } from '../parse-loaded.ts';
import { loadFailed, pluginError } from '../plugin-error.ts';
import { FrameReader, toFrame } from '../process/frames.ts';
import type { GuardedProcess } from '../process/guarded-process.ts';

/** What our hosts for modules send; the plugin itself can reach the descriptor too, so nothing of it is trusted. */
const Message = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), tools: z.array(z.unknown()), plugin: z.unknown() }),
  z.object({ kind: z.literal('failed'), message: z.string(), detail: z.string().optional() }),
  z.object({ kind: z.literal('result'), id: z.number(), value: z.unknown() }),
  z.object({ kind: z.literal('error'), id: z.number(), message: z.string(), memory: z.boolean().optional() }),
  z.object({ kind: z.literal('too-large'), id: z.number(), bytes: z.number() }),
]);

export interface FramedOptions {
  readonly file: string;
  readonly process: GuardedProcess;
  readonly maxResultBytes: number;
}

/** Room for what goes around a result, in bytes. */
const ENVELOPE_BYTES = 64 * 1024;

/** Speaks with one of our hosts for modules, on descriptor 3 of its process. */
export function connectFramed({ file, process, maxResultBytes }: FramedOptions): PluginConnection {
  const calls = new Map<number, PromiseWithResolvers<unknown>>();
  const loaded = Promise.withResolvers<LoadedPlugin>();
  let lastId = 0;

  const onMessage = (raw: unknown): void => {
    const parsed = Message.safeParse(raw);
    if (!parsed.success) {
      process.end('protocol', 'sent a message that no host of ours sends');
      return;
    }
    const message = parsed.data;
    if (message.kind === 'ready') {
      try {
        loaded.resolve(parseLoaded(file, message.tools, message.plugin));
      } catch (error) {
        loaded.reject(error);
      }
      return;
    }
    if (message.kind === 'failed') {
      loaded.reject(loadFailed(file, oneLine(message.message), { data: { detail: message.detail } }));
      return;
    }
    const call = calls.get(message.id);
    calls.delete(message.id);
    if (call === undefined) return; // given up on
    if (message.kind === 'result') call.resolve(message.value);
    else if (message.kind === 'too-large') call.reject(tooLarge(file, message.bytes, maxResultBytes));
    else {
      call.reject(pluginError('PLUGIN_TOOL_FAILED', file, oneLine(message.message)));
      if (message.memory === true) process.end('memory', oneLine(message.message));
    }
  };
  const reader = new FrameReader(maxResultBytes + ENVELOPE_BYTES, {
    onMessage,
    onFault: (what) => process.end('protocol', what),
  });
  process.output?.on('data', (chunk: Buffer) => reader.push(chunk));
  void process.ended.then(({ story }) => {
    const error = loadFailed(file, `it ${story}`);
    loaded.reject(error);
    for (const call of calls.values()) call.reject(error);
    calls.clear();
  });
  loaded.promise.catch(() => {}); // whoever waits for it hears of it

  return {
    loaded: loaded.promise,
    call: (tool: string, input: JsonObject, signal: AbortSignal) => {
      lastId += 1;
      const id = lastId;
      const call = Promise.withResolvers<unknown>();
      calls.set(id, call);
      signal.addEventListener('abort', () => {
        calls.delete(id);
        process.input?.write(toFrame({ kind: 'cancel', id }));
        call.reject(signal.reason);
      });
      process.input?.write(toFrame({ kind: 'call', id, tool, input }));
      return call.promise;
    },
  };
}

export function tooLarge(file: string, bytes: number, maxBytes: number): NexoError {
  const mib = (size: number): string => `${(size / 1024 / 1024).toFixed(1)} MiB`;
  return pluginError(
    'PLUGIN_RESULT_TOO_LARGE',
    file,
    `the answer has ${mib(bytes)}, and at most ${mib(maxBytes)} are taken`,
    { hint: 'Have the tool answer with less, or write a file and answer with its path.' },
  );
}

/** What comes from a plugin is at most one line in a message of ours. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 500).replace(/\.$/, '');
}
