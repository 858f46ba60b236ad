import { NexoError } from '../../errors.ts';
import type { Launch } from '../project.ts';
import { FAULT, MAX_MESSAGE_BYTES, META, ProtocolFault } from '../protocol.ts';
import { type Toolset, toolsMayChange } from '../toolsets.ts';
import type { ResourceChange } from '../watch.ts';
import { createWorld } from '../world.ts';
import { faultJson, outcomeJson } from './answers.ts';
import { RootsQuestions } from './client-roots.ts';
import type { RequestId } from './id-finder.ts';
import type { InputLine } from './line-reader.ts';
import { isModernRequest, type Message, type Params, parseMessage } from './messages.ts';
import { type Call, Methods, type Service } from './methods.ts';
import { ProjectState } from './project-state.ts';
import { type Notification, Subscriptions } from './subscriptions.ts';

export interface SessionOptions {
  readonly launch: Launch;
  readonly toolsets: readonly Toolset[];
  /** A line for the person who looks after the server. */
  readonly log: (line: string) => void;
  /** Sends one message, given as JSON text. */
  readonly send: (json: string | Buffer) => void;
  /** False while the client does not read what it was sent: notifications then wait for `sendWaiting`. */
  readonly canNotify: () => boolean;
  readonly loadService: () => Promise<Service>;
  /** Told when a request is done with, and when the client is asked something. */
  readonly onLoadChange?: () => void;
  /** Told of every failure that is a bug of ours. */
  readonly onBug: (error: unknown) => void;
  readonly rootsTimeoutMs?: number;
}

type Request = Extract<Message, { kind: 'request' }>;

/**
 * One client on standard input and output, from its first message to its last. Speaks the protocol itself rather than
 * through the SDK's server, which takes longer to load than a whole start may take and more memory than an idle server
 * may use; test/e2e/mcp-doors.test.ts holds both to the same answers. Each request is served by the revision that it
 * names, so a client may probe with `server/discover` and then open with `initialize`.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #calls = new Map<RequestId, Call>();
  readonly #running = new Set<Promise<void>>();
  readonly #subscriptions: Subscriptions;
  readonly #roots: RootsQuestions;
  readonly #project: ProjectState;
  readonly #methods: Methods;
  #toolsHaveChanged = false;
  #waiting: ResourceChange = { updated: [], listChanged: false };

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#subscriptions = new Subscriptions(toolsMayChange(options.toolsets));
    this.#roots = new RootsQuestions(options.send, options.rootsTimeoutMs);
    this.#project = new ProjectState(options.launch, () => {
      const asking = this.#roots.ask();
      options.onLoadChange?.();
      return asking;
    });
    this.#methods = new Methods({
      project: this.#project,
      toolsets: options.toolsets,
      world: createWorld(options.launch, () => this.#project.workspace(), options.log),
      subscriptions: this.#subscriptions,
      loadService: options.loadService,
      notify: (notification) => this.#notify(notification),
      onChange: (change) => this.#onChange(change),
      onToolsChanged: () => this.#onToolsChanged(),
    });
  }

  /** Requests whose answers are still being made. */
  get openCalls(): number {
    return this.#running.size;
  }

  /** True while the client has been asked for its folders and has not answered. */
  get isAsking(): boolean {
    return this.#roots.isAsking;
  }

  accept(line: InputLine): void {
    const message = line.kind === 'line' ? parseMessage(line.bytes) : tooLong(line.id);
    switch (message?.kind) {
      case 'request':
        this.#track(this.#onRequest(message));
        break;
      case 'notification':
        this.#onNotification(message.method, message.params);
        break;
      case 'response':
        if (!this.#roots.answer(message.id, message.result)) this.#onRootsChanged();
        break;
      case 'invalid':
        this.#options.send(faultJson(message.id, message.fault));
    }
  }

  /** Sends what waited for the client to read. */
  sendWaiting(): void {
    if (this.#toolsHaveChanged) {
      this.#toolsHaveChanged = false;
      this.#onToolsChanged();
    }
    const { updated, listChanged } = this.#waiting;
    if (updated.length === 0 && !listChanged) return;
    this.#waiting = { updated: [], listChanged: false };
    this.#onChange({ updated, listChanged });
  }

  /** The client sends nothing more: answers everything that it did send, then ends its subscriptions. */
  async finish(): Promise<void> {
    this.#roots.giveUp();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    for (const id of this.#subscriptions.stopAll()) this.#endListening(id);
    await this.#methods.closeTools();
    this.close();
  }

  /** Stops watching and waiting; what is being done ends by itself. */
  close(): void {
    this.#roots.giveUp();
    this.#methods.close();
  }

  #endListening(id: RequestId): void {
    const result = { _meta: { [META.subscriptionId]: id } };
    const context = { method: 'subscriptions/listen', isModern: true, workspace: this.#project.root() };
    this.#options.send(outcomeJson(id, { kind: 'result', result }, context));
  }

  #track(running: Promise<void>): void {
    this.#running.add(running);
    const done = () => {
      this.#running.delete(running);
      this.#options.onLoadChange?.();
    };
    running.then(done, (error: unknown) => {
      this.#options.onBug(error);
      done();
    });
  }

  async #onRequest({ id, method, params }: Request): Promise<void> {
    const call: Call = { id, params, isCancelled: false };
    try {
      const isModern = isModernRequest(params);
      const handle = this.#methods.find(method, isModern);
      if (handle === undefined) throw unknownMethod(method);
      this.#calls.set(id, call);
      const outcome = await handle(call);
      if (outcome.kind === 'later' || call.isCancelled) return;
      this.#options.send(outcomeJson(id, outcome, { method, isModern, workspace: this.#project.root() }));
    } catch (error) {
      const json = faultJson(id, error);
      if (!(error instanceof ProtocolFault || error instanceof NexoError)) this.#options.onBug(error);
      if (!call.isCancelled) this.#options.send(json);
    } finally {
      if (this.#calls.get(id) === call) this.#calls.delete(id);
    }
  }
  #onNotification(method: string, params: Params): void {
    switch (method) {
      case 'notifications/initialized':
        // Asked for early, so that the first call need not wait. Who needs the project hears of a failure.
        this.#track(this.#project.settled());
        break;
      case 'notifications/roots/list_changed':
        this.#onRootsChanged();
        break;
      case 'notifications/cancelled': {
        const id = params.requestId;
        if (typeof id === 'string' || typeof id === 'number') this.#cancel(id);
      }
    }
  }

  #cancel(id: RequestId): void {
    const call = this.#calls.get(id);
    if (call !== undefined) call.isCancelled = true;
    this.#subscriptions.stopListening(id);
  }

  #onRootsChanged(): void {
    this.#project.rootsChanged();
    this.#track(this.#methods.followProject());
  }

  #onToolsChanged(): void {
    if (!this.#options.canNotify()) {
      this.#toolsHaveChanged = true;
      return;
    }
    for (const notification of this.#subscriptions.toolsChangedNotifications()) this.#notify(notification);
  }

  #onChange(change: ResourceChange): void {
    if (this.#options.canNotify()) {
      for (const notification of this.#subscriptions.notificationsFor(change)) this.#notify(notification);
      return;
    }
    // Merged while the client does not read: what waits is at most one line for each resource.
    const updated = [...new Set([...this.#waiting.updated, ...change.updated])];
    this.#waiting = { updated, listChanged: this.#waiting.listChanged || change.listChanged };
  }

  #notify({ method, params }: Notification): void {
    this.#options.send(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }
}

function unknownMethod(method: string): ProtocolFault {
  return new ProtocolFault(FAULT.methodNotFound, `Method not found: ${method.slice(0, 80)}`);
}

function tooLong(id: RequestId | undefined): Message {
  const fault = new ProtocolFault(
    FAULT.invalidRequest,
    `Invalid request: a message has at most ${MAX_MESSAGE_BYTES} bytes. Send less at a time.`,
  );
  return { kind: 'invalid', id: id ?? null, fault };
}
