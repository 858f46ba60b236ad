import { asRecord } from '../payload.ts';
import type { ModelReply, ModelRequest } from './script.ts';
import { asRecords, contentText } from './wire.ts';

/** A request in the form of OpenAI's chat completions, as OpenCode sends it. */
export function parseChatRequest(body: unknown): ModelRequest {
  const { messages, tools } = asRecord(body);
  const all = asRecords(messages).map(({ role, content }) => ({ role, text: contentText(content) }));
  return {
    tools: asRecords(tools).flatMap((tool) => {
      const { name } = asRecord(tool.function);
      return typeof name === 'string' ? [{ name }] : [];
    }),
    text: all.map(({ text }) => text).join('\n'),
    opening: all.find(({ role }) => role === 'user')?.text ?? '',
    lastResult: all.findLast(({ role }) => role === 'tool')?.text,
  };
}

/** The answer as the chunks of a stream, each one JSON; `[DONE]` ends it. */
export function renderChatReply(reply: ModelReply, id: string): string[] {
  const chunk = (delta: object, finish: string | null, more: object = {}): string =>
    JSON.stringify({
      id: `chatcmpl-${id}`,
      object: 'chat.completion.chunk',
      created: 0,
      model: 'scripted',
      choices: [{ index: 0, delta, finish_reason: finish }],
      ...more,
    });
  const usage = { usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } };
  if (reply.kind === 'text') {
    return [chunk({ role: 'assistant', content: reply.text }, null), chunk({}, 'stop', usage), '[DONE]'];
  }
  const call = {
    index: 0,
    id: `call_${id}`,
    type: 'function',
    function: { name: reply.tool.name, arguments: JSON.stringify(reply.input) },
  };
  return [
    chunk({ role: 'assistant', content: null, tool_calls: [call] }, null),
    chunk({}, 'tool_calls', usage),
    '[DONE]',
  ];
}
