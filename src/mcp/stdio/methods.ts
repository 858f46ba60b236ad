import { NexoError } from '../../errors.ts';
import { serverCapabilities, serverInfo } from '../identity.ts';
import { serverInstructions } from '../instructions.ts';
import { CallOrder } from '../order.ts';
import type { PromptPlace } from '../prompts.ts';
import {
  argumentsFault,
  FAULT,
  isRecord,
  LEGACY_VERSIONS,
  META,
  MODERN_VERSIONS,
  ProtocolFault,
} from '../protocol.ts';
import type { ToolWorld } from '../server-tool.ts';
import type { Toolbox } from '../toolbox.ts';
import { type Toolset, toolsMayChange } from '../toolsets.ts';
import type { ResourceChange, ResourceWatch } from '../watch.ts';
import { LATER, type Outcome } from './answers.ts';
import type { RequestId } from './id-finder.ts';
import type { Params } from './messages.ts';
import type { ProjectState } from './project-state.ts';
import type { Notification, Subscriptions } from './subscriptions.ts';

/** The part that is loaded after the handshake. */
export type Service = typeof import('../service.ts');

/** A request under way. */
export interface Call {
  readonly id: RequestId;
  readonly params: Params;
  isCancelled: boolean;
}

export interface MethodsContext {
  readonly project: ProjectState;
  readonly toolsets: readonly Toolset[];
  readonly world: ToolWorld;
  readonly subscriptions: Subscriptions;
  readonly loadService: () => Promise<Service>;
  readonly notify: (notification: Notification) => void;
  readonly onChange: (change: ResourceChange) => void;
  readonly onToolsChanged: () => void;
}

type Handler = (call: Call) => Outcome | Promise<Outcome>;

/** What each request does. The two eras share the subjects and differ in opening, pinging and subscribing. */
export class Methods {
  readonly #context: MethodsContext;
  readonly #order = new CallOrder();
  #client: string | undefined;
  #toolbox: Promise<Toolbox> | undefined;
  #watch: { readonly root: string; readonly watch: ResourceWatch } | undefined;

  readonly #shared: Readonly<Record<string, Handler>> = {
    'tools/list': () => this.#listTools(),
    'tools/call': (call) => this.#callTool(call),
    'prompts/list': async ({ params }) => {
      const service = await this.#context.loadService();
      return result(await service.listPrompts(this.#promptPlace(params)));
    },
    'prompts/get': async ({ params }) => {
      const service = await this.#context.loadService();
      const name = textParam(params, 'name');
      await this.#context.project.settled();
      return result({ ...(await service.getPrompt(this.#promptPlace(params), name, params.arguments)) });
    },
    'skills/list': async ({ params }) => {
      this.#assertOffersSkills('skills/list');
      const service = await this.#context.loadService();
      return result(await service.listSkillEntries(this.#context.world, params.cursor));
    },
    'skills/get': async ({ params }) => {
      this.#assertOffersSkills('skills/get');
      const uri = textParam(params, 'uri');
      const service = await this.#context.loadService();
      return result(await service.getSkillEntry(this.#context.world, uri));
    },
    'resources/templates/list': async () =>
      result({ resourceTemplates: (await this.#context.loadService()).RESOURCE_TEMPLATES }),
    'resources/read': (call) => this.#readResource(call),
  };

  readonly #legacy: Readonly<Record<string, Handler>> = {
    ...this.#shared,
    initialize: (call) => this.#initialize(call),
    ping: () => result({}),
    'tools/list': () => {
      // Clients of 2026-07-28 listen for changes, and would hear of each twice.
      this.#context.subscriptions.listedTools();
      return this.#listTools();
    },
    'resources/list': async (call) => {
      this.#context.subscriptions.listed();
      await this.#watchIfPossible();
      return this.#listResources(call);
    },
    'resources/subscribe': async ({ params }) => {
      const uri = textParam(params, 'uri');
      await this.#startWatching();
      this.#context.subscriptions.subscribe(uri);
      return result({});
    },
    'resources/unsubscribe': ({ params }) => {
      this.#context.subscriptions.unsubscribe(textParam(params, 'uri'));
      return result({});
    },
  };

  readonly #modern: Readonly<Record<string, Handler>> = {
    ...this.#shared,
    'server/discover': () => result({ supportedVersions: MODERN_VERSIONS, ...this.#introduction() }),
    'resources/list': (call) => this.#listResources(call),
    'subscriptions/listen': (call) => this.#listen(call),
  };

  constructor(context: MethodsContext) {
    this.#context = context;
  }

  find(method: string, isModern: boolean): Handler | undefined {
    const table = isModern ? this.#modern : this.#legacy;
    return Object.hasOwn(table, method) ? table[method] : undefined;
  }

  /** The project may be another one now: whoever hears of changes hears of those of the new one. */
  async followProject(): Promise<void> {
    if (this.#watch !== undefined) await this.#watchIfPossible();
  }

  close(): void {
    this.#watch?.watch.close();
    this.#watch = undefined;
  }

  /** Ends what tools have running. */
  async closeTools(): Promise<void> {
    await (await this.#toolbox)?.close();
  }

  #introduction(): Record<string, unknown> {
    return {
      capabilities: serverCapabilities(true, this.#context.toolsets),
      instructions: serverInstructions(this.#context.project.known(), this.#context.toolsets),
    };
  }

  #initialize({ params }: Call): Outcome {
    const requested = textParam(params, 'protocolVersion');
    const capabilities = params.capabilities;
    this.#client = clientName(params.clientInfo);
    this.#context.project.introduce(isRecord(capabilities) && isRecord(capabilities.roots));
    const protocolVersion = LEGACY_VERSIONS.find((version) => version === requested) ?? LEGACY_VERSIONS[0];
    return result({ protocolVersion, serverInfo: serverInfo(), ...this.#introduction() });
  }

  async #listTools(): Promise<Outcome> {
    const tools = await (await this.#openToolbox()).list();
    return {
      kind: 'result',
      result: { tools },
      ...(toolsMayChange(this.#context.toolsets) ? { freshMs: 0 } : {}),
    };
  }

  #promptPlace({ _meta: meta }: Params): PromptPlace {
    const { world, toolsets } = this.#context;
    const own = isRecord(meta) ? clientName(meta[META.clientInfo]) : undefined;
    return { world, toolsets, client: own ?? this.#client };
  }

  #assertOffersSkills(method: string): void {
    if (this.#context.toolsets.includes('home')) return;
    throw new ProtocolFault(FAULT.methodNotFound, `Method not found: ${method}`);
  }

  #openToolbox(): Promise<Toolbox> {
    this.#toolbox ??= this.#context
      .loadService()
      .then(
        (service) =>
          new service.Toolbox(this.#context.toolsets, this.#context.world, this.#context.onToolsChanged),
      );
    return this.#toolbox;
  }

  async #callTool(call: Call): Promise<Outcome> {
    const name = textParam(call.params, 'name');
    const fault = argumentsFault(call.params);
    if (fault !== undefined) throw fault;
    const { arguments: input = {} } = call.params;
    const tool = await (await this.#openToolbox()).find(name);
    const { project, world } = this.#context;
    return this.#order.run(tool.isReadOnly ? 'read' : 'change', async () => {
      await project.settled();
      if (call.isCancelled) return LATER; // nothing has been done yet, and now nothing will be
      return { kind: 'tool', answer: await tool.call(world, input) };
    });
  }

  async #listResources({ params }: Call): Promise<Outcome> {
    const { cursor } = params;
    if (cursor !== undefined && typeof cursor !== 'string') throw missing('cursor');
    const { listResources } = await this.#context.loadService();
    const { project } = this.#context;
    await project.settled();
    return result({
      ...listResources(project.root() === undefined ? undefined : await project.workspace(), cursor),
    });
  }

  async #readResource({ params }: Call): Promise<Outcome> {
    const uri = textParam(params, 'uri');
    const { isSkillUri, readResource, readSkillResource } = await this.#context.loadService();
    if (isSkillUri(uri) && this.#context.toolsets.includes('home'))
      return result({ contents: [await readSkillResource(this.#context.world, uri)] });
    return this.#order.run('read', async () =>
      result({ contents: [await readResource(await this.#context.project.workspace(), uri)] }),
    );
  }

  async #listen({ id, params }: Call): Promise<Outcome> {
    const { subscriptions, notify } = this.#context;
    const filter = subscriptions.listen(id, params.notifications);
    const isEmpty = Object.keys(filter).length === 0;
    try {
      if (!isEmpty) await this.#startWatching();
    } catch (error) {
      subscriptions.stopListening(id);
      throw error;
    }
    const stamp = { [META.subscriptionId]: id };
    notify({
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: filter, _meta: stamp },
    });
    return isEmpty ? result({ _meta: stamp }) : LATER;
  }

  async #watchIfPossible(): Promise<void> {
    await this.#startWatching().catch((error: unknown) => {
      if (!(error instanceof NexoError)) throw error; // without a project there is nothing to watch
    });
  }

  async #startWatching(): Promise<void> {
    const { ResourceWatch, documentUris } = await this.#context.loadService();
    const { root } = await this.#context.project.workspace();
    const previous = this.#watch;
    if (previous?.root === root) return;
    this.close();
    this.#watch = { root, watch: new ResourceWatch(root, this.#context.onChange) };
    if (previous !== undefined) this.#context.onChange({ updated: documentUris, listChanged: true });
  }
}

function result(value: Readonly<Record<string, unknown>>): Outcome {
  return { kind: 'result', result: value };
}

function clientName(info: unknown): string | undefined {
  return isRecord(info) && typeof info.name === 'string' ? info.name : undefined;
}

function textParam(params: Params, name: string): string {
  const value = params[name];
  if (typeof value !== 'string') throw missing(name);
  return value;
}

function missing(name: string): ProtocolFault {
  return new ProtocolFault(FAULT.invalidParams, `Invalid params: ${name} must be a string`);
}
