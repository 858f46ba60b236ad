/** A tool that a request offers to the model, under the words that call it. */
export interface OfferedTool {
  readonly name: string;
  /** Codex puts the tools of an MCP server under a namespace. */
  readonly namespace?: string;
  /** Codex's patch tool takes plain text instead of JSON. */
  readonly isFreeform?: boolean;
}

/** One request of a client, put into neutral words. */
export interface ModelRequest {
  readonly tools: readonly OfferedTool[];
  /** All text that the model is given, instructions first. */
  readonly text: string;
  /** The first words of the person in this conversation: they tell a subagent's from the main one. */
  readonly opening: string;
  /** What the last tool call came to; undefined when the request carries none. */
  readonly lastResult: string | undefined;
}

export type ModelReply =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly tool: OfferedTool; readonly input: Record<string, unknown> | string };

/** What the model does next, and what the request that asks for it has to show. */
export interface Turn {
  /** Looks at the request; says what is wrong with it, or undefined. */
  readonly expect?: (request: ModelRequest) => string | undefined;
  /** Text to end with, or a call of the tool whose wire name ends so. */
  readonly say?: string;
  readonly call?: string;
  readonly input?: Record<string, unknown> | string | ((request: ModelRequest) => Record<string, unknown>);
}

export interface Conversation {
  /** Text in the opening that makes a request this conversation's. The first that fits is taken. */
  readonly marker: string;
  readonly turns: readonly Turn[];
}

/**
 * A model that says what a script tells it to. Requests without tools are side requests (the title of a session) and
 * take no turn. Everything that was not as the script has it is kept in `faults`; nothing throws, because the client
 * under test is on the other end.
 */
export class ScriptedModel {
  readonly faults: string[] = [];
  readonly requests: ModelRequest[] = [];
  readonly #conversations: readonly Conversation[];
  readonly #served: number[];

  constructor(conversations: readonly Conversation[]) {
    this.#conversations = conversations;
    this.#served = conversations.map(() => 0);
  }

  answer(request: ModelRequest): ModelReply {
    if (request.tools.length === 0) return { kind: 'text', text: 'Scripted session' };
    this.requests.push(request);
    const index = this.#conversations.findIndex(({ marker }) => request.opening.includes(marker));
    const conversation = this.#conversations[index];
    if (conversation === undefined) return this.#fault(`no conversation opens with ${clip(request.opening)}`);
    const number = this.#served[index] ?? 0;
    const turn = conversation.turns[number];
    if (turn === undefined) return this.#fault(`${conversation.marker}: a request after the last turn`);
    this.#served[index] = number + 1;
    const place = `${conversation.marker}, turn ${number + 1}`;
    const fault = turn.expect?.(request);
    if (fault !== undefined) this.faults.push(`${place}: ${fault}`);
    if (turn.call === undefined) return { kind: 'text', text: turn.say ?? 'Done.' };
    const tool = findTool(request.tools, turn.call);
    if (tool === undefined) {
      const names = request.tools.map(({ name }) => name).join(', ');
      return this.#fault(`${place}: no tool ends in ${turn.call}; there are ${names}`);
    }
    const input = typeof turn.input === 'function' ? turn.input(request) : (turn.input ?? {});
    return { kind: 'call', tool, input };
  }

  /** Turns that no request came for, in words. */
  unserved(): string[] {
    return this.#conversations.flatMap(({ marker, turns }, index) => {
      const served = this.#served[index] ?? 0;
      return served === turns.length ? [] : [`${marker}: ${served} of ${turns.length} turns were asked for`];
    });
  }

  #fault(text: string): ModelReply {
    this.faults.push(text);
    return { kind: 'text', text: `The script has no answer: ${text}` };
  }
}

/** The tool with this name, or the only one whose name ends in it after a separator. */
export function findTool(tools: readonly OfferedTool[], name: string): OfferedTool | undefined {
  return (
    tools.find((tool) => tool.name === name) ??
    tools.find((tool) => tool.name.endsWith(`_${name}`) || tool.name.endsWith(`.${name}`))
  );
}

function clip(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
