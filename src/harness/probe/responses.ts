import { asRecord } from '../payload.ts';
import type { ModelReply, ModelRequest, OfferedTool } from './script.ts';
import { asRecords, contentText } from './wire.ts';

/** A request in the form of OpenAI's Responses, as Codex sends it. */
export function parseResponsesRequest(body: unknown): ModelRequest {
  const { instructions, input, tools } = asRecord(body);
  const items = asRecords(input);
  // The last item may be a notice that came in meanwhile.
  const result = items.findLast(({ type }) => typeof type === 'string' && type.endsWith('_call_output'));
  const people = items.filter(({ role }) => role === 'user').map(({ content }) => contentText(content));
  return {
    tools: offeredTools(tools),
    text: [instructions, ...items.map(({ content, output }) => contentText(content ?? output))]
      .filter((text) => typeof text === 'string')
      .join('\n'),
    // Codex opens a conversation with the user's instructions and surroundings, as messages of the user.
    opening: people.join('\n'),
    lastResult: result === undefined ? undefined : contentText(result.output),
  };
}

/** The answer as the events of a stream, each one JSON with its type in it. */
export function renderResponsesReply(reply: ModelReply, id: string): string[] {
  const item = toItem(reply, id);
  const response = { id: `resp_${id}`, object: 'response', status: 'in_progress', output: [] };
  const usage = {
    input_tokens: 1,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 1,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 2,
  };
  const events: object[] = [
    { type: 'response.created', response },
    { type: 'response.output_item.added', output_index: 0, item },
    ...(reply.kind === 'text'
      ? [{ type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: reply.text }]
      : []),
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: { ...response, status: 'completed', output: [item], usage } },
  ];
  return events.map((event) => JSON.stringify(event));
}

function toItem(reply: ModelReply, id: string): object {
  if (reply.kind === 'text') {
    const content = [{ type: 'output_text', text: reply.text, annotations: [] }];
    return { type: 'message', id: `msg_${id}`, role: 'assistant', status: 'completed', content };
  }
  const { name, namespace, isFreeform } = reply.tool;
  const place = namespace === undefined ? { name } : { name, namespace };
  if (isFreeform === true) {
    const input = typeof reply.input === 'string' ? reply.input : JSON.stringify(reply.input);
    return { type: 'custom_tool_call', id: `ctc_${id}`, call_id: `call_${id}`, ...place, input };
  }
  const args = JSON.stringify(reply.input);
  return { type: 'function_call', id: `fc_${id}`, call_id: `call_${id}`, ...place, arguments: args };
}

/** Functions, free-form tools, and the functions inside a namespace. Hosted tools are not the model's to call. */
function offeredTools(tools: unknown, namespace?: string): OfferedTool[] {
  return asRecords(tools).flatMap((tool) => {
    const { type, name } = tool;
    if (typeof name !== 'string') return [];
    if (type === 'namespace') return offeredTools(tool.tools, name);
    if (type !== 'function' && type !== 'custom') return [];
    return [{ name, ...(namespace === undefined ? {} : { namespace }), isFreeform: type === 'custom' }];
  });
}
